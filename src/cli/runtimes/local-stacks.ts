import { resolve } from 'node:path';
import { DeployedStack, Stacks } from '../../client/stacks/stacks';
import { reachableEndpoint } from '../../local/deployer/endpoint';
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
    const state = (await (this.store ??= this.open())).load(stackName);
    if (!state) return undefined;
    const resources = Object.values(state.resources)
      .flatMap(({ logicalId, type, physicalId }) => (physicalId === undefined ? [] : [{ logicalId, type, physicalId }]));
    return { resources, outputs: async () => Object.fromEntries(state.outputs.map(({ key, value }) => [key, value])) };
  }

  private async open(): Promise<StateStore> {
    // a stack is where its resources are: each local AgentCore has its own
    const { id } = await reachableEndpoint(this.endpoint);
    return new StateStore(new StateDirectory(resolve(this.state), id).stacks);
  }
}
