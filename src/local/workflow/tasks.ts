import { randomUUID } from 'node:crypto';
import { StateDefinition } from './definition';
import { StatesError } from './execution';
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
  readonly signal: AbortSignal;
}

const INTEGRATION = /^arn:[^:]+:states:::(.*)$/;

/** Does what tasks ask for, as far as it can be done here: functions that are deployed here, and events. */
export class TaskRunner {
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly options: TaskRunnerOptions) {}

  public async run({ Resource: resource }: StateDefinition, input: unknown): Promise<unknown> {
    const [, integration] = INTEGRATION.exec(String(resource)) ?? [];
    switch (integration) {
      case undefined: return this.invoke(String(resource), input);
      case 'lambda:invoke': return this.invokeWithMetadata(input);
      case 'events:putEvents': return this.put(input);
      default: throw new StatesError('States.Runtime', `resource ${String(resource)} cannot be used locally; functions, lambda:invoke and events:putEvents can`);
    }
  }

  /** Waits for the ends of functions whose results nobody waits for any more. */
  public async drain(): Promise<void> {
    await Promise.allSettled([...this.running]);
  }

  public async invoke(arn: string, event: unknown): Promise<unknown> {
    const target = this.options.functions.find(arn);
    if (!target) throw new StatesError('Lambda.ResourceNotFoundException', `no function ${arn} is deployed here; deploy the stack that holds it first`);
    const run = this.options.invoker.invoke(target, event, randomUUID(), this.options.signal);
    this.running.add(run);
    const outcome = await run.finally(() => this.running.delete(run));
    if ('result' in outcome) return outcome.result;
    const { error, name = 'Lambda.Unknown', message = error } = outcome;
    // as Step Functions has it: the cause of an error of a function is JSON
    throw new StatesError(name, JSON.stringify({ errorType: name, errorMessage: message }));
  }

  private async invokeWithMetadata(input: unknown): Promise<unknown> {
    const { FunctionName: name, Payload: payload } = isObject(input) ? input : {};
    return { Payload: await this.invoke(String(name), payload ?? {}), StatusCode: 200, ExecutedVersion: '$LATEST' };
  }

  private put(input: unknown): unknown {
    const entries = isObject(input) && Array.isArray(input.Entries) ? input.Entries : [];
    for (const { Source: source, DetailType: detailType, Detail: detail } of entries) this.options.onSent({ source, detailType, detail });
    return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: randomUUID() })) };
  }
}
