import { resolve } from 'node:path';
import { DeployedStack, StackResource, Stacks } from '../../client/stacks/stacks';
import { reachableEndpoint } from '../../local/deployer/endpoint';
import { StackState } from '../../local/deployer/engine/state';
import { StateStore } from '../../local/deployer/engine/state-store';
import { StateDirectory } from '../../local/deployer/state-directory';

/** The stacks that `local deploy` has made in a local AgentCore. */
export class LocalStacks implements Stacks {
  public readonly place: string;
  private store?: Promise<StateStore>;

  /** @param state the directory where `local deploy` keeps the states of stacks */
  constructor(private readonly endpoint: string, private readonly state: string) {
    this.place = `what \`local deploy\` keeps in ${state}`;
  }

  public async find(stackName: string): Promise<DeployedStack | undefined> {
    const store = await (this.store ??= this.open());
    const state = store.load(stackName);
    if (!state) return undefined;
    const outputs = Object.fromEntries(state.outputs.map(({ key, value }) => [key, value]));
    return { resources: resourcesOf(state, store.all()), outputs: async () => outputs };
  }

  private async open(): Promise<StateStore> {
    // a stack is where its resources are: each local AgentCore has its own
    const { id } = await reachableEndpoint(this.endpoint);
    return new StateStore(new StateDirectory(resolve(this.state), id).stacks);
  }
}

/** The resources of a stack and of those nested in it. */
function resourcesOf(state: StackState, all: readonly StackState[], within: readonly string[] = []): StackResource[] {
  return Object.values(state.resources).flatMap(({ logicalId, type, physicalId }) => {
    if (physicalId === undefined) return [];
    const nested = all.find(({ stackId, nestedIn }) => nestedIn?.stackId === state.stackId && stackId === physicalId);
    const own = { logicalId, type, physicalId, ...within.length > 0 ? { within } : {} };
    return [own, ...nested ? resourcesOf(nested, all, [...within, logicalId]) : []];
  });
}
