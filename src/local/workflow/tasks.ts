import { randomUUID } from 'node:crypto';
import { StateDefinition } from './definition';
import { executionArnOf, ExecutionOutcome, StatesError } from './execution';
import { JsonValue } from './interpreter';
import { MachinePermissions } from './machine-permissions';
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
  public async run({ Resource: resource }: StateDefinition, input: unknown, signal: AbortSignal, permissions: MachinePermissions): Promise<unknown> {
    const [, integration] = INTEGRATION.exec(String(resource)) ?? [];
    switch (integration) {
      case undefined: return this.invokeAllowed(String(resource), input, signal, permissions);
      case 'lambda:invoke': return this.invokeWithMetadata(input, signal, permissions);
      case 'events:putEvents': return this.put(input, permissions);
      case 'states:startExecution.sync:2': return this.startExecution(input, signal, permissions);
      case 'aws-sdk:sfn:listMapRuns': return this.listMapRuns(input, permissions);
      default: throw new StatesError('States.Runtime', `resource ${String(resource)} cannot be used locally; functions, lambda:invoke, events:putEvents, states:startExecution.sync:2 and aws-sdk:sfn:listMapRuns can`);
    }
  }

  /** Invokes a function, whoever asks for it. */
  public async invoke(arn: string, event: unknown, signal: AbortSignal): Promise<unknown> {
    const target = this.options.functions.find(arn);
    if (!target) throw new StatesError('Lambda.ResourceNotFoundException', `no function ${arn} is deployed here; deploy the stack that holds it first`);
    const outcome = await this.options.invoker.invoke(target, event, randomUUID(), signal);
    if ('result' in outcome) return outcome.result;
    const { error, name = 'Lambda.Unknown', message = error } = outcome;
    // as Step Functions has it: the cause of an error of a function is JSON
    throw new StatesError(name, JSON.stringify({ errorType: name, errorMessage: message }));
  }

  private async invokeAllowed(arn: string, event: unknown, signal: AbortSignal, permissions: MachinePermissions): Promise<unknown> {
    await permissions.require('lambda', 'lambda:Invoke', { functionArn: arn });
    return this.invoke(arn, event, signal);
  }

  private async invokeWithMetadata(input: unknown, signal: AbortSignal, permissions: MachinePermissions): Promise<unknown> {
    const { FunctionName: name, Payload: payload } = isObject(input) ? input : {};
    return { Payload: await this.invokeAllowed(String(name), payload ?? {}, signal, permissions), StatusCode: 200, ExecutedVersion: '$LATEST' };
  }

  private async put(input: unknown, permissions: MachinePermissions): Promise<unknown> {
    const entries = isObject(input) && Array.isArray(input.Entries) ? input.Entries : [];
    const buses = new Set(entries.map(({ EventBusName: bus }) => String(bus ?? 'default')));
    for (const bus of buses) await permissions.require('events', 'events:PutEvents', permissions.eventBus(bus));
    for (const { Source: source, DetailType: detailType, Detail: detail } of entries) this.options.onSent({ source, detailType, detail });
    return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: randomUUID() })) };
  }

  /** What it returns, and what the cause of its error is, is the execution as DescribeExecution tells it. */
  private async startExecution(input: unknown, signal: AbortSignal, permissions: MachinePermissions): Promise<unknown> {
    const { StateMachineArn: stateMachineArn, Input: given = {} } = isObject(input) ? input : {};
    const asked = { stateMachineArn: String(stateMachineArn), executionArn: executionArnOf(String(stateMachineArn)) };
    await permissions.require('states', 'states:StartExecution.sync:2', asked);
    const outcome = await this.options.start(String(stateMachineArn), given as JsonValue, signal);
    const { executionArn, status } = outcome;
    const told = { ExecutionArn: executionArn, StateMachineArn: stateMachineArn, Status: status, Input: given };
    if ('output' in outcome) return { ...told, Output: outcome.output };
    throw new StatesError('States.TaskFailed', JSON.stringify({ ...told, ...('error' in outcome ? { Error: outcome.error, Cause: outcome.cause } : {}) }));
  }

  private async listMapRuns(input: unknown, permissions: MachinePermissions): Promise<unknown> {
    const executionArn = String(isObject(input) ? input.ExecutionArn : undefined);
    await permissions.require('sfn', 'states:ListMapRuns', { executionArn });
    return { MapRuns: this.options.mapRunsOf(executionArn).map((mapRunArn) => ({ ExecutionArn: executionArn, MapRunArn: mapRunArn })) };
  }
}
