import { randomUUID } from 'node:crypto';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { Command, InvalidArgumentError } from 'commander';
import { connect, runtimeArnOf } from './clients';
import { Interruption } from './interruption';
import { connectionOptions, sessionOption } from './options';
import { write } from './output';
import { CLI_FAILURE, TIMED_OUT, UserError } from './user-error';
import { CommandNotStartedError, describeError } from '../client/errors';
import { runCommand } from '../client/run-command';
import { stopSession, StopSessionRequest } from '../client/stop-session';
import { COMMAND_TIMEOUT_SECONDS, validateCommandText, validateCommandTimeout, validateCommandWords } from '../service/command';
import { composeCommandLine, validateEnvironment, validateWorkingDirectory } from '../service/command-line';
import { validateSessionId } from '../service/session-id';

interface RunOptions {
  readonly runtime?: string;
  readonly session?: string;
  readonly qualifier: string;
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly json?: boolean;
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
    .addHelpText('after', `
Examples:
  $ cdk-agentcore run --runtime coder-a1b2c3d4e5 --session "$SESSION" --cwd /mnt/workspace -- npm test
  $ cdk-agentcore run --json -- 'git status --short | wc -l'`)
    .action(async (words: string[], options: RunOptions) => {
      process.exitCode = await run(words, options);
    });
}

function collectVariable(pair: string, previous: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (name === undefined) throw new InvalidArgumentError('use NAME=value.');
  return { ...previous, [name]: value };
}

async function run(words: readonly string[], options: RunOptions): Promise<number> {
  const line = { command: words.length === 1 ? words[0] : words, workingDirectory: options.cwd, environment: options.env };
  const command = composeCommandLine(line);
  const faults = [
    ...validateCommandWords(line.command),
    ...validateCommandText(command),
    ...validateCommandTimeout(options.timeout),
    ...validateEnvironment(options.env),
    ...(options.cwd === undefined ? [] : validateWorkingDirectory(options.cwd)),
    ...(options.session === undefined ? [] : validateSessionId(options.session)),
  ];
  if (faults.length > 0) throw new UserError(faults.join('; '));

  const interruption = new Interruption();
  const { control, data } = connect(options);
  const session = {
    runtimeArn: await interruption.race(runtimeArnOf(control, options.runtime)),
    sessionId: options.session ?? randomUUID(),
    qualifier: options.qualifier,
  };
  let started = true;
  try {
    const result = await interruption.race(runCommand(data, { ...session, command, timeoutSeconds: options.timeout }, {
      signal: interruption.signal,
      ...(options.json ? {} : {
        onStdout: (text) => write(process.stdout, text),
        onStderr: (text) => write(process.stderr, text),
      }),
    }));
    if (options.json) await write(process.stdout, `${JSON.stringify(result)}\n`);
    if (result.status === 'TIMED_OUT') {
      await write(process.stderr, options.json ? '' : `cdk-agentcore: timed out after ${options.timeout} s\n`);
      return TIMED_OUT;
    }
    // below 0, the platform ended the command: no exit code of its own
    return result.exitCode < 0 ? CLI_FAILURE : result.exitCode;
  } catch (error) {
    started = !(error instanceof CommandNotStartedError);
    throw error;
  } finally {
    if (options.session === undefined) await stopOwnSession(data, session, started);
  }
}

/** Stops the session that was opened for the command; that this fails must not hide how the command ended. */
async function stopOwnSession(data: BedrockAgentCoreClient, session: StopSessionRequest, started: boolean): Promise<void> {
  try {
    await stopSession(data, session);
  } catch (error) {
    // where the command did not start there may be no session, and why is told already
    if (!started) return;
    const why = describeError(error).replace(/\s*\n\s*/g, ' ');
    await write(process.stderr, `cdk-agentcore: session ${session.sessionId} could not be stopped and may still run: ${why}\n`);
  }
}
