import { Stack } from 'aws-cdk-lib';
import { CfnRuntime, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * What is wrong with the authorizer of a runtime in which commands are to run; an imported runtime does not tell its own.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
 */
export function validateAuthorizer(runtime: IRuntimeRef): string[] {
  const resource = CfnRuntime.isCfnRuntime(runtime) ? runtime : runtime.node.defaultChild;
  if (!CfnRuntime.isCfnRuntime(resource)) return [];
  const authorizer = Stack.of(resource).resolve(resource.authorizerConfiguration) as Record<string, unknown> | undefined;
  if (!authorizer?.customJwtAuthorizer) return [];
  return [`runtime ${resource.node.path} authorizes callers by JWT, but the service takes commands only from callers that IAM authorizes; `
    + 'leave its authorizerConfiguration out'];
}
