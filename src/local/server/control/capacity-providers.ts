import { capacityProviderFieldViolations, CapacityProviderInput } from '../../../service/capacity-provider';
import { Violation } from '../../../service/model/validate';
import { partitionOf } from '../../../service/partition';
import { QUOTAS } from '../../../service/quotas';
import { isTransient } from '../../../service/status';
import { validateTagKeys } from '../../../service/tags';
import { LOCAL_ACCOUNT } from '../../identity';
import { ServiceError } from '../../service-error';
import { fieldValidationFailed } from '../http-error';
import { versionsOn } from './capacity-provider-views';
import { Caller, ControlPlaneContext, mutate, timestamp, transition } from './context';
import { newId } from './ids';
import { CapacityProviderRecord } from './records';
import { requireCapacityProvider } from './resources';
import { quotaExceeded } from './runtimes';
import { statusAt } from './transition';

interface ProviderInput {
  readonly capacityProviderId: string;
}

/** CreateCapacityProvider: its configuration is kept; nothing is ever launched from it. */
export async function createCapacityProvider(context: ControlPlaneContext, input: CapacityProviderInput, { region, isAws }: Caller): Promise<object> {
  return mutate(context, 'CreateCapacityProvider', region, input, async ({ draft, now }) => {
    const { name, description, permissionsConfiguration, computeConfiguration, tags = {} } = input;
    const found: Violation[] = [
      ...capacityProviderFieldViolations(input),
      ...(isAws ? [] : validateTagKeys(Object.keys(tags))).map((message) => ({ path: 'tags', message })),
    ];
    if (found.length > 0) throw fieldValidationFailed(found);
    if (draft.capacityProviders.some((provider) => provider.name === name)) {
      throw new ServiceError('ConflictException', `a capacity provider with the specified name already exists: ${name}; choose another name or delete that one`);
    }
    if (draft.capacityProviders.length >= QUOTAS.capacityProviders) throw quotaExceeded(`${QUOTAS.capacityProviders} capacity providers`);

    const id = newId(name);
    const provider: CapacityProviderRecord = {
      id,
      arn: `arn:${partitionOf(region)}:bedrock-agentcore:${region}:${LOCAL_ACCOUNT}:capacity-provider/${id}`,
      name,
      createdAt: now,
      lastUpdatedAt: now,
      description,
      permissionsConfiguration,
      computeConfiguration,
      state: transition(context, now, 'CREATING'),
      tags,
    };
    draft.capacityProviders.push(provider);
    return { output: { ...namesOf(provider), status: 'CREATING' } };
  });
}

/** UpdateCapacityProvider: the description alone, which an empty wrapper unsets. */
export async function updateCapacityProvider(
  context: ControlPlaneContext, input: ProviderInput & { readonly description?: { readonly optionalValue?: string } },
): Promise<object> {
  return mutate(context, 'UpdateCapacityProvider', input.capacityProviderId, input, async ({ draft, now }) => {
    const provider = requireCapacityProvider(draft, input.capacityProviderId, now);
    requireSettled(provider, now);
    if (input.description) provider.description = input.description.optionalValue;
    provider.lastUpdatedAt = now;
    provider.state = transition(context, now, 'UPDATING');
    return {
      output: { ...namesOf(provider), status: 'UPDATING', createdAt: timestamp(provider.createdAt), lastUpdatedAt: timestamp(now) },
    };
  });
}

/** DeleteCapacityProvider: refused while a version of a runtime refers to it. */
export async function deleteCapacityProvider(context: ControlPlaneContext, input: ProviderInput): Promise<object> {
  return mutate(context, 'DeleteCapacityProvider', input.capacityProviderId, input, async ({ draft, now }) => {
    const provider = requireCapacityProvider(draft, input.capacityProviderId, now);
    requireSettled(provider, now);
    const users = versionsOn(draft, provider, now).map(({ runtime, version }) => `version ${version.version} of agent runtime ${runtime.id}`);
    if (users.length > 0) {
      throw new ServiceError('ConflictException', `capacity provider ${provider.id} is in use by ${users.slice(0, 5).join(', ')}${users.length > 5 ? ', …' : ''}; delete these first`);
    }
    provider.lastUpdatedAt = now;
    provider.state = transition(context, now, 'DELETING');
    return { output: { capacityProviderId: provider.id, status: 'DELETING' } };
  });
}

function requireSettled(provider: CapacityProviderRecord, now: number): void {
  const status = statusAt(provider.state, now);
  if (isTransient(status)) {
    throw new ServiceError('RetryableConflictException', `capacity provider ${provider.id} is in state ${status}; wait until it is READY before changing it`);
  }
}

function namesOf({ id, arn, name }: CapacityProviderRecord) {
  return { capacityProviderId: id, capacityProviderArn: arn, name };
}
