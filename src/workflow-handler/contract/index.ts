/**
 * What the constructs write into a state machine and the workflow function reads back. Executions outlast deployments: a new
 * version of the function has to understand what an older state machine sends.
 */

/** How long one call of the function may take, in seconds: the most that Lambda gives. */
export const WORKFLOW_TIMEOUT_SECONDS = 900;

/** How long an agent may take to answer, in seconds: so that the function can still tell that it did not. */
export const MAX_AGENT_SECONDS = 840;

/** How long after its time-out a command's end is waited for, in seconds. */
export const COMMAND_SLACK_SECONDS = 300;

/** The errors that states can catch. */
export const WORKFLOW_ERRORS = {
  /** Internal: the command goes on, and the state retries. */
  running: 'CommandRunning',
  failed: 'CommandFailed',
  timedOut: 'CommandTimedOut',
  notStarted: 'CommandNotStarted',
  outcomeUnknown: 'OutcomeUnknown',
  outputNotStored: 'OutputNotStored',
  sessionBusy: 'SessionBusy',
  throttled: 'Throttled',
  notStopped: 'SessionNotStopped',
  agentFailed: 'AgentFailed',
  agentTimedOut: 'AgentTimedOut',
  agentAnswer: 'AgentAnswerInvalid',
  invalidInput: 'InvalidInput',
  budgetSpent: 'BudgetSpent',
  reportNotMade: 'ReportNotMade',
} as const;

/** Which visit of which state asks: what it tells does not change when the state is retried. */
export interface Visit {
  /** `$$.Execution.Id` */
  readonly execution: string;
  /** `$$.State.Name` */
  readonly state: string;
  /** `$$.State.EnteredTime` */
  readonly enteredTime: string;
  /** `$$.State.RetryCount` */
  readonly retryCount: number;
}

/** Where something is done. */
export interface Place {
  readonly runtimeArn: string;
  readonly qualifier: string;
  /** The one that all tasks of an execution share, where it is left out. */
  readonly sessionId?: string;
}

export interface RunCommandTask extends Place {
  readonly action: 'runCommand';
  readonly visit: Visit;
  readonly command: string | readonly string[];
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Whether anything but exit code 0 is an error. */
  readonly checkExitCode: boolean;
  /** Where the whole output goes. */
  readonly output?: { readonly bucket: string; readonly prefix: string };
  /** How long the text for an agent may be; there is none where it is left out. */
  readonly observationCharacters?: number;
}

/** How a command ended, as states see it. */
export interface CommandTaskResult {
  /** Null where it has none: its time ran out, or the platform ended it. */
  readonly exitCode: number | null;
  readonly status: 'COMPLETED' | 'TIMED_OUT';
  readonly ok: boolean;
  readonly stdoutTail: string;
  readonly stderrTail: string;
  /** Whether one of the tails lacks its beginning. */
  readonly truncated: boolean;
  readonly sessionId: string;
  readonly durationMillis: number;
  /** `s3://` addresses of the whole output, where it was asked for. */
  readonly output?: { readonly stdout: string; readonly stderr: string };
  readonly observation?: string;
}

/** How a gate of a loop ended. */
export interface GateResult extends Pick<CommandTaskResult, 'exitCode' | 'ok' | 'durationMillis'> {
  readonly name: string;
  readonly observation: string;
}

export interface InvokeAgentTask extends Place {
  readonly action: 'invokeAgent';
  readonly visit: Visit;
  readonly payload: unknown;
  readonly timeoutSeconds: number;
}

/** What an agent has answered. */
export interface AgentTaskResult {
  readonly answer: unknown;
  /** As its `usage` says: `totalTokens`, or `inputTokens` and `outputTokens`; null where it says nothing. */
  readonly tokens: number | null;
  readonly sessionId: string;
  readonly durationMillis: number;
}

export interface StopSessionTask extends Place {
  readonly action: 'stopSession';
  readonly visit: Visit;
}

export interface StopTaskResult {
  /** False where it was not running. */
  readonly stopped: boolean;
  readonly sessionId: string;
}

/** The end of an execution whose states have not seen it: Step Functions' own event about it. */
export interface StopAbandonedTask {
  readonly action: 'stopAbandoned';
  readonly place: Place;
  readonly event: {
    readonly detail: {
      readonly executionArn: string;
      /** The input of the execution, as JSON. */
      readonly input: string;
    };
  };
}

export interface BeginLoopTask {
  readonly action: 'beginLoop';
  readonly visit: Visit;
  readonly runtimeArn: string;
  readonly qualifier: string;
  readonly input: unknown;
}

/** What ends a loop that does not come to its end; at least one of them. */
export interface LoopBudgetLimits {
  readonly iterations: number;
  readonly seconds?: number;
  readonly tokens?: number;
}

/** One round of a loop, as its summary tells it. */
export interface LoopRound {
  readonly iteration: number;
  readonly tokens: number | null;
  readonly agentMillis: number;
  /** The gate that was run last, and how it ended. */
  readonly gate: string;
  readonly exitCode: number | null;
  readonly passed: boolean;
}

