import { StackEngine } from '../../../../src/local/deployer/engine/engine';
import { StackEvent } from '../../../../src/local/deployer/engine/events';
import { HandlerLookup } from '../../../../src/local/deployer/engine/handler';
import { NestedStacks } from '../../../../src/local/deployer/engine/nested';
import { EngineOptions } from '../../../../src/local/deployer/engine/session';
import { StackState } from '../../../../src/local/deployer/engine/state';
import { StateStore } from '../../../../src/local/deployer/engine/state-store';
import { NestedStackHandler } from '../../../../src/local/deployer/resources/nested-stack';
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
/** The templates of the assembly by their URLs; those of one deployment are not there in the next, as in a new assembly. */
let templates: Map<string, Template>;
let failure: EngineOptions['failure'];

beforeEach(() => {
  cloud = new MemoryCloud();
  events = [];
  store = new StateStore(scratchDirectory());
  templates = new Map();
  failure = undefined;
});

/** A nested stack of a template; its URL changes with its content, as the CDK's does. */
function nested(
  template: Template | Record<string, TemplateResource>, parameters: Record<string, unknown> = {}, more: Partial<TemplateResource> = {},
): TemplateResource {
  const whole: Template = 'Resources' in template ? template as Template : { Resources: template as Template['Resources'] };
  const url = `https://s3.us-east-1.amazonaws.com/assets/${Buffer.from(JSON.stringify(whole)).toString('base64url')}.json`;
  templates.set(url, whole);
  return { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: url, Parameters: parameters }, ...more };
}

function options(): EngineOptions {
  const handlers: HandlerLookup = (type) => (type === 'AWS::CloudFormation::Stack' ? handler : cloud.handlerOf(type));
  const made: EngineOptions = {
    store, handlers, clock: new ManualClock(), onEvent: (event) => events.push(event), failure: (completed) => failure?.(completed),
  };
  const handler = new NestedStackHandler(() => new NestedStacks(made), (url) => templates.get(url));
  return made;
}

function deploy(make: () => Record<string, TemplateResource>, outputs: Template['Outputs'] = {}, stackName = 'Demo') {
  cloud.calls.length = 0;
  events.length = 0;
  templates.clear();
  const template = { Resources: make(), Outputs: outputs };
  return new StackEngine(options()).deploy({ stackName, region: 'us-east-1', account: '000000000000', parameters: {}, template });
}

function destroy(stackName = 'Demo') {
  cloud.calls.length = 0;
  events.length = 0;
  templates.clear();
  return new StackEngine(options()).delete(stackName);
}

const named = (logicalId: string): StackState => store.all().find(({ stackName }) => new RegExp(`-${logicalId}-[A-Z0-9]{12}$`).test(stackName))!;
/** The events with the random parts of names left out, those of whole stacks in capitals. */
const told = () => events.map(({ stackName, logicalId, status }) => `${plain(stackName)}${logicalId === stackName ? '' : `/${logicalId}`} ${status}`);
const plain = (name: string) => name.replace(/-[A-Z0-9]{12}\b/g, '');

