import { Violation } from '../../../service/model/validate';
import { crossFieldViolations } from '../../../service/runtime-input';
import { validateTagKeys } from '../../../service/tags';
import { ServiceError } from '../../service-error';
import { fieldValidationFailed } from '../http-error';
import { CapacityProviderRecord, ControlPlaneState, RuntimeConfiguration } from './records';
import { isGone, statusAt } from './transition';

export interface RuntimeInput extends RuntimeConfiguration {
  readonly clientToken?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly metadataConfiguration?: { readonly requireMMDSV2: boolean };
}

/** States of a capacity provider that runtimes can be put on: an update changes nothing that they see. */
const USABLE: readonly string[] = ['READY', 'UPDATING', 'UPDATE_FAILED'];

/** What an input of CreateAgentRuntime or UpdateAgentRuntime is judged by, besides itself. */
export interface RuntimeInputContext {
  readonly draft: ControlPlaneState;
  readonly now: number;
  /** Whether AWS itself calls, which may set the tags under its prefix. */
  readonly isAws?: boolean;
  /** What the newest version is made of; absent when the runtime is created. */
  readonly newest?: RuntimeConfiguration;
}

/**
 * Refuses an input of CreateAgentRuntime or UpdateAgentRuntime whose fields are valid each for itself but not together,
 * or not here.
 */
export function checkRuntimeInput(input: RuntimeInput, { draft, now, isAws = false, newest }: RuntimeInputContext): void {
  const { capacityProviderConfiguration, networkConfiguration, metadataConfiguration, tags = {} } = input;
  const providerArn = capacityProviderConfiguration?.capacityProviderArn;
  const provider = draft.capacityProviders.find(({ arn, state }) => arn === providerArn && !isGone(state, now));
  const found: Violation[] = [
    ...crossFieldViolations(input, provider && volumeNamesOf(provider)),
    ...(isAws ? [] : validateTagKeys(Object.keys(tags))).map((message) => ({ path: 'tags', message })),
  ];
  if (!newest && networkConfiguration?.networkModeConfig?.requireServiceS3Endpoint !== undefined) {
    found.push({ path: 'networkConfiguration.networkModeConfig.requireServiceS3Endpoint', message: 'is for UpdateAgentRuntime only; leave it out' });
  }
  if (metadataConfiguration?.requireMMDSV2 === false) {
    found.push({ path: 'metadataConfiguration.requireMMDSV2', message: 'false is not allowed; every runtime uses version 2 of the metadata service' });
  }
  if (newest && isOnInstances(newest) !== isOnInstances(input)) {
    found.push({ path: 'capacityProviderConfiguration', message: 'a runtime stays on the compute that it was created on, microVM or the instances of a capacity provider; create another runtime' });
  }
  if (providerArn !== undefined && !provider) {
    found.push({ path: 'capacityProviderConfiguration.capacityProviderArn', message: `capacity provider ${providerArn} is not there` });
  }
  if (found.length > 0) throw fieldValidationFailed(found);
  if (provider) requireUsable(provider, now);
}

function requireUsable({ id, state }: CapacityProviderRecord, now: number): void {
  const status = statusAt(state, now);
  if (USABLE.includes(status)) return;
  throw new ServiceError('ConflictException', `capacity provider ${id} is in state ${status}; a runtime needs one that is READY`);
}

function volumeNamesOf({ computeConfiguration }: CapacityProviderRecord): string[] {
  return (computeConfiguration.ec2Configuration.volumes ?? []).map(({ ebsConfiguration }) => ebsConfiguration.name);
}

function isOnInstances({ capacityProviderConfiguration }: RuntimeConfiguration): boolean {
  return capacityProviderConfiguration !== undefined;
}
