import { StackEngine } from '../../../../src/local/deployer/engine/engine';
import { StackEvent } from '../../../../src/local/deployer/engine/events';
import { EngineOptions } from '../../../../src/local/deployer/engine/session';
import { StateStore } from '../../../../src/local/deployer/engine/state-store';
import { Template, TemplateResource } from '../../../../src/local/deployer/template/template';
import { ManualClock } from '../manual-clock';
import { scratchDirectory } from '../scratch';
import { MemoryCloud } from './memory-cloud';

const native = (properties: Record<string, unknown> = {}, more: Partial<TemplateResource> = {}): TemplateResource => ({ Type: 'Native::Thing', Properties: properties, ...more });
const custom = (properties: Record<string, unknown> = {}, more: Partial<TemplateResource> = {}): TemplateResource => ({ Type: 'Custom::Thing', Properties: properties, ...more });
const after = (...ids: string[]) => ({ DependsOn: ids });

let cloud: MemoryCloud;
let events: StackEvent[];
let store: StateStore;

beforeEach(() => {
  cloud = new MemoryCloud();
  events = [];
  store = new StateStore(scratchDirectory());
});

let failure: EngineOptions['failure'];
beforeEach(() => { failure = undefined; });
const engine = () => new StackEngine({
  store, handlers: (type) => cloud.handlerOf(type), clock: new ManualClock(), onEvent: (event) => events.push(event), failure,
});

function deploy(resources: Record<string, TemplateResource>, outputs: Template['Outputs'] = {}, stackName = 'Demo') {
  cloud.calls.length = 0;
  events.length = 0;
  const template = { Resources: resources, Outputs: outputs };
  return engine().deploy({ stackName, region: 'us-east-1', account: '000000000000', parameters: {}, template });
}

const statuses = () => events.map(({ logicalId, status }) => `${logicalId} ${status}`);
const stackStatuses = () => events.filter(({ type }) => type === 'AWS::CloudFormation::Stack').map(({ status }) => status);

