import { Stack, Token } from 'aws-cdk-lib';
import { CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Provisioning } from './provisioning';
import { byRule } from './rule-id';
import { ADOPTED_RUNTIME_ID } from '../provider/contract';
import { describe } from '../service/model/validate';
import { isRuntimeId, nameOfRuntimeId } from '../service/names';

const RULE = 'adoption';

/** What is wrong with a runtime to take over. */
export function validateAdoption(provisioning: Provisioning, adoptedRuntimeId?: string): string[] {
  if (adoptedRuntimeId === undefined) return [];
  const faults: string[] = [];
  if (provisioning !== Provisioning.CUSTOM_RESOURCE) {
    faults.push('adoptedRuntimeId is given, but CloudFormation takes over a runtime by its resource import (`cdk import`) only; '
      + 'leave adoptedRuntimeId out and import, or use Provisioning.CUSTOM_RESOURCE');
  }
  if (!Token.isUnresolved(adoptedRuntimeId) && !isRuntimeId(adoptedRuntimeId)) {
    faults.push(`adoptedRuntimeId ${describe(adoptedRuntimeId)} is not the id of a runtime, as coder-0123456789: its name, a hyphen and ten letters and digits; `
      + 'the attribute agentRuntimeId tells it');
  }
  return byRule(RULE, faults);
}

/** Lets the provider take over a runtime where otherwise it would make one. */
export function adopt(runtime: Runtime, resource: CfnRuntime, adoptedRuntimeId: string): void {
  resource.addPropertyOverride(ADOPTED_RUNTIME_ID, adoptedRuntimeId);
  // at synth, when a generated name is there
  runtime.node.addValidation({ validate: () => validateName(runtime, adoptedRuntimeId) });
}

function validateName(runtime: Runtime, adoptedRuntimeId: string): string[] {
  const name: unknown = Stack.of(runtime).resolve(runtime.agentRuntimeName);
  if (Token.isUnresolved(adoptedRuntimeId) || typeof name !== 'string' || name === nameOfRuntimeId(adoptedRuntimeId)) return [];
  return byRule(RULE, [`adoptedRuntimeId is ${describe(adoptedRuntimeId)}, but the name of this runtime is ${describe(name)}, and a name cannot change; `
    + `set runtimeName to ${describe(nameOfRuntimeId(adoptedRuntimeId))}`]);
}
