import { CallFacts } from './call';
import { tagsAt } from './control-plane-call';
import { parseRuntimeArn } from '../../../service/arn';
import { DEFAULT_ENDPOINT, isRuntimeId } from '../../../service/names';
import { partitionOf } from '../../../service/partition';
import { LOCAL_ACCOUNT } from '../../identity';
import { ControlPlaneState } from '../control/records';

interface NamingInput {
  readonly agentRuntimeArn?: string;
  readonly accountId?: string;
  readonly qualifier?: string;
  readonly runtimeUserId?: string;
  readonly capacityProviderId?: string;
}

/** What a call of the data plane depends on; undefined if it names no runtime, which the operation itself refuses. */
export function dataPlaneCall(
  operation: string, input: NamingInput, { state, now, region }: { readonly state: ControlPlaneState; readonly now: number; readonly region: string },
): CallFacts | undefined {
  const { agentRuntimeArn, accountId = LOCAL_ACCOUNT, qualifier = DEFAULT_ENDPOINT, runtimeUserId, capacityProviderId } = input;
  const own = { partition: partitionOf(region), region, account: accountId };
  const named = agentRuntimeArn === undefined ? undefined
    : parseRuntimeArn(agentRuntimeArn) ?? (isRuntimeId(agentRuntimeArn) ? { ...own, runtimeId: agentRuntimeArn } : undefined);
  if (!named && capacityProviderId === undefined) return undefined;
  const { partition, region: home, account } = named ?? own;
  return {
    operation,
    names: {
      partition,
      region: home,
      account,
      runtimeId: named?.runtimeId,
      endpointName: qualifier,
      capacityProviderArn: `arn:${partition}:bedrock-agentcore:${home}:${account}:capacity-provider/${capacityProviderId}`,
    },
    circumstances: new Set(runtimeUserId === undefined ? [] : ['userId']),
    tagsOf: (arn) => tagsAt(state, now, arn),
  };
}
