import { Stack } from 'aws-cdk-lib';

/**
 * The ARN of a runtime by its name, which stands in no cycle with the runtime.
 *
 * The service appends a hyphen and ten characters of its own choice to the name; `?` stands for exactly one character, so that
 * this is one runtime and none of its endpoints.
 */
export function namedRuntimeArn(stack: Stack, name: string): string {
  return agentCoreArn(stack, `runtime/${runtimeIdPattern(name)}`);
}

/** What the id of a runtime looks like. */
export function runtimeIdPattern(name: string): string {
  return `${name}-??????????`;
}

/** The ARN of what AgentCore has in the account and the region of a stack. */
export function agentCoreArn(stack: Stack, part: string): string {
  const [resource, ...rest] = part.split('/');
  return stack.formatArn({ service: 'bedrock-agentcore', resource, resourceName: rest.join('/') });
}
