import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { connect, runtimeArnOf } from './clients';
import { KnownSessions, SessionPlace } from './known/sessions';
import { connectionOptions, sessionOption } from './options';
import { write } from './output';
import { AgentSession } from '../client/api/agent-session';
import { check } from '../client/compose-run';
import { validateSessionId } from '../service/session-id';

interface SessionOptions {
  readonly runtime?: string;
  readonly session?: string;
  readonly qualifier: string;
  readonly endpoint?: string;
  readonly region?: string;
}

export function invokeProgram(): Command {
  return connectionOptions(new Command('invoke'))
    .description('send a request to the agent and print what it answers, as it comes')
    .argument('[payload]', 'the body of the request; read from standard input if it is - or absent', '-')
    .addOption(sessionOption('the session to use'))
    .option('--content-type <type>', 'the type of the payload', 'application/json')
    .addHelpText('after', `
Examples:
  $ cdk-agentcore invoke --session "$SESSION" '{"prompt":"write a test for slugify"}'
  $ cdk-agentcore invoke --stack CodingAgent < task.json`)
    .action(async (payload: string, options: SessionOptions & { readonly contentType: string }) => {
      const session = await sessionOf(options);
      const body = payload === '-' ? readFileSync(0) : Buffer.from(payload);
      for await (const bytes of session.invokeBytes(body, { contentType: options.contentType })) await write(process.stdout, bytes);
      await write(process.stdout, '\n');
      new KnownSessions().used(placeOf(session, options));
    });
}

export function stopProgram(): Command {
  return connectionOptions(new Command('stop'))
    .description('stop a session; its session storage stays')
    .addOption(sessionOption('the session to stop').makeOptionMandatory())
    .addHelpText('after', `
Examples:
  $ cdk-agentcore stop --session "$SESSION"`)
    .action(async (options: SessionOptions) => {
      const session = await sessionOf(options);
      const { sessionId } = session;
      const stopped = await session.stop();
      new KnownSessions().stopped(placeOf(session, options));
      await write(process.stdout, stopped ? `stopped session ${sessionId}\n` : `session ${sessionId} was not running\n`);
    });
}

function placeOf({ runtimeArn, qualifier, sessionId }: AgentSession, { endpoint }: SessionOptions): SessionPlace {
  return { runtimeArn, qualifier, sessionId, endpoint };
}

/** The session that is meant; a new one where none is named. */
async function sessionOf(options: SessionOptions): Promise<AgentSession> {
  const { session: sessionId, qualifier, endpoint } = options;
  check(sessionId === undefined ? [] : validateSessionId(sessionId));
  const { control } = connect(options);
  const runtimeArn = await runtimeArnOf(control, options);
  return AgentSession.of({ runtimeArn, sessionId, qualifier, endpoint, region: await control.config.region() });
}