/** What the states of a loop hand on. */
export interface LoopState {
  readonly task: unknown;
  readonly sessionId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly iteration: number;
  readonly tokens: number;
  /** What the agent is told of the round before. */
  readonly observation: string | null;
  readonly rounds: readonly LoopRound[];
  readonly decision: 'WORK' | 'FINISH' | 'STOP';
  /** Which part of the budget is spent; only where the decision is to stop. */
  readonly spent?: 'iterations' | 'time' | 'tokens';
  readonly agent?: AgentTaskResult;
  readonly gate?: GateResult;
  /** What a state has caught. */
  readonly error?: { readonly Error: string; readonly Cause?: string };
  readonly stop?: StopTaskResult;
  readonly stopError?: { readonly Error: string; readonly Cause?: string };
}

export interface JudgeRoundTask {
  readonly action: 'judgeRound';
  readonly loop: LoopState;
  readonly budget: LoopBudgetLimits;
}

export interface SummarizeLoopTask {
  readonly action: 'summarizeLoop';
  readonly visit: Visit;
  readonly loop: LoopState;
}

/** What an execution of a loop tells at its end. */
export interface LoopSummary {
  /** `Passed`, `BudgetSpent`, or the name of the error that ended it. */
  readonly outcome: string;
  /** In words; empty where it has passed. */
  readonly reason: string;
  readonly execution: string;
  readonly sessionId: string;
  readonly sessionStopped: boolean;
  readonly iterations: number;
  readonly tokens: number;
  readonly durationMillis: number;
  readonly rounds: readonly LoopRound[];
}

/** What is known of one item of a fleet in its execution. */
export interface FleetItem {
  /** As the list has it. */
  readonly item: unknown;
  /** Its place in that list. */
  readonly index: number;
  /** The execution that the list was read in; in a redrive, the one of which it is. */
  readonly fleet: string;
  /** Its place among all that this execution works on. */
  readonly turn: number;
  /** When this execution has started: an ISO 8601 time. */
  readonly startedAt: string;
}

export interface BeginItemTask {
  readonly action: 'beginItem';
  readonly item: FleetItem;
  /** How many sessions are begun in a second. */
  readonly perSecond: number;
}

/** What the states of an item hand on. */
export interface BegunItem extends FleetItem {
  readonly sessionId: string;
  /** When it is its turn: an ISO 8601 time. */
  readonly notBefore: string;
}

/** The end of an item's execution whose states have not seen it. */
export interface StopAbandonedItemTask extends Omit<StopAbandonedTask, 'action'> {
  readonly action: 'stopAbandonedItem';
}

/** What a state's `Catch` hands on. */
export interface CaughtError {
  readonly Error?: string;
  readonly Cause?: string;
}

export interface ReportFleetTask {
  readonly action: 'reportFleet';
  readonly execution: string;
  readonly startedAt: string;
  /** As ListMapRuns tells them. */
  readonly mapRuns: readonly { readonly MapRunArn: string }[];
  readonly bucket: string;
  /** Where the results of the execution are, without a slash at its end. */
  readonly folder: string;
  /**
   * What the Map has handed on: an error if it has failed. If a list of failed items could not be read, the input of the execution with the
   * error as `ended`.
   */
  readonly ended: CaughtError & { readonly redrive?: unknown; readonly ended?: CaughtError };
}

/** How an execution of a fleet ended. */
export interface FleetSummary {
  readonly execution: string;
  /** `Succeeded`, or the name of the error that ended it. */
  readonly outcome: string;
  /** In words; empty where it has succeeded. */
  readonly reason: string;
  readonly sessions: number;
  readonly succeeded: number;
  /** Those that were worked on. */
  readonly failed: number;
  /** Those that were not, because the fleet was ended before. */
  readonly notStarted: number;
  /** How many ended by each error. */
  readonly errors: Readonly<Record<string, number>>;
  /** How many commands ended with each exit code. */
  readonly exitCodes: Readonly<Record<string, number>>;
  /** Of those that tell how long they took; null where none does. */
  readonly durationMillis: { readonly shortest: number; readonly median: number; readonly percentile95: number; readonly longest: number } | null;
  readonly elapsedMillis: number;
  /** `s3://` addresses. */
  readonly files: { readonly picture: string; readonly table: string; readonly summary: string; readonly failedItems: string };
}

/** What the function returns for the state that ends the execution. */
export interface FleetEnd {
  readonly summary: FleetSummary;
  /** Only where it has failed. */
  readonly error?: string;
  /** The summary as JSON; only where it has failed. */
  readonly cause?: string;
}

/** The name of the object with the items that a redrive works on. */
export const FAILED_ITEMS = 'failed.json';

export type WorkflowTask =
  | RunCommandTask | InvokeAgentTask | StopSessionTask | StopAbandonedTask | BeginLoopTask | JudgeRoundTask | SummarizeLoopTask
  | BeginItemTask | StopAbandonedItemTask | ReportFleetTask;
