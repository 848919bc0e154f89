import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand,
  DeleteAgentRuntimeEndpointCommand, GetAgentRuntimeCommand, ListAgentRuntimeEndpointsCommand, ListAgentRuntimesCommand, ListTagsForResourceCommand,
  TagResourceCommand, UntagResourceCommand, UpdateAgentRuntimeCommand, UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { containerInput } from './harness';
import { SeededRandom } from '../../../util/random';

/** What a runtime is, as far as its changes go; undefined where there is none. */
export interface RuntimeModel {
  readonly version: number;
  readonly description: string;
  /** Names, and the versions that they stay on. */
  readonly endpoints: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
}

interface Change {
  readonly after: RuntimeModel | undefined;
  readonly send: (control: BedrockAgentCoreControlClient, id: string) => Promise<unknown>;
}

const ENDPOINTS = ['prod', 'canary'];

/** Changes one runtime again and again, and knows what it has to be: as before the change that was not answered, or as after it. */
export class ControlPlaneWorker {
  public acknowledged = 0;
  private model: RuntimeModel | undefined;
  private doubtful: { readonly after: RuntimeModel | undefined } | undefined;
  private id = '';
  private steps = 0;

  constructor(private readonly name: string, private readonly random: SeededRandom) {}

  /** Takes one step; rejects where it is not answered. */
  public async step(control: BedrockAgentCoreControlClient): Promise<void> {
    this.steps++;
    const change = this.model === undefined ? this.create() : this.change(this.model);
    this.doubtful = { after: change.after };
    await change.send(control, this.id);
    this.model = change.after;
    this.doubtful = undefined;
    this.acknowledged++;
  }

  /** Compares with what a server knows; throws where it has forgotten or invented something. */
  public async check(control: BedrockAgentCoreControlClient): Promise<void> {
    const found = await this.read(control);
    const allowed = [this.model, ...(this.doubtful === undefined ? [] : [this.doubtful.after])];
    if (!allowed.some((model) => canonical(model) === canonical(found))) {
      throw new Error(`${this.name} is ${canonical(found)}, allowed is ${allowed.map(canonical).join(' or ')}`);
    }
    this.model = found;
    this.doubtful = undefined;
  }

  private async read(control: BedrockAgentCoreControlClient): Promise<RuntimeModel | undefined> {
    const { agentRuntimes } = await control.send(new ListAgentRuntimesCommand({ maxResults: 100 }));
    const summary = agentRuntimes!.find(({ agentRuntimeName }) => agentRuntimeName === this.name);
    if (summary === undefined) return undefined;
    this.id = summary.agentRuntimeId!;
    const runtime = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: this.id }));
    const { runtimeEndpoints } = await control.send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId: this.id }));
    const settled = [runtime.status, ...runtimeEndpoints!.map(({ status }) => status)].every((status) => status === 'READY');
    const byDefault = runtimeEndpoints!.find(({ name }) => name === 'DEFAULT');
    if (!settled || byDefault?.liveVersion !== runtime.agentRuntimeVersion) throw new Error(`${this.name} is not settled: ${JSON.stringify(runtimeEndpoints)}`);
    const { tags = {} } = await control.send(new ListTagsForResourceCommand({ resourceArn: runtime.agentRuntimeArn }));
    const own = runtimeEndpoints!.filter(({ name }) => name !== 'DEFAULT').map(({ name, liveVersion }) => [name!, Number(liveVersion)] as const);
    return { version: Number(runtime.agentRuntimeVersion), description: runtime.description ?? '', endpoints: Object.fromEntries(own), tags };
  }

  private create(): Change {
    const description = `step ${this.steps}`;
    return {
      after: { version: 1, description, endpoints: {}, tags: { made: description } },
      send: async (control) => {
        const made = await control.send(new CreateAgentRuntimeCommand(containerInput(this.name, { description, tags: { made: description } })));
        this.id = made.agentRuntimeId!;
      },
    };
  }

  private change(model: RuntimeModel): Change {
    const there = Object.keys(model.endpoints);
    const absent = ENDPOINTS.filter((name) => !there.includes(name));
    const changes = [
      this.update(model), this.update(model), this.tag(model), this.untag(model),
      ...absent.map((name) => this.createEndpoint(model, name)),
      ...there.flatMap((name) => [this.moveEndpoint(model, name), this.deleteEndpoint(model, name)]),
      ...(there.length === 0 ? [this.remove()] : []),
    ];
    return this.random.pick(changes);
  }

  private update(model: RuntimeModel): Change {
    const description = `step ${this.steps}`;
    const { agentRuntimeName: _, ...input } = containerInput(this.name, { description });
    return {
      after: { ...model, version: model.version + 1, description },
      send: async (control, agentRuntimeId) => control.send(new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId })),
    };
  }

  private tag(model: RuntimeModel): Change {
    const tags = { [`tag${this.random.below(3)}`]: `step ${this.steps}` };
    return {
      after: { ...model, tags: { ...model.tags, ...tags } },
      send: async (control, id) => control.send(new TagResourceCommand({ resourceArn: await arnOf(control, id), tags })),
    };
  }

  private untag(model: RuntimeModel): Change {
    const key = this.random.pick(['made', 'tag0', 'tag1', 'tag2']);
    const { [key]: _, ...tags } = model.tags;
    return {
      after: { ...model, tags },
      send: async (control, id) => control.send(new UntagResourceCommand({ resourceArn: await arnOf(control, id), tagKeys: [key] })),
    };
  }

  private createEndpoint(model: RuntimeModel, name: string): Change {
    return {
      after: { ...model, endpoints: { ...model.endpoints, [name]: model.version } },
      send: async (control, agentRuntimeId) => control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name })),
    };
  }

  private moveEndpoint(model: RuntimeModel, endpointName: string): Change {
    const version = 1 + this.random.below(model.version);
    return {
      after: { ...model, endpoints: { ...model.endpoints, [endpointName]: version } },
      send: async (control, agentRuntimeId) => control.send(new UpdateAgentRuntimeEndpointCommand({
        agentRuntimeId, endpointName, agentRuntimeVersion: String(version),
      })),
    };
  }

  private deleteEndpoint(model: RuntimeModel, endpointName: string): Change {
    const { [endpointName]: _, ...endpoints } = model.endpoints;
    return {
      after: { ...model, endpoints },
      send: async (control, agentRuntimeId) => control.send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName })),
    };
  }

  private remove(): Change {
    return {
      after: undefined,
      send: async (control, agentRuntimeId) => control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId })),
    };
  }
}

async function arnOf(control: BedrockAgentCoreControlClient, agentRuntimeId: string): Promise<string> {
  return (await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).agentRuntimeArn!;
}

function canonical(model: RuntimeModel | undefined): string {
  const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return model === undefined ? 'gone' : JSON.stringify([model.version, model.description, sorted(model.endpoints), sorted(model.tags)]);
}
