import { resourcePolicyFaults } from '../../../service/resource-policy';
import { ServiceError } from '../../service-error';
import { fieldValidationFailed } from '../http-error';
import { ControlPlaneContext, mutate } from './context';
import { requireRuntimeResource } from './resources';

interface PolicyInput {
  readonly resourceArn: string;
}

/** PutResourcePolicy: the policy is kept as it was put, and decides nothing here. */
export async function putResourcePolicy(context: ControlPlaneContext, input: PolicyInput & { readonly policy: string }): Promise<object> {
  return mutate(context, 'PutResourcePolicy', input.resourceArn, input, async ({ draft, now }) => {
    const { resourceArn, policy } = input;
    const resource = requireRuntimeResource(draft, resourceArn, now);
    const found = resourcePolicyFaults(policy, resourceArn);
    if (found.length > 0) throw fieldValidationFailed(found.map((message) => ({ path: 'policy', message })));
    resource.policy = policy;
    return { output: { policy } };
  });
}

/** GetResourcePolicy. */
export async function getResourcePolicy({ store, clock }: ControlPlaneContext, { resourceArn }: PolicyInput): Promise<object> {
  const { policy } = requireRuntimeResource(store.state, resourceArn, clock.now());
  if (policy === undefined) throw noPolicy(resourceArn);
  return { policy };
}

/** DeleteResourcePolicy. */
export async function deleteResourcePolicy(context: ControlPlaneContext, input: PolicyInput): Promise<object> {
  return mutate(context, 'DeleteResourcePolicy', input.resourceArn, input, async ({ draft, now }) => {
    const resource = requireRuntimeResource(draft, input.resourceArn, now);
    if (resource.policy === undefined) throw noPolicy(input.resourceArn);
    resource.policy = undefined;
    return { output: {} };
  });
}

function noPolicy(resourceArn: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `resource ${resourceArn} has no resource policy`);
}
