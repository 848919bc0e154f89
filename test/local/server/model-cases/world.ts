import { Readable } from 'node:stream';
import {
  CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, CreateCapacityProviderCommand, PutResourcePolicyCommand, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Case } from './cases';
import { Pins } from './values';
import { LOCAL_ACCOUNT } from '../../../../src/local/identity';
import { capacityProviderInput, containerInput, Harness, policyFor } from '../support/harness';

const VPC = { networkMode: 'VPC', networkModeConfig: { subnets: ['subnet-12345678'], securityGroups: ['sg-12345678'] } };
const EFS_ARN = `arn:aws:elasticfilesystem:us-east-1:${LOCAL_ACCOUNT}:access-point/fsap-0123456789abcdef0`;
const S3_FILES_ARN = `arn:aws:s3files:us-east-1:${LOCAL_ACCOUNT}:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0`;

/** The longest life of a session on a microVM, in seconds. */
const MICRO_VM_SECONDS = 28_800;
/** Volumes that mounts may name: among them the shortest and the longest name. */
const VOLUMES = ['data', 'a', 'a'.repeat(48), 'v3', 'v4'];

interface Names {
  readonly runtimeId: string;
  readonly runtimeArn: string;
}

/** What has to be there so that an input which the model allows can be carried out. */
export class World {
  public static async make(harness: Harness): Promise<World> {
    harness.sessions.onRun = async (sink) => {
      sink.onStart();
      return { exitCode: 0, status: 'COMPLETED' };
    };
    harness.sessions.onInvoke = () => ({ status: 200, headers: {}, body: Readable.from(['{}']) });
    harness.sessions.stop = async () => undefined;
    const { computeConfiguration, ...provider } = capacityProviderInput('world');
    const { ec2Configuration } = computeConfiguration as { ec2Configuration: object };
    const volumes = VOLUMES.map((name) => ({ ebsConfiguration: { name, sizeGiB: 1 } }));
    const { capacityProviderId, capacityProviderArn } = await harness.control().send(new CreateCapacityProviderCommand({
      ...provider, computeConfiguration: { ec2Configuration: { ...ec2Configuration, volumes } as any },
    }));
    const world = new World(harness, capacityProviderId!, capacityProviderArn!);
    world.microVm = await world.newRuntime();
    world.onInstances = await world.newRuntime({
      networkConfiguration: undefined, filesystemConfigurations: [], capacityProviderConfiguration: { capacityProviderArn },
    });
    await world.newEndpoint(world.microVm, 'prod');
    await world.putPolicy(world.microVm);
    return world;
  }

  private microVm!: Names;
  private onInstances!: Names;
  private made = 0;

  private constructor(private readonly harness: Harness, private readonly providerId: string, private readonly providerArn: string) {}

  /** What plain values have to be for an operation to find what they name. */
  public get pins(): Pins {
    const { runtimeId, runtimeArn } = this.microVm;
    const mounts = [
      { sessionStorage: { mountPath: '/mnt/a' } },
      ...['b', 'c'].map((name) => ({ efsAccessPoint: { accessPointArn: EFS_ARN, mountPath: `/mnt/${name}` } })),
      ...['d', 'e'].map((name) => ({ s3FilesAccessPoint: { accessPointArn: S3_FILES_ARN, mountPath: `/mnt/${name}` } })),
    ];
    return {
      'AgentRuntimeId': runtimeId,
      'AgentRuntimeVersion': '1',
      // edges are other tokens: each is used once
      'ClientToken': 'a-client-token-of-more-than-33-characters',
      'CapacityProviderArn': this.providerArn,
      'CapacityProviderId': this.providerId,
      'CapacityProviderVolumeName': VOLUMES[0],
      'TaggableResourcesArn': runtimeArn,
      'ResourcePolicyBody': policyFor(runtimeArn),
      'FilesystemConfigurations[]': mounts,
      'VolumeConfigurationList[]': VOLUMES.map((name) => ({ ebsConfiguration: { name, sizeGiB: 1 } })),
      'agentRuntimeArn': runtimeArn,
      'resourceArn': runtimeArn,
      'endpointName': 'prod',
      'qualifier': 'prod',
      'accountId': LOCAL_ACCOUNT,
    };
  }

