import { Stack } from 'aws-cdk-lib';
import { ResourceNames, resourceArn } from '../service/permissions/resources';

/**
 * The ARN of a runtime by its name, which stands in no cycle with the runtime.
 *
 * The service appends a hyphen and ten characters of its own choice to the name; `?` stands for exactly one character, so that
 * this is one runtime and none of its endpoints.
 */
export function namedRuntimeArn(stack: Stack, name: string): string {
  return resourceArn('runtime', namesIn(stack, { runtimeId: runtimeIdPattern(name) }));
}

/** What the id of a runtime looks like. */
export function runtimeIdPattern(name: string): string {
  return `${name}-??????????`;
}

/** Names of what is in the account and the region of a stack. */
export function namesIn(stack: Stack, more: Partial<ResourceNames> = {}): ResourceNames {
  const { partition, region, account } = stack;
  return { partition, region, account, ...more };
}
