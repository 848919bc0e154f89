import { ExecutionEvent, executionArnOf, ExecutionIdentity, ExecutionOutcome, runDefinition } from './execution';
import { DeployedStateMachine, findStateMachine } from './find-state-machine';
import { JsonValue } from './interpreter';
import { MachinePermissions } from './machine-permissions';
import { LocalObjects } from './objects';
import { targetsOf } from './rules';
import { SentEvent, TaskRunner } from './tasks';
import { SYSTEM_CLOCK } from '../../client/clock';
import { reachableEndpoint } from '../deployer/endpoint';
import { StateStore } from '../deployer/engine/state-store';
import { messageOf } from '../deployer/errors';
import { invokeAsynchronously, Invoker } from '../deployer/lambda/asynchronous';
import { CodeStore } from '../deployer/lambda/code-store';
import { FunctionDirectory } from '../deployer/lambda/directory';
import { FunctionLogLine } from '../deployer/lambda/function';
import { InvokeServer } from '../deployer/lambda/invoke-server';
import { WarmRunner } from '../deployer/lambda/warm-runner';
import { LocalIam } from '../deployer/local-iam';
import { StateDirectory } from '../deployer/state-directory';

export interface ExecuteOptions {
  /** Where the local AgentCore answers. */
  readonly endpoint: string;
  /** Where the states of stacks and the code of their functions are kept. */
  readonly stateDir: string;
  /** ARN, name or logical id, or the beginning of that. */
  readonly stateMachine: string;
  readonly input: JsonValue;
  /** The name of the execution; a new one unless told. */
  readonly name?: string;
  readonly onEvent?: (event: ExecutionEvent) => void;
  /** Takes what functions write, line by line as it comes. */
  readonly onLog?: (line: FunctionLogLine) => void;
  /** Takes what goes to EventBridge. */
  readonly onSent?: (event: SentEvent) => void;
  readonly onNotice?: (notice: string) => void;
  /** Whether state machines and functions call with the permissions of their roles; true unless set. */
  readonly iam?: boolean;
  /** Aborts the execution, as StopExecution does. */
  readonly signal?: AbortSignal;
  /** Around what runs functions, for tests. */
  readonly invoker?: (runner: Invoker) => Invoker;
}

/** How an execution ended. */
export type ExecutionResult = ExecutionOutcome & { readonly executionArn: string };

/**
 * Runs a state machine that is deployed to a local AgentCore, with the functions that its definition names.
 *
 * @throws DeployerError where there is no such state machine, or it cannot be run locally
 */
export async function execute(options: ExecuteOptions): Promise<ExecutionResult> {
  const { onLog = () => {}, signal = new AbortController().signal } = options;
  const agentCore = await reachableEndpoint(options.endpoint);
  const { address, id } = agentCore;
  const iam = new LocalIam(agentCore, { isOn: options.iam ?? true, onNotice: options.onNotice });
  const directory = new StateDirectory(options.stateDir, id);
  const store = new StateStore(directory.stacks);
  const functions = new FunctionDirectory(store, new CodeStore(directory.code));
  const machine = findStateMachine(store.all(), options.stateMachine);
  const asynchronous = new Set<Promise<unknown>>();
  const lambda = new InvokeServer({
    find: (reference, region) => functions.findNamed(reference, region),
    denialOf: async (accessKeyId, functionArn, region) => iam.denialOf({ accessKeyId }, { operation: 'lambda:Invoke', names: { functionArn }, region }),
    invoke: (target, event, requestId) => {
      const run = invokeAsynchronously(invoker, target, event, requestId).finally(() => asynchronous.delete(run));
      asynchronous.add(run);
    },
  });
  const runner = new WarmRunner({
    endpoint: address, lambdaEndpoint: async () => lambda.url(), accessKeyOf: async (target) => iam.accessKeyOf(target), clock: SYSTEM_CLOCK, onLog,
  });
  const invoker: Invoker = options.invoker?.(runner) ?? runner;
  const machines = new Machines(options, store, functions, invoker, new LocalObjects(address), iam);
  const executionArn = executionArnOf(machine.arn, options.name);
  try {
    return { ...await machines.run(machine, executionArn, options.input, signal), executionArn };
  } finally {
    await Promise.allSettled([...asynchronous]);
    await runner.close();
    await lambda.close();
  }
}

/** Runs state machines, and those that their states start. */
class Machines {
  private readonly tasks: TaskRunner;
  private readonly mapRuns = new Map<string, string[]>();

  constructor(
    private readonly options: ExecuteOptions, private readonly store: StateStore, functions: FunctionDirectory, invoker: Invoker,
    private readonly objects: LocalObjects, private readonly iam: LocalIam,
  ) {
    const { onSent = () => {} } = options;
    this.tasks = new TaskRunner({
      functions,
      invoker,
      onSent,
      start: async (arn, input, signal) => this.start(arn, input, signal),
      mapRunsOf: (executionArn) => this.mapRuns.get(executionArn) ?? [],
    });
  }

  public async run(machine: DeployedStateMachine, executionArn: string, input: JsonValue, signal: AbortSignal): Promise<ExecutionOutcome> {
    const { onEvent = () => {} } = this.options;
    const identity = { executionArn, stateMachineArn: machine.arn, startedAt: new Date(SYSTEM_CLOCK.now()).toISOString() };
    const permissions = new MachinePermissions(this.iam, machine.roleArn, machine.arn, executionArn.split(':').at(-1)!);
    return runDefinition(machine.definition, input, identity, {
      runTask: async (state, given, aborted) => this.tasks.run(state, given, aborted, permissions),
      objects: permissions.objects(this.objects),
      onEvent,
      onMapRun: async (mapRunArn) => {
        await permissions.require('mapRun', 'states:StartExecution', { stateMachineArn: machine.arn });
        this.mapRuns.set(executionArn, [mapRunArn, ...this.mapRuns.get(executionArn) ?? []]);
      },
      onEnd: async (ended, how, given) => this.tellRules(machine, ended, how, given),
      signal,
    });
  }

  private async start(arn: string, input: JsonValue, signal: AbortSignal): Promise<ExecutionOutcome & { readonly executionArn: string }> {
    const executionArn = executionArnOf(arn);
    return { ...await this.run(findStateMachine(this.store.all(), arn), executionArn, input, signal), executionArn };
  }

  /** Sends the event about the end of an execution to the rules of its stack: where its states do not run any more, these clean up. */
  private async tellRules(
    { stack }: DeployedStateMachine, { executionArn, stateMachineArn }: ExecutionIdentity, { status }: ExecutionOutcome, input: JsonValue,
  ): Promise<void> {
    if (status !== 'ABORTED' && status !== 'TIMED_OUT') return;
    const { onNotice = () => {} } = this.options;
    const event = {
      'source': 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      'detail': { executionArn, stateMachineArn, status, input: JSON.stringify(input) },
    };
    for (const target of targetsOf(stack, event)) {
      await this.tasks.invoke(target.arn, target.input, new AbortController().signal)
        .catch((error) => onNotice(`function ${target.arn}, called for the end of the execution, failed: ${messageOf(error)}`));
    }
  }
}