describe('create', () => {
  test('makes resources in the order of their dependencies and evaluates outputs', async () => {
    const result = await deploy(
      { C: native({ Of: { 'Fn::GetAtt': ['B', 'Arn'] } }), B: native({ Of: { Ref: 'A' } }), A: native() },
      { Out: { Value: { 'Fn::Sub': '${C.Of}!' } } },
    );
    expect(cloud.calls).toEqual(['create A', 'create B', 'create C']);
    expect(result).toEqual({ stackName: 'Demo', status: 'CREATE_COMPLETE', outputs: { Out: 'arn:B-2!' } });
    expect(statuses()).toEqual([
      'Demo CREATE_IN_PROGRESS', 'A CREATE_IN_PROGRESS', 'A CREATE_COMPLETE', 'B CREATE_IN_PROGRESS', 'B CREATE_COMPLETE',
      'C CREATE_IN_PROGRESS', 'C CREATE_COMPLETE', 'Demo CREATE_COMPLETE',
    ]);
    expect(store.load('Demo')).toMatchObject({ status: 'CREATE_COMPLETE', resources: { B: { physicalId: 'B-2', properties: { Of: 'A-1' } } } });
  });

  test('a failure deletes what was made in reverse order and leaves no stack', async () => {
    cloud.failures.set('create C', ['no room']);
    const result = await deploy({ A: native(), B: native({}, after('A')), C: native({}, after('B')), D: native({}, after('C')) });
    expect(cloud.calls).toEqual(['create A', 'create B', 'create C', 'delete B-2', 'delete A-1']);
    expect(result).toEqual({ stackName: 'Demo', status: 'ROLLBACK_COMPLETE', outputs: {}, failure: { logicalId: 'C', reason: 'no room' } });
    expect(stackStatuses()).toEqual(['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE']);
    expect(events.find(({ status }) => status === 'ROLLBACK_IN_PROGRESS')!.reason).toContain('[C]');
    expect(cloud.live.size).toBe(0);
    expect(store.load('Demo')).toBeUndefined();
  });

  test('what a failed create left behind is deleted by the id that it told', async () => {
    cloud.failures.set('create A', ['half done']);
    await deploy({ A: native({ LeavesBehind: true, Id: 'half' }) });
    expect(cloud.calls).toEqual(['create A', 'delete A-half']);
  });

  test('siblings that run are awaited before the roll-back, and none is begun any more', async () => {
    let open!: () => void;
    cloud.gates.set('create Slow', new Promise((resolve) => { open = resolve; }));
    cloud.failures.set('create Bad', ['broken']);
    const done = deploy({ Slow: native(), Bad: native(), Next: native({}, after('Slow')) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(stackStatuses()).toEqual(['CREATE_IN_PROGRESS']);
    open();
    expect(await done).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Bad' } });
    expect(cloud.calls).toEqual(['create Slow', 'create Bad', 'delete Slow-1']);
  });

  test('a resource of policy Retain survives the roll-back, one of RetainExceptOnCreate does not', async () => {
    cloud.failures.set('create C', ['broken']);
    await deploy({ A: native({}, { DeletionPolicy: 'Retain' }), B: native({}, { DeletionPolicy: 'RetainExceptOnCreate' }), C: native({}, after('A', 'B')) });
    expect(statuses()).toEqual(expect.arrayContaining(['A DELETE_SKIPPED', 'B DELETE_COMPLETE']));
    expect([...cloud.live.keys()]).toEqual(['A-1']);
  });

  test('a roll-back that fails keeps the stack, and the next deployment finishes it first', async () => {
    cloud.failures.set('create B', ['broken']).set('delete A', ['stuck']);
    expect(await deploy({ A: native(), B: native({}, after('A')) })).toMatchObject({ status: 'ROLLBACK_FAILED', failure: { logicalId: 'B' } });
    expect(store.load('Demo')!.resources.A.status).toBe('DELETE_FAILED');
    expect(await deploy({ A: native() })).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(cloud.calls).toEqual(['delete A-1', 'create A']);
  });

  test('an attribute that a custom resource did not send fails whoever asks for it', async () => {
    const result = await deploy({ A: custom(), B: native({ Of: { 'Fn::GetAtt': ['A', 'Nothing'] } }) });
    expect(result.failure).toMatchObject({ logicalId: 'B', reason: expect.stringContaining("Vendor response doesn't contain Nothing") });
    expect(cloud.calls).toEqual(['create A', 'delete A-1']);
  });

  test('an output that cannot be evaluated rolls back', async () => {
    expect(await deploy({ A: native() }, { Out: { Value: { 'Fn::GetAtt': ['A', 'Nothing'] } } })).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Demo' } });
    expect(cloud.live.size).toBe(0);
  });
});

describe('update', () => {
  test('without a change does nothing', async () => {
    const resources = { A: native({ X: 1 }), B: custom({ Of: { 'Fn::GetAtt': ['A', 'Arn'] } }) };
    await deploy(resources, { Out: { Value: { Ref: 'A' } } });
    expect(await deploy(resources, { Out: { Value: { Ref: 'A' } } })).toEqual({ stackName: 'Demo', status: 'NO_CHANGES', outputs: { Out: 'A-1' } });
    expect(cloud.calls).toEqual([]);
    expect(events).toEqual([]);
  });

  test('a policy that alone has changed counts from then on', async () => {
    await deploy({ A: native() });
    expect((await deploy({ A: native({}, { DeletionPolicy: 'Retain' }) })).status).toBe('NO_CHANGES');
    await engine().delete('Demo');
    expect([...cloud.live.keys()]).toEqual(['A-1']);
  });

  test('updates what has changed, and then what depends on its attributes', async () => {
    const resources = (x: number) => ({ B: custom({ Version: { 'Fn::GetAtt': ['A', 'Version'] } }), A: native({ X: x }), C: native({ Name: { Ref: 'A' } }) });
    await deploy(resources(1));
    expect(await deploy(resources(2))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls).toEqual(['update A', 'update B']);
    expect(cloud.updates[0]).toMatchObject({ physicalId: 'A-1', oldProperties: { X: 1 }, properties: { X: 2 } });
    expect(cloud.updates[1]).toMatchObject({ oldProperties: { Version: '1' }, properties: { Version: '2' } });
  });

  test('new resources come before removed ones go', async () => {
    await deploy({ A: native(), B: native({}, after('A')) });
    expect(await deploy({ C: native() })).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls).toEqual(['create C', 'delete B-2', 'delete A-1']);
    expect(stackStatuses()).toEqual(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE']);
    expect(Object.keys(store.load('Demo')!.resources)).toEqual(['C']);
  });

  test('a new physical id means that the old one is deleted after all updates', async () => {
    await deploy({ A: custom({ Id: 'one' }), B: native({ Of: { Ref: 'A' } }) });
    await deploy({ A: custom({ Id: 'two' }), B: native({ Of: { Ref: 'A' } }) });
    expect(cloud.calls).toEqual(['update A', 'update B', 'delete A-one']);
    expect(store.load('Demo')).toMatchObject({ obsolete: [], resources: { A: { physicalId: 'A-two' }, B: { properties: { Of: 'A-two' } } } });
  });

  test('a replaced resource goes after what was made of it', async () => {
    const resources = (name: string) => ({ A: native({ Name: name }), B: native({ Name: { Ref: 'A' } }) });
    await deploy(resources('one'));
    await deploy(resources('two'));
    expect(cloud.calls).toEqual(['create A', 'create B', 'delete B-2', 'delete A-1']);
  });

  test('UpdateReplacePolicy Retain keeps the replaced resource', async () => {
    await deploy({ A: native({ Name: 'one' }, { UpdateReplacePolicy: 'Retain' }) });
    await deploy({ A: native({ Name: 'two' }, { UpdateReplacePolicy: 'Retain' }) });
    expect(cloud.calls).toEqual(['create A']);
    expect(statuses()).toContain('A DELETE_SKIPPED');
  });

  test('a removed resource that cannot be deleted is told of and abandoned', async () => {
    await deploy({ A: native(), B: native({}, after('A')), C: native() });
    cloud.failures.set('delete B', ['stuck']);
    expect(await deploy({ C: native() })).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls).toEqual(['delete B-3', 'delete A-1']);
    expect(statuses()).toContain('B DELETE_FAILED');
    expect(Object.keys(store.load('Demo')!.resources)).toEqual(['C']);
  });

  test('the type of a resource cannot change: nothing is begun', async () => {
    await deploy({ A: native(), B: native() });
    await expect(deploy({ A: custom(), B: native({ X: 1 }), C: custom() })).rejects
      .toThrow('update of resource type is not permitted. The new template modifies resource type of the following resources: [A]; give them other logical ids');
    expect({ calls: cloud.calls, events }).toEqual({ calls: [], events: [] });
    expect(store.load('Demo')!.status).toBe('CREATE_COMPLETE');
  });

  test.each([['a native', native], ['a custom', custom]])('the policy that was deployed last keeps %s resource that is removed, whatever follows it', async (_, resource) => {
    await deploy({ A: resource({}, { DeletionPolicy: 'Delete' }), Other: native() });
    await deploy({ A: resource({}, { DeletionPolicy: 'Retain' }), Other: native() });
    expect(await deploy({ B: native(), Other: native() })).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls).toEqual(['create B']);
    expect(statuses()).toContain('A DELETE_SKIPPED');
    expect([...cloud.live.keys()].sort()).toEqual(['A-1', 'B-3', 'Other-2']);
    await engine().delete('Demo');
    expect([...cloud.live.keys()]).toEqual(['A-1']);
  });

  test('the policy for deletion says nothing about replacement, of native and of custom resources', async () => {
    const retained = { DeletionPolicy: 'Retain' };
    const kept = { ...retained, UpdateReplacePolicy: 'Retain' };
    const resources = (name: string) => ({
      A: native({ Name: name }, retained), B: custom({ Id: name }, retained), C: native({ Name: name }, kept), D: custom({ Id: name }, kept),
    });
    await deploy(resources('one'));
    await deploy(resources('two'));
    expect(cloud.calls.filter((call) => call.startsWith('delete')).sort()).toEqual(['delete A-1', 'delete B-one']);
    expect(statuses()).toEqual(expect.arrayContaining(['C DELETE_SKIPPED', 'D DELETE_SKIPPED']));
  });
});

