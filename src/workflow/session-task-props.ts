import { IRuntimeEndpointRef, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';

/** Which endpoint of a runtime is meant. */
export interface EndpointOptions {
  /**
   * The runtime: an `AgentRuntime`, a runtime of `aws-cdk-lib/aws-bedrockagentcore`, or an imported one. It has to authorize
   * callers by IAM, which is the default.
   */
  readonly runtime: IRuntimeRef;

  /**
   * The endpoint, where this app declares it.
   *
   * @default - the one that `qualifier` names
   */
  readonly endpoint?: IRuntimeEndpointRef;

  /**
   * The name of the endpoint, where this app does not declare it.
   *
   * @default - DEFAULT
   */
  readonly qualifier?: string;
}

/** Which session a task is about. */
export interface SessionTaskOptions extends EndpointOptions {
  /**
   * The session: 33 to 256 visible characters of ASCII, or a path or an expression that gives them.
   *
   * @default - the one that all tasks of an execution for the same endpoint share
   */
  readonly sessionId?: string;
}
