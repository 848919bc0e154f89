import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { KnownRun, KnownRuns } from './runs';
import { KnownSessions } from './sessions';
import { AgentSession } from '../../client/api/agent-session';
import { CommandResult } from '../../client/api/command';
import { DetachedCommand, DetachedHandle } from '../../client/api/detached-command';
import { Interrupted, Interruption } from '../interruption';
import { endpointOption } from '../options';
import { write } from '../output';
import { CLI_FAILURE, TIMED_OUT, UserError } from '../user-error';

interface AttachOptions {
  readonly endpoint?: string;
  readonly region?: string;
  readonly stop?: boolean;
  readonly remove?: boolean;
  readonly json?: boolean;
}

export function attachProgram(): Command {
  return new Command('attach')
    .description('show the output of a detached command from its beginning, wait for its end, and end with its exit code')
    .argument('[run]', 'the token that `run --detach` printed, or its beginning, or the handle as JSON, or - for the handle on standard input; the only one that has not ended if left out')
    .addOption(endpointOption())
    .option('--region <region>', 'the region of the runtime')
    .option('--stop', 'end the command first, as its time-out would')
    .option('--remove', 'end it and remove its output from the session, instead of showing it')
    .option('--json', 'one JSON document at the end instead of live output')
    .addHelpText('after', `
Ctrl-C leaves the command running. To attach changes nothing, so that it can be done again, and from several places.

Examples:
  $ RUN=$(cdk-agentcore run --detach --session "$SESSION" --timeout 7200 -- npm run nightly)
  $ cdk-agentcore attach "$RUN"
  $ cdk-agentcore attach "$RUN" --stop`)
    .action(async (run: string | undefined, options: AttachOptions, command: Command) => {
      const endpoint = command.getOptionValueSource('endpoint') === 'cli' ? options.endpoint : undefined;
      process.exitCode = await attach(run, { ...options, endpoint });
    });
}

async function attach(named: string | undefined, options: AttachOptions): Promise<number> {
  const run = runOf(named);
  const { handle } = run;
  // the variable, which the session looks at itself, may name another place than the one where this run was started
  const endpoint = options.endpoint ?? run.endpoint;
  const interruption = new Interruption();
  const { signal } = interruption;
  const session = AgentSession.of({ ...handle, endpoint, region: options.region });
  const command = session.attach(handle);
  new KnownSessions().used({ ...handle, endpoint });
  try {
    if (options.remove) {
      await command.remove({ signal });
      new KnownRuns().forget(run);
      return 0;
    }
    if (options.stop) await command.stop({ signal });
    const result = await watch(command, signal, options.json);
    new KnownRuns().save({ ...run, ended: result.timedOut ? 'timed out or stopped' : `exit code ${result.exitCode}` });
    if (options.json) await write(process.stdout, `${JSON.stringify(result)}\n`);
    if (!result.timedOut) return result.exitCode ?? CLI_FAILURE;
    if (!options.json) await write(process.stderr, 'cdk-agentcore: it was stopped, or its time ran out\n');
    return TIMED_OUT;
  } catch (error) {
    if (error instanceof Interrupted && !options.remove) await write(process.stderr, `cdk-agentcore: the command goes on; see it again with: cdk-agentcore attach ${handle.token}\n`);
    throw error;
  } finally {
    session.close();
  }
}

async function watch(command: DetachedCommand, signal: AbortSignal, json = false): Promise<CommandResult> {
  return command.wait({
    signal,
    ...(json ? {} : {
      onStdout: async (text) => write(process.stdout, text),
      onStderr: async (text) => write(process.stderr, text),
    }),
  });
}

/** @throws UserError for what is neither a token that is known here nor a handle */
function runOf(named: string | undefined): KnownRun {
  const text = named === '-' ? readFileSync(0, 'utf8').trim() : named;
  if (!text?.startsWith('{')) return new KnownRuns().find(text);
  let handle: Partial<DetachedHandle>;
  try {
    handle = JSON.parse(text);
  } catch (error) {
    throw new UserError(`the handle is not valid JSON (${(error as Error).message}); give it as \`run --detach --json\` printed it`);
  }
  const isHandle = ['runtimeArn', 'sessionId', 'qualifier', 'token'].every((name) => typeof handle[name as keyof DetachedHandle] === 'string')
    && ['startedAt', 'timeoutSeconds'].every((name) => Number.isFinite(handle[name as keyof DetachedHandle]));
  if (!isHandle) throw new UserError('the handle lacks some of runtimeArn, sessionId, qualifier, token, startedAt and timeoutSeconds; give it as `run --detach --json` printed it');
  return { handle: handle as DetachedHandle };
}