describe('an update that fails', () => {
  test('sends old and new swapped to what was updated and to what failed, deletes the new, keeps the removed', async () => {
    await deploy({ A: custom({ X: 1 }), B: custom({ X: 1 }, after('A')), Gone: native() });
    cloud.failures.set('update B', ['broken']);
    const result = await deploy({ A: custom({ X: 2 }), New: native({}, after('A')), B: custom({ X: 2 }, after('A', 'New')) });
    expect(result).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'B', reason: 'broken' } });
    expect(cloud.calls).toEqual(['update A', 'create New', 'update B', 'update A', 'update B', 'delete New-4']);
    const back = { oldProperties: { X: 2 }, properties: { X: 1 } };
    expect(cloud.updates.slice(2)).toEqual([expect.objectContaining({ logicalId: 'A', ...back }), expect.objectContaining({ logicalId: 'B', ...back })]);
    expect(stackStatuses()).toEqual(['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE']);
    expect([...cloud.live.keys()].sort()).toEqual(['A-1', 'B-3', 'Gone-2']);
    expect((await deploy({ A: custom({ X: 1 }), B: custom({ X: 1 }, after('A')), Gone: native() })).status).toBe('NO_CHANGES');
  });

  test('tells a custom resource that has replaced itself to go back, and deletes the new id', async () => {
    await deploy({ A: custom({ Id: 'one' }), B: native() });
    cloud.failures.set('update B', ['broken']);
    await deploy({ A: custom({ Id: 'two' }), B: native({ X: 1 }, after('A')) });
    expect(cloud.calls).toEqual(['update A', 'update B', 'update A', 'update B', 'delete A-two']);
    expect(cloud.updates[2]).toMatchObject({ physicalId: 'A-two', oldProperties: { Id: 'two' }, properties: { Id: 'one' } });
    expect(store.load('Demo')).toMatchObject({ obsolete: [], resources: { A: { physicalId: 'A-one' } } });
    expect([...cloud.live.keys()]).toContain('A-one');
  });

  test('puts a replaced native resource back without touching it', async () => {
    await deploy({ A: native({ Name: 'one' }), B: custom() });
    cloud.failures.set('update B', ['broken']);
    await deploy({ A: native({ Name: 'two' }), B: custom({ X: 1 }, after('A')) });
    expect(cloud.calls).toEqual(['create A', 'update B', 'update B', 'delete A-3']);
    expect(store.load('Demo')).toMatchObject({ obsolete: [], resources: { A: { physicalId: 'A-1', properties: { Name: 'one' } } } });
    expect([...cloud.live.keys()].sort()).toEqual(['A-1', 'B-2']);
  });

  test('deletes what the failed replacement left behind', async () => {
    await deploy({ A: native({ Name: 'one' }) });
    cloud.failures.set('create A', ['broken']);
    await deploy({ A: native({ Name: 'two', LeavesBehind: true, Id: 'half' }) });
    expect(cloud.calls).toEqual(['create A', 'delete A-half']);
    expect(store.load('Demo')).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', resources: { A: { physicalId: 'A-1' } } });
  });

  test('and whose way back fails too can be updated again, from what was last tried', async () => {
    await deploy({ A: custom({ X: 1 }), B: custom({ X: 1 }, after('A')) });
    cloud.failures.set('update B', ['broken']);
    cloud.failures.set('update A', [undefined, 'stuck']);
    expect(await deploy({ A: custom({ X: 2 }), B: custom({ X: 2 }, after('A')) })).toMatchObject({ status: 'UPDATE_ROLLBACK_FAILED', failure: { logicalId: 'B' } });
    cloud.failures.clear();
    expect(await deploy({ A: custom({ X: 1 }), B: custom({ X: 2 }, after('A')) })).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls).toEqual(['update A', 'update B']);
  });
});

