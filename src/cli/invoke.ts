import { readFileSync } from 'node:fs';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { Command } from 'commander';
import { connect, runtimeArnOf } from './clients';
import { connectionOptions, sessionOption } from './options';
import { write } from './output';
import { UserError } from './user-error';
import { stopSession } from '../client/stop-session';
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
    .action(async (payload: string, options: SessionOptions & { readonly contentType: string }) => {
      const { control, data } = connect(options);
      const answer = await data.send(new InvokeAgentRuntimeCommand({
        agentRuntimeArn: await runtimeArnOf(control, options.runtime),
        qualifier: options.qualifier,
        runtimeSessionId: options.session === undefined ? undefined : checkedSession(options.session),
        contentType: options.contentType,
        payload: payload === '-' ? readFileSync(0) : Buffer.from(payload),
      }));
      for await (const chunk of answer.response as unknown as AsyncIterable<Uint8Array>) await write(process.stdout, chunk);
      await write(process.stdout, '\n');
    });
}

export function stopProgram(): Command {
  return connectionOptions(new Command('stop'))
    .description('stop a session; its session storage stays')
    .addOption(sessionOption('the session to stop').makeOptionMandatory())
    .action(async (options: SessionOptions) => {
      const { control, data } = connect(options);
      const sessionId = checkedSession(options.session!);
      const stopped = await stopSession(data, {
        runtimeArn: await runtimeArnOf(control, options.runtime), sessionId, qualifier: options.qualifier,
      });
      await write(process.stdout, stopped ? `stopped session ${sessionId}\n` : `session ${sessionId} was not running\n`);
    });
}

function checkedSession(id: string): string {
  const faults = validateSessionId(id);
  if (faults.length > 0) throw new UserError(faults.join('; '));
  return id;
}
