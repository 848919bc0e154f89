import { CommandTaskResult, COMMAND_SLACK_SECONDS, RunCommandTask } from './contract';
import { errorOfTask } from './error-of-task';
import { OutputFiles } from './output-files';
import { sessionOf, tokenOf } from './session-of';
import { TaskContext } from './task-context';
import { TaskError } from './task-error';
import { CommandResult } from '../client/api/command';
import { toObservation } from '../client/api/observation';
import { check, lineFaults, lineOf } from '../client/compose-run';
import { DetachedRun, followDetached, RunStatus, startDetached, waitDetached } from '../client/detached/run-detached';
import { startScript } from '../client/detached/scripts';
import { CommandNotStartedError, CommandOutcomeUnknownError, describeError } from '../client/errors';
import { RunCommandOptions } from '../client/run-command';
import { watched } from '../client/run-in-session';
import { shortened } from '../client/run-output';
import { freshPolicies } from '../provider/fresh-policies';
import { LineLog } from '../provider/line-log';
import { inRegionOf } from '../provider/region-of-runtime';
import { validateCommandText, validateCommandTimeout } from '../service/command';
import { CommandLine, composeCommandLine } from '../service/command-line';
import { validateSessionId } from '../service/session-id';

/** How long a call waits for the end of its command, in seconds: the first one, so that short commands take one call, and the others. */
export const WAIT_SECONDS = { first: 20, later: 3 } as const;

/** How much of each stream a result holds, in bytes: with all else it has to stay below the 256 KiB of a state. */
const TAIL_BYTES = 8_192;

/** How much of the output the message of an error holds, in characters. */
const ERROR_CHARACTERS = 2_000;

/** How long a start whose answer is lost may still take to be seen, in milliseconds. */
const START_MILLIS = 2_000;

/** How long before the end of a call the output has to be read, in milliseconds. */
const RESERVE_MILLIS = 20_000;

/** What the ledger holds of a start that the service has refused. */
const REFUSED = 'refused';

/**
 * Runs a command, or looks after one that an earlier try of the same state has started.
 *
 * @throws TaskError `CommandRunning` where it goes on, and the state has to try again
 */
export async function runCommandTask(task: RunCommandTask, context: TaskContext): Promise<CommandTaskResult> {
  const { visit, runtimeArn, qualifier } = task;
  const sessionId = sessionOf(task, visit.execution);
  const run: DetachedRun = { runtimeArn, qualifier, sessionId, token: tokenOf(task, visit, task.command) };
  const client = await inRegionOf(runtimeArn, context.client);
  const work = new CommandWork({ ...context, client }, task, run);
  try {
    const line = lineToRun(task, run);
    const status = await work.statusAfterStart(line);
    if (status.kind === 'gone') throw new TaskError('outcomeUnknown', `the machine of session ${sessionId} is gone, and the command with it`);
    if (status.kind === 'running') throw work.goesOn('has not ended');
    return await work.result(status.secondsAgo);
  } catch (error) {
    throw errorOfTask(error, `the command failed in session ${sessionId}`, 'outcomeUnknown', 'notStarted');
  }
}

function lineToRun(task: RunCommandTask, { sessionId, token }: DetachedRun): CommandLine {
  const { command, workingDirectory: cwd, environment: env, timeoutSeconds } = task;
  const line = lineOf(command, { cwd, env });
  check([
    ...lineFaults(line),
    ...validateCommandText(composeCommandLine({ command: startScript(token, line, timeoutSeconds) })),
    ...validateCommandTimeout(timeoutSeconds),
    ...validateSessionId(sessionId),
  ]);
  return line;
}

class CommandWork {
  public readonly enteredAt: number;
  /** Which of the starts is ours: those before it were refused. */
  private attempt = 0;
  private readonly options: RunCommandOptions;

  constructor(private readonly context: TaskContext, private readonly task: RunCommandTask, private readonly run: DetachedRun) {
    const { clock, log } = context;
    this.enteredAt = Date.parse(task.visit.enteredTime);
    const fresh = freshPolicies(clock);
    this.options = {
      clock,
      alsoRetry: (error) => isConflict(error) || fresh(error),
      onRetry: (error, attempt) => log('trying again', { attempt, error: describeError(error) }),
    };
  }

  /** What has become of the run a while later; starts it where no try of this state has done so. */
  public async statusAfterStart(line: CommandLine): Promise<RunStatus> {
    const isFirst = this.task.visit.retryCount === 0;
    if (!isFirst) {
      const status = await this.wait(WAIT_SECONDS.later);
      if (status.kind !== 'gone') return status;
    }
    if (await this.claim()) await this.start(line);
    return this.wait(isFirst ? WAIT_SECONDS.first : WAIT_SECONDS.later);
  }

