import { validateMicroVmLifecycle } from '../../../service/lifecycle';
import { Violation } from '../../../service/model/validate';
import { crossFieldViolations } from '../../../service/runtime-input';
import { validateTagKeys } from '../../../service/tags';
import { fieldValidationFailed } from '../http-error';
import { RuntimeConfiguration } from './records';

export interface RuntimeInput extends RuntimeConfiguration {
  readonly clientToken?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly metadataConfiguration?: { readonly requireMMDSV2: boolean };
}

/**
 * Refuses an input of CreateAgentRuntime or UpdateAgentRuntime whose fields are valid each for itself but not together,
 * or not here.
 *
 * @param isAws whether AWS itself calls, which may set the tags under its prefix
 */
export function checkRuntimeInput(input: RuntimeInput, creating: boolean, isAws = false): void {
  const found: Violation[] = [
    ...crossFieldViolations(input),
    ...validateMicroVmLifecycle(input.lifecycleConfiguration ?? {}).map((message) => ({ path: 'lifecycleConfiguration', message })),
    ...(isAws ? [] : validateTagKeys(Object.keys(input.tags ?? {}))).map((message) => ({ path: 'tags', message })),
  ];
  if (creating && input.networkConfiguration?.networkModeConfig?.requireServiceS3Endpoint !== undefined) {
    found.push({ path: 'networkConfiguration.networkModeConfig.requireServiceS3Endpoint', message: 'is for UpdateAgentRuntime only; leave it out' });
  }
  if (input.metadataConfiguration?.requireMMDSV2 === false) {
    found.push({ path: 'metadataConfiguration.requireMMDSV2', message: 'false is not allowed; every runtime uses version 2 of the metadata service' });
  }
  if (input.capacityProviderConfiguration) {
    const { capacityProviderArn } = input.capacityProviderConfiguration;
    found.push({ path: 'capacityProviderConfiguration', message: `${capacityProviderArn} is not there; the local AgentCore does not serve capacity providers yet` });
  }
  if (found.length > 0) throw fieldValidationFailed(found);
}