  /** The input of a case that is to be met, with what rules between fields and resources ask for besides. */
  public async fitted({ operation, input, path }: Case): Promise<Record<string, unknown>> {
    switch (operation) {
      case 'CreateAgentRuntime': return this.withRules({ ...input, ...this.freshName(input, 'agentRuntimeName', path) });
      case 'UpdateAgentRuntime': return this.withRules(input);
      case 'CreateAgentRuntimeEndpoint': return { ...input, ...this.freshName(input, 'name', path) };
      case 'CreateCapacityProvider': return { ...withInstanceLifeTimes(input), ...this.freshName(input, 'name', path) };
      case 'PutResourcePolicy': return { ...input, policy: this.policyOfLength((input.policy as string).length) };
      case 'DeleteAgentRuntime': return { ...input, ...(path === 'agentRuntimeId' ? {} : { agentRuntimeId: (await this.victim()).runtimeId }) };
      case 'TagResource': return { ...input, ...(path === 'resourceArn' ? {} : { resourceArn: (await this.victim()).runtimeArn }) };
      case 'DeleteResourcePolicy': return { ...input, ...(path === 'resourceArn' ? {} : { resourceArn: (await this.victim()).runtimeArn }) };
      case 'DeleteAgentRuntimeEndpoint': {
        if (path === 'agentRuntimeId' || path === 'endpointName') return input;
        const endpointName = this.newName();
        await this.newEndpoint(this.microVm, endpointName);
        return { ...input, endpointName };
      }
      case 'DeleteCapacityProvider': {
        if (path === 'capacityProviderId') return input;
        const { capacityProviderId } = await this.harness.control().send(new CreateCapacityProviderCommand(capacityProviderInput(this.newName())));
        return { ...input, capacityProviderId };
      }
      default: return input;
    }
  }

  /** How to delete what a case has made. */
  public undo({ operation }: Case, output: any): readonly [operation: string, input: Record<string, unknown>] | undefined {
    switch (operation) {
      case 'CreateAgentRuntime': return ['DeleteAgentRuntime', { agentRuntimeId: output.agentRuntimeId }];
      case 'CreateAgentRuntimeEndpoint': return ['DeleteAgentRuntimeEndpoint', { agentRuntimeId: output.agentRuntimeId, endpointName: output.endpointName }];
      case 'CreateCapacityProvider': return ['DeleteCapacityProvider', { capacityProviderId: output.capacityProviderId }];
      default: return undefined;
    }
  }

  /** No policy is as short as the model allows. */
  private policyOfLength(length: number): string {
    return policyFor(this.microVm.runtimeArn).slice(0, length).padEnd(length);
  }

  private withRules(input: Readonly<Record<string, any>>): Record<string, unknown> {
    const { filesystemConfigurations = [], lifecycleConfiguration = {}, networkConfiguration } = input;
    const { idleRuntimeSessionTimeout: idle = 0, maxLifetime: max = 0 } = lifecycleConfiguration;
    const needs = (kind: string) => filesystemConfigurations.some((filesystem: object) => kind in filesystem);
    const onInstances = needs('capacityProviderVolume') || Math.max(idle, max) > MICRO_VM_SECONDS || input.capacityProviderConfiguration !== undefined;
    return {
      ...input,
      ...(onInstances && 'agentRuntimeId' in input && input.agentRuntimeId === this.microVm.runtimeId ? { agentRuntimeId: this.onInstances.runtimeId } : {}),
      ...(onInstances && !input.capacityProviderConfiguration ? { capacityProviderConfiguration: { capacityProviderArn: this.providerArn } } : {}),
      ...(needs('efsAccessPoint') || needs('s3FilesAccessPoint') ? { networkConfiguration: VPC } : {}),
      ...(networkConfiguration?.networkMode === 'VPC' && !networkConfiguration.networkModeConfig ? { networkConfiguration: VPC } : {}),
      ...(idle > (max || MICRO_VM_SECONDS) ? { lifecycleConfiguration: { ...lifecycleConfiguration, maxLifetime: idle } } : {}),
    };
  }

  private freshName(input: Readonly<Record<string, unknown>>, member: string, path: string): Record<string, unknown> {
    return path === member || input[member] === undefined ? {} : { [member]: this.newName() };
  }

  private newName(): string {
    return `made${this.made++}`;
  }

  /** A runtime that may be changed and deleted: with a version that is not in use, and a policy. */
  private async victim(): Promise<Names> {
    const names = await this.newRuntime();
    const { agentRuntimeName, ...input } = containerInput('any');
    await this.harness.control().send(new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId: names.runtimeId }));
    await this.putPolicy(names);
    return names;
  }

  private async newRuntime(more: object = {}): Promise<Names> {
    const input = containerInput(this.newName(), more);
    const { agentRuntimeId, agentRuntimeArn } = await this.harness.control().send(new CreateAgentRuntimeCommand(input));
    return { runtimeId: agentRuntimeId!, runtimeArn: agentRuntimeArn! };
  }

  private async newEndpoint({ runtimeId }: Names, name: string): Promise<void> {
    await this.harness.control().send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: runtimeId, name }));
  }

  private async putPolicy({ runtimeArn }: Names): Promise<void> {
    await this.harness.control().send(new PutResourcePolicyCommand({ resourceArn: runtimeArn, policy: policyFor(runtimeArn) }));
  }
}

function withInstanceLifeTimes(input: Readonly<Record<string, any>>): Record<string, unknown> {
  const { computeConfiguration } = input;
  const { ec2Configuration } = computeConfiguration ?? {};
  const { idleInstanceTimeout: idle = 0, maxLifetime = MICRO_VM_SECONDS } = ec2Configuration?.lifecycleConfiguration ?? {};
  if (idle <= maxLifetime) return input;
  const lifecycleConfiguration = { idleInstanceTimeout: idle, maxLifetime: idle };
  return { ...input, computeConfiguration: { ec2Configuration: { ...ec2Configuration, lifecycleConfiguration } } };
}
