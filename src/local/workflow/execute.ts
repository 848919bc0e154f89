import { ExecutionEvent, executionArnOf, ExecutionOutcome, runDefinition } from './execution';
import { DeployedStateMachine, findStateMachine } from './find-state-machine';
import { JsonValue } from './interpreter';
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
import { LambdaRunner } from '../deployer/lambda/runner';
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
  const { onEvent = () => {}, onSent = () => {}, onLog = () => {}, onNotice = () => {}, signal = new AbortController().signal } = options;
  const { address, id } = await reachableEndpoint(options.endpoint);
  const directory = new StateDirectory(options.stateDir, id);
  const store = new StateStore(directory.stacks);
  const functions = new FunctionDirectory(store, new CodeStore(directory.code));
  const machine = findStateMachine(store.all(), options.stateMachine);
  const asynchronous = new Set<Promise<unknown>>();
  const lambda = new InvokeServer({
    find: (reference, region) => functions.findNamed(reference, region),
    invoke: (target, event, requestId) => {
      const run = invokeAsynchronously(invoker, target, event, requestId).finally(() => asynchronous.delete(run));
      asynchronous.add(run);
    },
  });
  const runner = new LambdaRunner({ endpoint: address, lambdaEndpoint: async () => lambda.url(), clock: SYSTEM_CLOCK, onLog });
  const invoker: Invoker = options.invoker?.(runner) ?? runner;
  const executionArn = executionArnOf(machine.arn, options.name);
  try {
    const tasks = new TaskRunner({ functions, invoker, onSent, signal });
    const outcome = await runDefinition(machine.definition, options.input, { executionArn, stateMachineArn: machine.arn }, {
      runTask: async (state, input) => tasks.run(state, input), objects: new LocalObjects(address), onEvent, signal,
    });
    await tasks.drain();
    if (outcome.status === 'ABORTED' || outcome.status === 'TIMED_OUT') {
      const last = new TaskRunner({ functions, invoker, onSent, signal: new AbortController().signal });
      await tellRules(machine, executionArn, outcome.status, options.input, last, onNotice);
    }
    return { ...outcome, executionArn };
  } finally {
    await Promise.allSettled([...asynchronous]);
    await lambda.close();
  }
}

/** Sends the event about the end of an execution to the rules of its stack: where its states do not run any more, these clean up. */
async function tellRules(
  { arn, stack }: DeployedStateMachine, executionArn: string, status: string, input: JsonValue, tasks: TaskRunner, onNotice: (notice: string) => void,
): Promise<void> {
  const event = {
    'source': 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    'detail': { executionArn, stateMachineArn: arn, status, input: JSON.stringify(input) },
  };
  for (const target of targetsOf(stack, event)) {
    await tasks.invoke(target.arn, target.input).catch((error) => onNotice(`function ${target.arn}, called for the end of the execution, failed: ${messageOf(error)}`));
  }
}
