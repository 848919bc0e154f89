import { FakeEndpoint } from './fake-endpoint';
import { scratchDirectory } from './scratch';
import { destroy } from '../../../src/local/deployer';
import { newState, StackState } from '../../../src/local/deployer/engine/state';
import { StateStore } from '../../../src/local/deployer/engine/state-store';

let endpoint: FakeEndpoint;
let store: StateStore;

beforeEach(async () => {
  endpoint = await FakeEndpoint.start();
  store = new StateStore(scratchDirectory());
});
afterEach(() => endpoint.stop());

const options = (stacks?: string[]) => ({ endpoint: endpoint.url, stateDir: store.directory, stacks, onEvent: () => {}, onLog: () => {} });

const idOf = (stackName: string) => `arn:aws:cloudformation:us-east-1:000000000000:stack/${stackName}/1`;

/** A stack that is deployed, with another one nested in it. */
function saveFamily(name: string, more: Partial<StackState>): void {
  const identity = (stackName: string) => ({ stackName, stackId: idOf(stackName), region: 'us-east-1', account: '000000000000' });
  const root = { ...newState(identity(name), { template: {}, parameters: {} }), status: 'CREATE_COMPLETE' as const };
  root.resources.Part = {
    logicalId: 'Part', type: 'AWS::CloudFormation::Stack', status: 'CREATE_COMPLETE', physicalId: idOf(`${name}-Part`), properties: {}, attributes: {}, dependsOn: [],
  };
  store.save(root);
  store.save({ ...newState(identity(`${name}-Part`), { template: {}, parameters: {} }, { stackId: idOf(name), templateUrl: '', earlier: {} }), status: 'CREATE_COMPLETE', ...more });
}

test('what imports an export of a nested stack in a nested stack of its own goes first; nested stacks go with theirs', async () => {
  saveFamily('A', { outputs: [{ key: 'Out', value: 'x', exportName: 'shared' }] });
  saveFamily('B', { imports: ['shared'] });
  await expect(destroy(options(['A']))).rejects.toThrow('stack A-Part cannot be deleted: its export shared is in use by stack B-Part');
  expect((await destroy(options())).stacks.map(({ stackName }) => stackName)).toEqual(['B', 'A']);
  expect(store.all()).toEqual([]);
});

test('a nested stack cannot be named, unless its parent does not have it any more', async () => {
  saveFamily('A', {});
  await expect(destroy(options(['A-Part']))).rejects.toThrow('stack A-Part cannot be destroyed by itself: it is nested in stack A; name stack A instead');
  store.save({ ...store.load('A')!, resources: {} });
  expect(await destroy(options(['A-Part']))).toMatchObject({ succeeded: true });
  expect(store.all().map(({ stackName }) => stackName)).toEqual(['A']);
});