  /** What makes the state try again, until it is too late for that. */
  public goesOn(how: string): TaskError {
    const { context: { clock }, run: { sessionId }, task: { timeoutSeconds } } = this;
    if (clock.now() <= this.enteredAt + (timeoutSeconds + COMMAND_SLACK_SECONDS) * 1_000) return new TaskError('running', `the command in session ${sessionId} ${how}`);
    return new TaskError('outcomeUnknown', `the command in session ${sessionId} ${how} ${COMMAND_SLACK_SECONDS} s after its time-out`);
  }

  /** Reads all that the run has written, and tells how it ended. */
  public async result(secondsAgo: number): Promise<CommandTaskResult> {
    const { context: { client, clock, log, deadline }, run, task } = this;
    const lines = new LineLog((fields) => log('output', { state: task.visit.state, ...fields }));
    const files = task.output && await OutputFiles.open();
    try {
      const read = async (reading: RunCommandOptions) => {
        const followed = await followDetached(client, run, { ...this.options, ...reading, until: deadline - RESERVE_MILLIS });
        if (!('exitCode' in followed)) throw this.goesOn('has an output that could not be read');
        return { ...followed, durationMillis: Math.max(0, clock.now() - this.enteredAt - secondsAgo * 1_000) };
      };
      const result = await watched({
        clock,
        onStdout: async (text) => { lines.append('stdout', text); await files?.append('stdout', text); },
        onStderr: async (text) => { lines.append('stderr', text); await files?.append('stderr', text); },
      }, read, `the output of the command could not be read in session ${run.sessionId}`);
      lines.flush();
      const output = await files?.upload(client, task.output!, run.token);
      return this.judged(result, output);
    } finally {
      await files?.remove();
    }
  }

  private judged(result: CommandResult, output: CommandTaskResult['output']): CommandTaskResult {
    const { checkExitCode, observationCharacters: maxCharacters } = this.task;
    if (checkExitCode && !result.ok) {
      throw new TaskError(result.timedOut ? 'timedOut' : 'failed', `in session ${result.sessionId}: ${toObservation(result, { maxCharacters: ERROR_CHARACTERS })}`);
    }
    const { stdout: stdoutTail, stderr: stderrTail, truncated } = shortened(result, TAIL_BYTES);
    const { exitCode = null, status, ok, sessionId, durationMillis } = result;
    return {
      exitCode,
      status,
      ok,
      stdoutTail,
      stderrTail,
      truncated,
      sessionId,
      durationMillis,
      ...(output ? { output } : {}),
      ...(maxCharacters === undefined ? {} : { observation: toObservation(result, { maxCharacters }) }),
    };
  }

  /** Whether this call, and no other one, is to start the run: none has done so, unless the service has refused it. */
  private async claim(): Promise<boolean> {
    const { ledger } = this.context;
    for (let attempt = 0; ; attempt++) {
      const key = this.key(attempt);
      if (await ledger.claim(key).catch((error) => { throw new TaskError('notStarted', describeError(error), error); })) {
        this.attempt = attempt;
        return true;
      }
      if ((await ledger.last(key))?.text !== REFUSED) return false;
    }
  }

  private key(attempt: number): string {
    return `command-${this.run.token}-${attempt}`;
  }

  private async start(line: CommandLine): Promise<void> {
    const { context: { client, clock, ledger, log }, run, task: { timeoutSeconds, visit } } = this;
    log('starting command', { state: visit.state, sessionId: run.sessionId, timeoutSeconds });
    try {
      await startDetached(client, run, line, timeoutSeconds, this.options);
    } catch (error) {
      if (error instanceof CommandNotStartedError) await ledger.note(this.key(this.attempt), REFUSED);
      // to wait for it tells whether it has started
      if (!(error instanceof CommandOutcomeUnknownError)) throw error;
      log('the answer to the start was lost', { state: visit.state, error: describeError(error) });
      await clock.sleep(START_MILLIS);
    }
  }

  /** To look changes nothing, so that lost connections are no reason to give up before the state does. */
  private async wait(most: number): Promise<RunStatus> {
    const { context: { client, clock, deadline }, run } = this;
    const seconds = Math.max(1, Math.min(most, Math.floor((deadline - RESERVE_MILLIS - clock.now()) / 1_000)));
    try {
      return await waitDetached(client, run, seconds, this.options);
    } catch (error) {
      this.options.onRetry!(error, 1);
      if (error instanceof CommandOutcomeUnknownError) return { kind: 'running' };
      // it is the look that was refused; the command may have been started before
      throw errorOfTask(error, `the command cannot be looked after in session ${run.sessionId}`, 'outcomeUnknown');
    }
  }
}

/** A session that is just being started or stopped. */
function isConflict(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 409;
}