describe('delete', () => {
  test('goes in reverse order and keeps what is to be retained', async () => {
    await deploy({ A: native(), B: native({ Of: { Ref: 'A' } }), Kept: native({}, { DeletionPolicy: 'Retain', ...after('B') }) });
    cloud.calls.length = 0;
    expect(await engine().delete('Demo')).toEqual({ stackName: 'Demo', status: 'DELETE_COMPLETE', outputs: {} });
    expect(cloud.calls).toEqual(['delete B-2', 'delete A-1']);
    expect(statuses()).toContain('Kept DELETE_SKIPPED');
    expect(store.load('Demo')).toBeUndefined();
  });

  test('a failure keeps what the resource depends on, deletes all else, and can be tried again', async () => {
    await deploy({ A: native(), B: native({}, after('A')), C: native() });
    cloud.failures.set('delete B', ['stuck']);
    cloud.calls.length = 0;
    expect(await engine().delete('Demo')).toMatchObject({ status: 'DELETE_FAILED', failure: { logicalId: 'B', reason: 'stuck' } });
    expect(cloud.calls.sort()).toEqual(['delete B-3', 'delete C-2']);
    cloud.calls.length = 0;
    expect(await engine().delete('Demo')).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(cloud.calls).toEqual(['delete B-3', 'delete A-1']);
  });

  test('a stack that is not there is deleted already', async () => {
    expect(await engine().delete('Nobody')).toEqual({ stackName: 'Nobody', status: 'DELETE_COMPLETE', outputs: {} });
  });
});

