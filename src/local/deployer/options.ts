import { StackResult } from './engine/engine';
import { StackEvent } from './engine/events';
import { FunctionLogLine } from './lambda/function';
import { AllowStubs } from './resources/registry';

/** Where the states of stacks are kept unless told otherwise, below the current directory. */
export const DEFAULT_STATE_DIRECTORY = '.agentcore-local/stacks';

interface CommonOptions {
  /** Where the local AgentCore answers. */
  readonly endpoint: string;
  /** Names of stacks: id, stack name, or `Stage/Stack`; all where left out. */
  readonly stacks?: readonly string[];
  /** Where the states of stacks and the code of their functions are kept. */
  readonly stateDir: string;
  /** Whether functions call with the permissions of their roles; true unless set. */
  readonly iam?: boolean;
  readonly onEvent: (event: StackEvent) => void;
  /** Takes what functions write, line by line as it comes. */
  readonly onLog: (line: FunctionLogLine) => void;
  /** Takes what the user should know: what is left out or stood in for. */
  readonly onNotice?: (notice: string) => void;
}

export interface DeployOptions extends CommonOptions {
  /** The output directory of `cdk synth`. */
  readonly assemblyDirectory: string;
  /** The region of stacks that name none; us-east-1 unless told. */
  readonly region?: string;
  /** Types without a handler that are to be deployed as stubs. */
  readonly allowStubs?: AllowStubs;
  /** Ids of existing resources by logical ids: they are taken into the one stack that is meant, and nothing else happens. */
  readonly imports?: Readonly<Record<string, string>>;
}

export interface DestroyOptions extends CommonOptions {
  /** Names the stacks and their order; without one, the states decide. */
  readonly assemblyDirectory?: string;
}

/** How a deployment, or its undoing, ended. */
export interface DeployResult {
  readonly succeeded: boolean;
  /** In the order of work; stacks after a failed one are not begun. */
  readonly stacks: readonly StackResult[];
}