describe('create', () => {
  test('a nested stack is a stack of its own, with a name, an id and outputs, and values go in and out', async () => {
    const make = () => ({
      One: nested({ Resources: { A: native({ Of: { Ref: 'AWS::StackName' } }) }, Outputs: { Arn: { Value: { 'Fn::GetAtt': ['A', 'Arn'] } } } }),
      Two: nested(
        { Parameters: { In: { Type: 'String' }, Many: { Type: 'CommaDelimitedList' } }, Resources: { B: native({ Of: { Ref: 'In' }, Many: { Ref: 'Many' } }) } },
        { In: { 'Fn::GetAtt': ['One', 'Outputs.Arn'] }, Many: ['a', 1] },
      ),
    });
    const result = await deploy(make, { Out: { Value: { 'Fn::Sub': '${One.Outputs.Arn}' } }, Id: { Value: { Ref: 'One' } } });
    const [one, two] = [named('One'), named('Two')];
    expect(one.stackName).toMatch(/^Demo-One-[A-Z0-9]{12}$/);
    expect(one.stackId).toMatch(new RegExp(`^arn:aws:cloudformation:us-east-1:000000000000:stack/${one.stackName}/[0-9a-f-]{36}$`));
    expect(result).toEqual({ stackName: 'Demo', status: 'CREATE_COMPLETE', outputs: { Out: 'arn:A-1', Id: one.stackId } });
    expect(one.resources.A.properties).toEqual({ Of: one.stackName });
    expect(two.resources.B.properties).toEqual({ Of: 'arn:A-1', Many: ['a', '1'] });
    expect(told().slice(0, 7)).toEqual([
      'Demo CREATE_IN_PROGRESS', 'Demo/One CREATE_IN_PROGRESS', 'Demo-One CREATE_IN_PROGRESS', 'Demo-One/A CREATE_IN_PROGRESS', 'Demo-One/A CREATE_COMPLETE',
      'Demo-One CREATE_COMPLETE', 'Demo/One CREATE_COMPLETE',
    ]);
    expect(events.map(({ stackName, nested: isNested }) => [stackName === 'Demo', isNested ?? false])).not.toContainEqual([true, true]);
    expect(await deploy(make, { Out: { Value: { 'Fn::Sub': '${One.Outputs.Arn}' } }, Id: { Value: { Ref: 'One' } } })).toMatchObject({ status: 'NO_CHANGES' });
    expect(events).toEqual([]);
  });

  test('a failure within fails the nested stack by name, and the parent deletes all of it', async () => {
    cloud.failures.set('create B', ['no room']);
    const result = await deploy(() => ({
      First: native(),
      Outer: nested({ Inner: nested({ A: native({}, { DeletionPolicy: 'RetainExceptOnCreate' }), B: native({}, after('A')) }) }, {}, after('First')),
    }));
    const inner = events.find(({ logicalId, status }) => logicalId === 'Inner' && status === 'CREATE_FAILED')!;
    expect(inner.reason).toBe(`Embedded stack ${inner.physicalId} was not successfully created: The following resource(s) failed to create: [B].`);
    expect(result).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
      failure: { logicalId: 'Outer', reason: expect.stringMatching(/^Embedded stack arn:\S+ was not successfully created: The following resource\(s\) failed to create: \[Inner\]\.$/) },
    });
    expect(cloud.calls).toEqual(['create First', 'create A', 'create B', 'delete A-2', 'delete First-1']);
    expect(store.all()).toEqual([]);
  });

  test('what a policy retains stays when its nested stack is rolled back; so does a nested stack, which is then one by itself', async () => {
    cloud.failures.set('create Last', ['no room']);
    await deploy(() => ({
      One: nested({ A: native({}, { DeletionPolicy: 'Retain' }), B: native() }),
      Two: nested({ C: native() }, {}, { DeletionPolicy: 'Retain' }),
      Last: native({}, after('One', 'Two')),
    }));
    expect([...cloud.live.keys()].map((id) => id[0]).sort()).toEqual(['A', 'C']);
    const kept = named('Two');
    expect(store.all()).toEqual([kept]);
    expect(await destroy(kept.stackName)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(store.all()).toEqual([]);
  });

  test.each<[string, () => TemplateResource, string]>([
    ['a parameter without a value', () => nested({ Parameters: { In: { Type: 'String' } }, Resources: {} }), 'In has neither a value nor a default'],
    ['a parameter that nobody declares', () => nested({ Resources: {} }, { In: 'x' }), 'Parameters: [In] do not exist in the template'],
    ['a parameter that is no text', () => nested({ Resources: {} }, { In: { a: 1 } }), 'parameter In is {"a":1}; it has to be a string'],
    ['an unknown type', () => nested({ A: { Type: 'AWS::Unknown::Type' } }), 'resource types that cannot be deployed locally: AWS::Unknown::Type (A)'],
    ['a template from elsewhere', () => ({ Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://example.com/t.json' } }), 'the assembly has no template for https://example.com/t.json'],
    ['no template', () => ({ Type: 'AWS::CloudFormation::Stack' }), 'TemplateURL none is not a string'],
    ['an output that cannot be evaluated', () => nested({ Resources: { A: native() }, Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Nothing'] } } } }), 'has no attribute Nothing'],
  ])('%s fails the nested stack, and nothing stays', async (_, make, reason) => {
    expect(await deploy(() => ({ One: make() }))).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'One', reason: expect.stringContaining(reason) } });
    expect(store.all()).toEqual([]);
    expect(cloud.live.size).toBe(0);
  });

  test('an interrupted create is deleted before the stack is made anew', async () => {
    cloud.gates.set('create B', new Promise(() => undefined));
    const make = () => ({ One: nested({ A: native(), B: native({}, after('A')) }) });
    // never ends: as if the process had been killed
    void deploy(make);
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    const begun = named('One');
    expect(begun).toMatchObject({ status: 'CREATE_IN_PROGRESS', resources: { A: { status: 'CREATE_COMPLETE' } } });
    expect(store.load('Demo')!.resources.One.physicalId).toBe(begun.stackId);
    cloud.gates.clear();
    expect(await deploy(make)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(cloud.calls).toEqual(['delete A-1', 'create A', 'create B']);
    expect(store.all()).toHaveLength(2);
  });
});

describe('update', () => {
  test('what nested stacks replace or remove goes in the clean-up of the root, dependents first', async () => {
    const make = (version: number) => () => ({
      One: nested({
        Resources: { A: native({ Name: version }), ...version === 1 ? { Old: native() } : {} }, Outputs: { A: { Value: { Ref: 'A' } } },
      }),
      Two: nested(
        { Parameters: { In: { Type: 'String' } }, Resources: { B: native({ Of: { Ref: 'In' } }), ...version === 1 ? { Gone: native() } : {} } },
        { In: { 'Fn::GetAtt': ['One', 'Outputs.A'] } },
      ),
      Last: native({ X: version }, after('Two')),
    });
    await deploy(make(1));
    expect(await deploy(make(2))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls.slice(0, 3)).toEqual(['create A', 'update B', 'update Last']);
    expect(cloud.calls[3]).toMatch(/^delete Gone/);
    expect(cloud.calls.slice(4).map((call) => call.replace(/-\d+$/, '')).sort()).toEqual(['delete A', 'delete Old']);
    expect(told().filter((line) => !/\/(A|B|Old|Gone|Last) /.test(line))).toEqual([
      'Demo UPDATE_IN_PROGRESS',
      'Demo/One UPDATE_IN_PROGRESS', 'Demo-One UPDATE_IN_PROGRESS', 'Demo-One UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'Demo/One UPDATE_COMPLETE',
      'Demo/Two UPDATE_IN_PROGRESS', 'Demo-Two UPDATE_IN_PROGRESS', 'Demo-Two UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'Demo/Two UPDATE_COMPLETE',
      'Demo UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'Demo-Two UPDATE_COMPLETE', 'Demo-One UPDATE_COMPLETE', 'Demo UPDATE_COMPLETE',
    ]);
    expect(told().indexOf('Demo UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')).toBeLessThan(told().indexOf('Demo-Two/Gone DELETE_IN_PROGRESS'));
    expect(named('One')).toMatchObject({ status: 'UPDATE_COMPLETE', obsolete: [], nestedIn: { earlier: {} } });
    expect(await deploy(make(2))).toMatchObject({ status: 'NO_CHANGES' });
  });

  test('a later failure of the parent takes nested stacks back at all levels, with nothing of theirs deleted', async () => {
    const make = (version: number) => () => ({
      Outer: nested({
        Own: custom({ X: version }),
        Inner: nested({ A: native({ Name: version }), ...version === 1 ? { Old: native() } : { New: native() } }),
      }),
      Last: native({ X: version }, after('Outer')),
    });
    await deploy(make(1));
    const before = [...cloud.live.keys()].sort();
    cloud.failures.set('update Last', ['broken']);
    expect(await deploy(make(2))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'Last', reason: 'broken' } });
    const deleted = cloud.calls.filter((call) => call.startsWith('delete'));
    expect(deleted.map((call) => call.replace(/-\d+$/, '')).sort()).toEqual(['delete A', 'delete New']);
    expect(cloud.calls.lastIndexOf('update Last')).toBeLessThan(cloud.calls.findIndex((call) => call.startsWith('delete')));
    expect([...cloud.live.keys()].sort()).toEqual(before);
    expect(told().filter((line) => /^Demo-Outer(-Inner)? /.test(line))).toEqual([
      'Demo-Outer UPDATE_IN_PROGRESS', 'Demo-Outer-Inner UPDATE_IN_PROGRESS', 'Demo-Outer-Inner UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Demo-Outer UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Demo-Outer UPDATE_ROLLBACK_IN_PROGRESS', 'Demo-Outer-Inner UPDATE_ROLLBACK_IN_PROGRESS', 'Demo-Outer-Inner UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Demo-Outer UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'Demo-Outer-Inner UPDATE_ROLLBACK_COMPLETE', 'Demo-Outer UPDATE_ROLLBACK_COMPLETE',
    ]);
    expect(cloud.updates.at(-2)).toMatchObject({ logicalId: 'Own', oldProperties: { X: 2 }, properties: { X: 1 } });
    expect(await deploy(make(1))).toMatchObject({ status: 'NO_CHANGES' });
  });

  test('a failure within says so as CloudFormation does, and the siblings go back too', async () => {
    const make = (version: number) => () => ({
      One: nested({ A: native({ X: version }) }),
      Two: nested({ B: native({ X: version }), C: native({ X: version }, after('B')) }, {}, after('One')),
    });
    await deploy(make(1));
    cloud.failures.set('update C', ['broken']);
    const result = await deploy(make(2));
    const { stackId } = named('Two');
    expect(result).toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE',
      failure: { logicalId: 'Two', reason: `Embedded stack ${stackId} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to create or update: [C].` },
    });
    expect(cloud.calls).toEqual(['update A', 'update B', 'update C', 'update A', 'update B', 'update C']);
    expect(store.all().map(({ status }) => status)).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);
    expect(await deploy(make(1))).toMatchObject({ status: 'NO_CHANGES' });
    expect(await deploy(make(2))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  test('a rollback that fails within fails the parent\'s, and the next deployment goes on from there', async () => {
    const make = (version: number) => () => ({ One: nested({ A: native({ X: version }), B: native({ X: version }, after('A')) }) });
    await deploy(make(1));
    cloud.failures.set('update B', ['broken']).set('update A', [undefined, 'stuck']);
    expect(await deploy(make(2))).toMatchObject({ status: 'UPDATE_ROLLBACK_FAILED', failure: { logicalId: 'One' } });
    expect(events.find(({ logicalId, status, reason }) => logicalId === 'One' && status === 'UPDATE_FAILED' && reason!.includes('UPDATE_ROLLBACK_FAILED'))!.reason)
      .toContain('Currently in UPDATE_ROLLBACK_FAILED with reason: The following resource(s) failed to update: [A].');
    cloud.failures.clear();
    expect(await deploy(make(3))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(named('One')).toMatchObject({ status: 'UPDATE_COMPLETE', resources: { A: { properties: { X: 3 } }, B: { properties: { X: 3 } } } });
  });

  test('nested stacks come and go: a new one before the removed one, and a new one goes when the update fails', async () => {
    await deploy(() => ({ One: nested({ A: native() }) }));
    expect(await deploy(() => ({ Two: nested({ B: native() }) }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls).toEqual(['create B', 'delete A-1']);
    expect(named('One')).toBeUndefined();
    cloud.failures.set('create D', ['no room']);
    expect(await deploy(() => ({
      Two: nested({ B: native() }), Three: nested({ C: native({}, { DeletionPolicy: 'RetainExceptOnCreate' }), D: native({}, after('C')) }),
    }))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect([...cloud.live.keys()]).toEqual(['B-2']);
    expect(store.all()).toHaveLength(2);
  });

  test('a removed nested stack inside a nested one goes in the clean-up of the root, and comes to no harm when that is not reached', async () => {
    const make = (version: number) => () => ({
      Outer: nested({ Keep: native({ X: version }), ...version === 1 ? { Inner: nested({ A: native() }) } : {} }),
      Last: native({ X: version }, after('Outer')),
    });
    await deploy(make(1));
    cloud.failures.set('update Last', ['broken']);
    await deploy(make(2));
    expect(cloud.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
    expect(named('Inner')).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(await deploy(make(2))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls.map((call) => call.replace(/-\d+$/, ''))).toEqual(['update Keep', 'update Last', 'delete A']);
    expect(named('Inner')).toBeUndefined();
  });

  test('a changed type within is refused by name', async () => {
    await deploy(() => ({ One: nested({ A: native() }) }));
    const result = await deploy(() => ({ One: nested({ A: custom() }) }));
    expect(result).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'One', reason: expect.stringContaining('modifies resource type of the following resources: [A]') } });
    expect(named('One')).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  });

  test('a success that counts as failed takes the nested stack back', async () => {
    const make = (version: number) => () => ({ One: nested({ A: native({ X: version }) }) });
    await deploy(make(1));
    failure = ({ logicalId, status }) => (logicalId === 'One' && status === 'UPDATE_COMPLETE' && named('One').resources.A.properties.X === 2 ? 'told so' : undefined);
    expect(await deploy(make(2))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'One', reason: 'told so' } });
    expect(named('One').resources.A.properties).toEqual({ X: 1 });
  });

  test('a clean-up that was cut short is made up for by the next deployment', async () => {
    await deploy(() => ({ One: nested({ A: native(), Old: native() }) }));
    cloud.gates.set('delete Old', new Promise(() => undefined));
    const make = () => ({ One: nested({ A: native() }) });
    // never ends: as if the process had been killed
    void deploy(make);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(named('One').status).toBe('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    cloud.gates.clear();
    expect(await deploy(make)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(cloud.calls).toEqual(['delete Old-2']);
    expect(await deploy(make)).toMatchObject({ status: 'NO_CHANGES' });
  });

  test('an update after one that was cut short still goes back to where the stack was', async () => {
    const make = (version: number) => () => ({ One: nested({ A: native({ X: version }) }), Last: native({ X: version }, after('One')) });
    await deploy(make(1));
    cloud.gates.set('update Last', new Promise(() => undefined));
    void deploy(make(2));
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(named('One')).toMatchObject({ status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', resources: { A: { properties: { X: 2 } } } });
    cloud.gates.clear();
    cloud.failures.set('update Last', ['broken']);
    expect(await deploy(make(3))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(named('One').resources.A.properties).toEqual({ X: 1 });
    expect(await deploy(make(1))).toMatchObject({ status: 'NO_CHANGES' });
  });
});

describe('delete', () => {
  test('takes nested stacks along, dependents first', async () => {
    await deploy(() => ({
      One: nested({ Resources: { A: native() }, Outputs: { A: { Value: { Ref: 'A' } } } }),
      Two: nested({ Parameters: { In: { Type: 'String' } }, Resources: { Inner: nested({ B: native() }) } }, { In: { 'Fn::GetAtt': ['One', 'Outputs.A'] } }),
    }));
    expect(await destroy()).toEqual({ stackName: 'Demo', status: 'DELETE_COMPLETE', outputs: {} });
    expect(cloud.calls).toEqual(['delete B-2', 'delete A-1']);
    expect(store.all()).toEqual([]);
  });

  test('a failure within keeps the nested stack and its parent, and can be tried again', async () => {
    await deploy(() => ({ One: nested({ A: native(), B: native() }) }));
    cloud.failures.set('delete A', ['stuck']);
    const { stackId } = named('One');
    expect(await destroy()).toMatchObject({
      status: 'DELETE_FAILED',
      failure: { logicalId: 'One', reason: `Embedded stack ${stackId} was not successfully deleted: The following resource(s) failed to delete: [A].` },
    });
    expect(named('One')).toMatchObject({ status: 'DELETE_FAILED' });
    expect(await destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(cloud.calls).toEqual(['delete A-1']);
  });

  test('a nested stack is neither destroyed nor deployed by itself', async () => {
    await deploy(() => ({ Outer: nested({ Inner: nested({ A: native() }) }) }));
    const { stackName } = named('Inner');
    await expect(destroy(stackName)).rejects.toThrow(`stack ${stackName} cannot be destroyed by itself: it is nested in stack ${named('Outer').stackName}; name stack Demo instead`);
    await expect(deploy(() => ({}), {}, stackName)).rejects.toThrow('cannot be deployed by itself');
    expect(cloud.calls).toEqual([]);
  });
});

describe('exports', () => {
  const exporting = (value: unknown = { Ref: 'A' }): Template => ({ Resources: { A: native() }, Outputs: { Out: { Value: value, Export: { Name: 'shared' } } } });

  test('of nested stacks are found by others, and hold up whoever would take them away', async () => {
    await deploy(() => ({ One: nested(exporting()) }));
    await deploy(() => ({ Two: nested({ B: native({ Of: { 'Fn::ImportValue': 'shared' } }) }) }), {}, 'Other');
    expect(named('Two').resources.B.properties).toEqual({ Of: 'A-1' });
    await expect(destroy()).rejects.toThrow(`stack ${named('One').stackName} cannot be deleted: its export shared is in use by stack ${named('Two').stackName}`);
    expect(events).toEqual([]);
    expect(await deploy(() => ({ One: nested(exporting('other')) }))).toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'One', reason: expect.stringContaining('Export shared cannot be updated as it is in use by') },
    });
    await destroy('Other');
    expect(await destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('within one family go with it', async () => {
    await deploy(() => ({ One: nested(exporting()), Two: nested({ B: native({ Of: { 'Fn::ImportValue': 'shared' } }) }, {}, after('One')) }));
    expect(await destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(cloud.calls).toEqual(['delete B-2', 'delete A-1']);
  });

  test('are exported once', async () => {
    await deploy(() => ({ One: nested(exporting()) }));
    expect(await deploy(() => ({ Two: nested(exporting()) }), {}, 'Other')).toMatchObject({
      status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('already exported by stack Demo-One-') },
    });
  });
});
