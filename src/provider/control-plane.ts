import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, CreateAgentRuntimeCommandInput, DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand, GetAgentRuntimeCommandOutput, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand,
  UpdateAgentRuntimeCommand, UpdateAgentRuntimeCommandInput, paginateListAgentRuntimes,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Tags } from './contract/ownership';
import { RuntimeConfiguration } from './contract/properties';

/** A runtime as the service tells it. */
export type LiveRuntime = GetAgentRuntimeCommandOutput;

/** The control plane's operations on runtimes, with "not there" as a value. */
export interface ControlPlane {
  /** @returns the id of the new runtime */
  create(configuration: RuntimeConfiguration, clientToken: string): Promise<string>;
  get(id: string): Promise<LiveRuntime | undefined>;
  /** @returns the new version */
  update(id: string, configuration: RuntimeConfiguration, clientToken: string): Promise<string>;
  /** @returns false where there is no such runtime any more */
  remove(id: string, clientToken: string): Promise<boolean>;
  findByName(name: string): Promise<{ readonly id: string; readonly arn: string } | undefined>;
  exists(id: string): Promise<boolean>;
  /** None where there is no such runtime any more. */
  tags(arn: string): Promise<Tags>;
  tag(arn: string, tags: Tags): Promise<void>;
  untag(arn: string, keys: readonly string[]): Promise<void>;
}

export class SdkControlPlane implements ControlPlane {
  constructor(private readonly client: BedrockAgentCoreControlClient) {}

  public async create(configuration: RuntimeConfiguration, clientToken: string): Promise<string> {
    const { agentRuntimeId } = await this.client.send(new CreateAgentRuntimeCommand({
      ...configuration as unknown as CreateAgentRuntimeCommandInput, clientToken,
    }));
    return agentRuntimeId!;
  }

  public async get(id: string): Promise<LiveRuntime | undefined> {
    return unlessGone(this.client.send(new GetAgentRuntimeCommand({ agentRuntimeId: id })));
  }

  public async update(id: string, configuration: RuntimeConfiguration, clientToken: string): Promise<string> {
    // name and tags are no part of an update
    const { agentRuntimeName, tags, ...rest } = configuration;
    const { agentRuntimeVersion } = await this.client.send(new UpdateAgentRuntimeCommand({
      ...rest as unknown as UpdateAgentRuntimeCommandInput, agentRuntimeId: id, clientToken,
    }));
    return agentRuntimeVersion!;
  }

  public async remove(id: string, clientToken: string): Promise<boolean> {
    return await unlessGone(this.client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id, clientToken }))) !== undefined;
  }

  public async findByName(name: string): Promise<{ id: string; arn: string } | undefined> {
    return this.find((runtime) => runtime.agentRuntimeName === name);
  }

  public async exists(id: string): Promise<boolean> {
    return await this.find((runtime) => runtime.agentRuntimeId === id) !== undefined;
  }

  public async tags(arn: string): Promise<Tags> {
    const found = await unlessGone(this.client.send(new ListTagsForResourceCommand({ resourceArn: arn })));
    return found?.tags ?? {};
  }

  public async tag(arn: string, tags: Tags): Promise<void> {
    await this.client.send(new TagResourceCommand({ resourceArn: arn, tags: { ...tags } }));
  }

  public async untag(arn: string, keys: readonly string[]): Promise<void> {
    await this.client.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: [...keys] }));
  }

  private async find(matches: (runtime: { agentRuntimeName?: string; agentRuntimeId?: string }) => boolean) {
    for await (const page of paginateListAgentRuntimes({ client: this.client, pageSize: 100 }, {})) {
      const found = page.agentRuntimes?.find(matches);
      if (found) return { id: found.agentRuntimeId!, arn: found.agentRuntimeArn! };
    }
    return undefined;
  }
}

/** What a call comes to, or undefined where the service knows no such thing. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  });
}