describe('stacks that share values', () => {
  const exporting = { Out: { Value: { Ref: 'A' }, Export: { Name: 'shared' } } };

  test('imports find exports, which then cannot be deleted', async () => {
    await deploy({ A: native() }, exporting, 'One');
    await deploy({ B: native({ Of: { 'Fn::ImportValue': 'shared' } }) }, {}, 'Two');
    expect(store.load('Two')!.resources.B.properties).toEqual({ Of: 'A-1' });
    await expect(engine().delete('One')).rejects.toThrow('its export shared is in use by stack Two');
    await engine().delete('Two');
    expect(await engine().delete('One')).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test.each([
    ['changed', { Out: { Value: { Ref: 'A' }, Export: { Name: 'shared' } } }, 'Export shared cannot be updated as it is in use by Two'],
    ['removed', {}, 'Export shared cannot be deleted as it is in use by Two'],
    ['renamed', { Out: { Value: { 'Fn::GetAtt': ['A', 'Name'] }, Export: { Name: 'other' } } }, 'Export shared cannot be deleted as it is in use by Two'],
  ])('an export that is in use cannot be %s: the stack goes back', async (_, outputs, reason) => {
    await deploy({ A: native({ Name: 'x' }) }, { Out: { Value: { 'Fn::GetAtt': ['A', 'Name'] }, Export: { Name: 'shared' } } }, 'One');
    const importer = { B: native({ Of: { 'Fn::ImportValue': 'shared' } }) };
    await deploy(importer, {}, 'Two');
    const change = { A: native({ Name: 'x', Size: 2 }) };
    expect(await deploy(change, outputs, 'One')).toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE', outputs: { Out: 'x' }, failure: { logicalId: 'One', reason: expect.stringContaining(reason) },
    });
    expect(store.load('One')).toMatchObject({ resources: { A: { properties: { Name: 'x' } } }, outputs: [{ exportName: 'shared', value: 'x' }] });

    // without the import, it can
    await deploy({ B: native({ Of: 'itself' }) }, {}, 'Two');
    expect(await deploy(change, outputs, 'One')).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  test('an export that is in use may move to another output, and stacks of other regions do not use it', async () => {
    await deploy({ A: native() }, exporting, 'One');
    await deploy({ B: native({ Of: { 'Fn::ImportValue': 'shared' } }) }, {}, 'Two');
    expect(await deploy({ A: native() }, { Moved: exporting.Out }, 'One')).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Moved: 'A-1' } });
    store.save({ ...store.load('Two')!, region: 'eu-west-1' });
    expect(await deploy({ A: native() }, {}, 'One')).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  test('an import that a failed update tried, or that gave way to its value, is none', async () => {
    await deploy({ A: native() }, exporting, 'One');
    await deploy({ B: native({ Of: 'A-1' }) }, {}, 'Two');
    cloud.failures.set('create C', ['no room']);
    const importer = { B: native({ Of: { 'Fn::ImportValue': 'shared' } }) };
    expect(await deploy({ ...importer, C: native() }, {}, 'Two')).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(store.load('Two')!.imports).toEqual([]);
    expect(await deploy(importer, {}, 'Two')).toMatchObject({ status: 'NO_CHANGES' });
    expect(store.load('Two')!.imports).toEqual(['shared']);
    await deploy({ B: native({ Of: 'A-1' }) }, {}, 'Two');
    expect(store.load('Two')!.imports).toEqual([]);
  });

  test('two stacks cannot export the same name, and an import needs one', async () => {
    await deploy({ A: native() }, exporting, 'One');
    expect((await deploy({ A: native() }, exporting, 'Two')).failure!.reason).toContain('already exported by stack One');
    expect((await deploy({ B: native({ Of: { 'Fn::ImportValue': 'nothing' } }) }, {}, 'Two')).failure!.reason).toContain('no export named nothing');
  });
});

test('what has gone well can count as failed: it is rolled back as it then is', async () => {
  failure = ({ logicalId, status }) => (logicalId === 'A' && status === 'CREATE_COMPLETE' ? 'told so' : undefined);
  expect(await deploy({ A: custom(), B: native({}, after('A')) })).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'A', reason: 'told so' } });
  expect(cloud.calls).toEqual(['create A', 'delete A-1']);
  expect(statuses()).toEqual(expect.arrayContaining(['A CREATE_FAILED', 'A DELETE_COMPLETE']));

  failure = undefined;
  await deploy({ A: native({ Name: 'one' }) });
  failure = ({ status }) => (status === 'UPDATE_COMPLETE' ? 'told so' : undefined);
  expect(await deploy({ A: native({ Name: 'two' }) })).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  expect(cloud.calls).toEqual(['create A', 'delete A-3']);
  expect(store.load('Demo')).toMatchObject({ resources: { A: { physicalId: 'A-2', status: 'CREATE_COMPLETE' } } });
});

test('an interrupted create is deleted by its invented id before the stack is made anew', async () => {
  cloud.gates.set('create A', new Promise(() => undefined));
  // never ends: as if the process had been killed
  void deploy({ A: custom(), B: native({}, after('A')) });
  await new Promise((resolve) => setImmediate(resolve));
  expect(store.load('Demo')).toMatchObject({ status: 'CREATE_IN_PROGRESS', resources: { A: { status: 'CREATE_IN_PROGRESS', physicalId: 'invented-A' } } });
  cloud.gates.clear();
  expect(await deploy({ A: custom() })).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(cloud.calls).toEqual(['delete invented-A', 'create A']);
});
