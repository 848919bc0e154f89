import { Stack } from 'aws-cdk-lib';
import { AgentRuntimeArtifact, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';

export const IMAGE = '111122223333.dkr.ecr.us-east-1.amazonaws.com/agent:1';

/** The runtime alone: no storage, no command, and CloudFormation itself provisions it. */
export function declareAgent(stack: Stack, n: number): void {
  new Runtime(stack, `Agent${n}`, { agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri(IMAGE) });
}
