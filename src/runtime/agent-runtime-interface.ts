import { IResource } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';

/** A runtime that is known by its ARN, wherever it was made. */
export interface IAgentRuntime extends IResource, IRuntimeRef {
  /**
   * The ARN of the runtime.
   *
   * @attribute
   */
  readonly agentRuntimeArn: string;

  /**
   * The id of the runtime: its name, a hyphen, and ten characters that the service has chosen.
   *
   * @attribute
   */
  readonly agentRuntimeId: string;
}
