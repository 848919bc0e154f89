import { Command, InvalidArgumentError } from 'commander';
import { connect, runtimeArnOf } from './clients';
import { Interruption } from './interruption';
import { detach } from './known/detach';
import { KnownSessions } from './known/sessions';
import { connectionOptions, sessionOption } from './options';
import { write } from './output';
import { stopOwnSession } from './own-session';
import { CLI_FAILURE, TIMED_OUT } from './user-error';
import { AgentSession } from '../client/api/agent-session';
import { AgentCoreError } from '../client/api/errors';
import { check, composeRun } from '../client/compose-run';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';
import { validateSessionId } from '../service/session-id';

interface RunOptions {
  readonly runtime?: string;
  readonly session?: string;
  readonly qualifier: string;
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly json?: boolean;
  readonly detach?: boolean;
  readonly endpoint?: string;
  readonly region?: string;
}

export function runProgram(): Command {
  return connectionOptions(new Command('run'))
    .description('run a command in a session: its output live, its exit code as ours (124 after a time-out, 125 if it did not run)')
    .argument('<command...>', 'the command, after --; one word is shell text, several are one program and its arguments')
    .addOption(sessionOption('the session to run in; without one, a new session is opened and stopped again'))
    .option('--cwd <directory>', 'the directory to run in, from /')
    .option('--env <name=value>', 'a variable for the command; may be repeated', collectVariable, {})
    .option('--timeout <seconds>', 'after how many seconds the service ends it', Number, COMMAND_TIMEOUT_SECONDS.default)
    .option('--json', 'one JSON document at the end instead of live output')
    .option('-d, --detach', 'only start it, with an hour of time unless told, and print what `attach` takes; its session stays')
    .addHelpText('after', `
Examples:
  $ cdk-agentcore run --runtime coder-a1b2c3d4e5 --session "$SESSION" --cwd /mnt/workspace -- npm test
  $ cdk-agentcore run --json -- 'git status --short | wc -l'
  $ cdk-agentcore attach "$(cdk-agentcore run --detach --session "$SESSION" --timeout 7200 -- npm run nightly)"`)
    .action(async (words: string[], options: RunOptions, program: Command) => {
      const timeout = program.getOptionValueSource('timeout') === 'default' ? undefined : options.timeout;
      process.exitCode = await (options.detach ? detach(words.length === 1 ? words[0] : words, { ...options, timeout }) : run(words, options));
    });
}

function collectVariable(pair: string, previous: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (name === undefined) throw new InvalidArgumentError('use NAME=value.');
  return { ...previous, [name]: value };
}

async function run(words: readonly string[], options: RunOptions): Promise<number> {
  const command = words.length === 1 ? words[0] : words;
  const { cwd, env, timeout: timeoutSeconds, json, endpoint, qualifier } = options;
  // what is wrong with the call is told before a runtime is looked for
  composeRun(command, { cwd, env, timeoutSeconds });
  check(options.session === undefined ? [] : validateSessionId(options.session));

  const interruption = new Interruption();
  const { control } = connect(options);
  const runtimeArn = await interruption.race(runtimeArnOf(control, options));
  const region = await control.config.region();
  const session = AgentSession.of({ runtimeArn, sessionId: options.session, qualifier, endpoint, region });
  let started = true;
  try {
    const result = await interruption.race(session.run(command, {
      cwd,
      env,
      timeoutSeconds,
      signal: interruption.signal,
      ...(json ? {} : {
        onStdout: (text) => write(process.stdout, text),
        onStderr: (text) => write(process.stderr, text),
      }),
    }));
    if (json) await write(process.stdout, `${JSON.stringify(result)}\n`);
    if (result.timedOut) {
      await write(process.stderr, json ? '' : `cdk-agentcore: timed out after ${timeoutSeconds} s\n`);
      return TIMED_OUT;
    }
    // without an exit code of its own, the platform has ended the command
    return result.exitCode ?? CLI_FAILURE;
  } catch (error) {
    started = !(error instanceof AgentCoreError) || error.mayHaveRun;
    throw error;
  } finally {
    if (options.session === undefined) await stopOwnSession(session, started);
    else if (started) new KnownSessions().used({ runtimeArn, qualifier, sessionId: options.session, endpoint });
  }
}
