import { randomUUID } from 'node:crypto';
import { Definition, filled, marked, prepare, StateDefinition } from './definition';
import { JsonValue, loadInterpreter } from './interpreter';
import { runMap } from './map-run';
import { InterpreterEvent, Visits } from './visits';

/** Which execution it is, as the context object tells it. */
export interface ExecutionIdentity {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  /** When it has started: an ISO 8601 time. */
  readonly startedAt: string;
}

/** What happens in an execution. */
export interface ExecutionEvent {
  /** The execution, or the child of it, that it happens in. */
  readonly executionArn: string;
  readonly type: 'entered' | 'exited' | 'failed' | 'retried' | 'caught';
  readonly state: string;
  readonly stateType: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** An error by the name that a state can catch. */
export class StatesError extends Error {
  /** @param name as `Error` has it in the Amazon States Language */
  constructor(public readonly name: string, message: string) {
    super(message);
  }
}

/** How an execution ended. */
export type ExecutionOutcome =
  | { readonly status: 'SUCCEEDED'; readonly output: JsonValue }
  | { readonly status: 'FAILED' | 'TIMED_OUT'; readonly error: string; readonly cause: string }
  | { readonly status: 'ABORTED' };

export interface ExecutionOptions {
  /** Does what a task asks for, until that is aborted. */
  readonly runTask: (state: StateDefinition, input: unknown, signal: AbortSignal) => Promise<unknown>;
  /** Where lists of items are read from and results are written to. */
  readonly objects: ObjectAccess;
  readonly onEvent: (event: ExecutionEvent) => void;
  /** Called with the ARN of the run of a Distributed Map before that begins, which an error keeps from beginning. */
  readonly onMapRun: (mapRunArn: string) => Promise<void>;
  /** Called at the end of each execution, also those of the items of a Distributed Map, before anybody else knows. */
  readonly onEnd: (identity: ExecutionIdentity, outcome: ExecutionOutcome, input: JsonValue) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What stands for S3. */
export interface ObjectAccess {
  read(bucket: string, key: string): Promise<Buffer>;
  write(bucket: string, key: string, content: string): Promise<void>;
}

const TYPES: Readonly<Record<string, ExecutionEvent['type']>> = {
  StateEntered: 'entered', StateExited: 'exited', StateFailed: 'failed', StateRetried: 'retried', StateCaught: 'caught',
};

/** Runs a definition to its end, as an execution. */
export async function runDefinition(
  definition: Definition, input: JsonValue, identity: ExecutionIdentity, options: ExecutionOptions, mapItem?: object,
): Promise<ExecutionOutcome> {
  const outcome = await runStates(definition, input, identity, options, mapItem);
  await options.onEnd(identity, outcome, input);
  return outcome;
}

/** Runs the states of a definition, within an execution. */
export async function runStates(
  definition: Definition, input: JsonValue, identity: ExecutionIdentity, options: ExecutionOptions, mapItem?: object,
): Promise<ExecutionOutcome> {
  const { executionArn, stateMachineArn } = identity;
  const { signal, onEvent } = options;
  const prepared = prepare(definition, stateMachineArn.split(':').at(-1)!);
  const { StateMachine, ExecutionTimeoutError } = loadInterpreter();
  const visits = new Visits();
  const handlers: Record<string, (given: JsonValue) => Promise<unknown>> = {};
  const running = new Set<Promise<unknown>>();
  const started = { '$$.Execution.StartTime': identity.startedAt };
  const kept = async (run: Promise<unknown>) => {
    running.add(run);
    return run.finally(() => running.delete(run));
  };
  for (const [name, state] of prepared.tasks) {
    const run = async (given: JsonValue) => options.runTask(state, filled(given, { ...await visits.marksOf(name), ...started }), signal);
    handlers[name] = async (given) => kept(run(given));
  }
  for (const [name, state] of prepared.maps) handlers[name] = async (given) => kept(runMap(name, state, given, identity, options, mapItem));

  const machine = new StateMachine(prepared.definition, { validationOptions: { noValidate: true } });
  const execution = machine.run(input, { overrides: { taskResourceLocalHandlers: handlers }, context: contextOf(identity, mapItem) });
  const abort = () => execution.abort();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const told = tell(execution.eventLogs, visits, (event) => onEvent({ executionArn, ...event }));
  try {
    return { status: 'SUCCEEDED', output: await execution.result };
  } catch (error) {
    if (signal.aborted) return { status: 'ABORTED' };
    if (error instanceof ExecutionTimeoutError) return { status: 'TIMED_OUT', error: 'States.Timeout', cause: 'the execution took longer than its TimeoutSeconds' };
    const { cause } = error as { readonly cause?: Error };
    return { status: 'FAILED', error: cause?.name ?? 'States.Runtime', cause: cause?.message ?? String(error) };
  } finally {
    signal.removeEventListener('abort', abort);
    await told;
    // what nobody waits for any more, such as the functions of an aborted execution
    await Promise.allSettled([...running]);
  }
}

/** A template with its paths and functions evaluated, by a state machine of one state. */
export async function evaluated(template: unknown, input: JsonValue, identity: ExecutionIdentity, mapItem?: object): Promise<any> {
  const { StateMachine } = loadInterpreter();
  const parameters = filled(marked(template), { '$$.Execution.StartTime': identity.startedAt });
  const definition = { StartAt: 'Evaluate', States: { Evaluate: { Type: 'Pass', Parameters: parameters, End: true } } };
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  return machine.run(input, { context: contextOf(identity, mapItem) }).result;
}

/** An ARN for an execution that another one starts, or for a new one. */
export function executionArnOf(stateMachineArn: string, name: string = randomUUID()): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

function contextOf({ executionArn, stateMachineArn }: ExecutionIdentity, mapItem?: object): object {
  const name = (arn: string) => arn.split(':').at(-1)!;
  return {
    Execution: { Id: executionArn, Name: name(executionArn) },
    StateMachine: { Id: stateMachineArn, Name: name(stateMachineArn) },
    ...(mapItem ? { Map: { Item: mapItem } } : {}),
  };
}

async function tell(events: AsyncIterable<InterpreterEvent>, visits: Visits, onEvent: (event: Omit<ExecutionEvent, 'executionArn'>) => void): Promise<void> {
  for await (const event of events) {
    visits.take(event);
    const type = TYPES[event.type];
    if (!type || !event.state) continue;
    const { name: state, type: stateType, output } = event.state;
    const { Error: error, Cause: cause } = event;
    onEvent({ type, state, stateType, ...(output === undefined ? {} : { output }), ...(error === undefined ? {} : { error, cause: textOf(cause) }) });
  }
}

function textOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  return cause instanceof Error ? cause.message : JSON.stringify(cause) ?? '';
}
