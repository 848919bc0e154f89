import {
  BedrockAgentCoreControlClient, GetAgentRuntimeCommand, GetAgentRuntimeCommandOutput, GetAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Check, failed, failedBy, ok } from './check';
import { isTransient, ResourceStatus } from '../../service/status';
import { ago } from '../ago';

/** What was found of a runtime, and the runtime where it is there. */
export interface RuntimeFinding {
  readonly check: Check;
  readonly runtime?: GetAgentRuntimeCommandOutput;
}

/** Whether the runtime is there and ready, which version it has, and how old it is. */
export async function checkRuntime(control: BedrockAgentCoreControlClient, find: () => Promise<string>, now: number): Promise<RuntimeFinding> {
  const name = 'runtime';
  try {
    const id = (await find()).replace(/^.*:runtime\//, '');
    const runtime = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
    const { agentRuntimeVersion, createdAt, lastUpdatedAt, failureReason } = runtime;
    const platform = (runtime as { readonly platformVersion?: string }).platformVersion;
    const version = `version ${agentRuntimeVersion}${platform ? ` on platform ${platform}` : ''}`;
    const about = `${id}, ${version}, made ${ago(createdAt, now)}, last changed ${ago(lastUpdatedAt, now)}`;
    if (runtime.status === 'READY') return { check: ok(name, `${about}, READY`), runtime };
    return { check: notReady(name, about, runtime.status, failureReason), runtime };
  } catch (error) {
    return { check: failedBy(name, error) };
  }
}

/** Whether the endpoint is there and ready, and which version it leads to. */
export async function checkEndpoint(control: BedrockAgentCoreControlClient, runtimeId: string, endpointName: string): Promise<Check> {
  const name = 'endpoint';
  try {
    const call = new GetAgentRuntimeEndpointCommand({ agentRuntimeId: runtimeId, endpointName });
    const { status, liveVersion, failureReason } = await control.send(call);
    const about = `${endpointName}, version ${liveVersion}`;
    return status === 'READY' ? ok(name, `${about}, READY`) : notReady(name, about, status, failureReason);
  } catch (error) {
    const missing = (error as Error).name === 'ResourceNotFoundException';
    return failedBy(name, error, missing ? 'name one that the runtime has with --qualifier; DEFAULT is always there' : undefined);
  }
}

function notReady(name: string, about: string, status: string | undefined, reason: string | undefined): Check {
  const remedy = isTransient(status as ResourceStatus) ? 'wait until it is READY' : 'put right what the reason names, and deploy again';
  return failed(name, `${about}, ${status}${reason ? `: ${reason}` : ''}`, remedy);
}
