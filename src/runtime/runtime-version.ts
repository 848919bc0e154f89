import { Stack, Token } from 'aws-cdk-lib';
import { CfnRuntime, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';

/** The version of a runtime where a change of it can reach a stack; an imported runtime usually tells none. */
export function versionFor(stack: Stack, runtime: IRuntimeRef): string | undefined {
  const version = CfnRuntime.isCfnRuntime(runtime)
    ? runtime.attrAgentRuntimeVersion
    : (runtime as { readonly agentRuntimeVersion?: string }).agentRuntimeVersion;
  // between stacks it would be an export, which CloudFormation refuses to change while it is imported
  return Token.isUnresolved(version) && outermost(Stack.of(runtime)) !== outermost(stack) ? undefined : version;
}

/** Nested stacks hand values to each other by parameters and outputs, without exports. */
function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}
