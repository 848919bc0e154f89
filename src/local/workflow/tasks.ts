import { randomUUID } from 'node:crypto';
import { StateDefinition } from './definition';
import { ExecutionOutcome, StatesError } from './execution';
import { JsonValue } from './interpreter';
import { isObject } from '../deployer/json';
import { Invoker } from '../deployer/lambda/asynchronous';
import { FunctionDirectory } from '../deployer/lambda/directory';

/** An event that was sent to EventBridge. */
export interface SentEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

export interface TaskRunnerOptions {
  readonly functions: FunctionDirectory;
  readonly invoker: Invoker;
  readonly onSent: (event: SentEvent) => void;
  /** Runs another state machine to its end. */
  readonly start: (stateMachineArn: string, input: JsonValue, signal: AbortSignal) => Promise<ExecutionOutcome & { readonly executionArn: string }>;
  /** The newest first. */
  readonly mapRunsOf: (executionArn: string) => readonly string[];
}

const INTEGRATION = /^arn:[^:]+:states:::(.*)$/;

/** Does what tasks ask for, as far as it can be done here: functions and state machines that are deployed here, and events. */
export class TaskRunner {
  constructor(private readonly options: TaskRunnerOptions) {}

  /** @param signal ends what runs for the task */
  public async run({ Resource: resource }: StateDefinition, input: unknown, signal: AbortSignal): Promise<unknown> {
    const [, integration] = INTEGRATION.exec(String(resource)) ?? [];
    switch (integration) {
      case undefined: return this.invoke(String(resource), input, signal);
      case 'lambda:invoke': return this.invokeWithMetadata(input, signal);
      case 'events:putEvents': return this.put(input);
      case 'states:startExecution.sync:2': return this.startExecution(input, signal);
      case 'aws-sdk:sfn:listMapRuns': return this.listMapRuns(input);
      default: throw new StatesError('States.Runtime', `resource ${String(resource)} cannot be used locally; functions, lambda:invoke, events:putEvents, states:startExecution.sync:2 and aws-sdk:sfn:listMapRuns can`);
    }
  }

  public async invoke(arn: string, event: unknown, signal: AbortSignal): Promise<unknown> {
    const target = this.options.functions.find(arn);
    if (!target) throw new StatesError('Lambda.ResourceNotFoundException', `no function ${arn} is deployed here; deploy the stack that holds it first`);
    const outcome = await this.options.invoker.invoke(target, event, randomUUID(), signal);
    if ('result' in outcome) return outcome.result;
    const { error, name = 'Lambda.Unknown', message = error } = outcome;
    // as Step Functions has it: the cause of an error of a function is JSON
    throw new StatesError(name, JSON.stringify({ errorType: name, errorMessage: message }));
  }

  private async invokeWithMetadata(input: unknown, signal: AbortSignal): Promise<unknown> {
    const { FunctionName: name, Payload: payload } = isObject(input) ? input : {};
    return { Payload: await this.invoke(String(name), payload ?? {}, signal), StatusCode: 200, ExecutedVersion: '$LATEST' };
  }

  private put(input: unknown): unknown {
    const entries = isObject(input) && Array.isArray(input.Entries) ? input.Entries : [];
    for (const { Source: source, DetailType: detailType, Detail: detail } of entries) this.options.onSent({ source, detailType, detail });
    return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: randomUUID() })) };
  }

  /** What it returns, and what the cause of its error is, is the execution as DescribeExecution tells it. */
  private async startExecution(input: unknown, signal: AbortSignal): Promise<unknown> {
    const { StateMachineArn: stateMachineArn, Input: given = {} } = isObject(input) ? input : {};
    const outcome = await this.options.start(String(stateMachineArn), given as JsonValue, signal);
    const { executionArn, status } = outcome;
    const told = { ExecutionArn: executionArn, StateMachineArn: stateMachineArn, Status: status, Input: given };
    if ('output' in outcome) return { ...told, Output: outcome.output };
    throw new StatesError('States.TaskFailed', JSON.stringify({ ...told, ...('error' in outcome ? { Error: outcome.error, Cause: outcome.cause } : {}) }));
  }

  private listMapRuns(input: unknown): unknown {
    const executionArn = String(isObject(input) ? input.ExecutionArn : undefined);
    return { MapRuns: this.options.mapRunsOf(executionArn).map((mapRunArn) => ({ ExecutionArn: executionArn, MapRunArn: mapRunArn })) };
  }
}
