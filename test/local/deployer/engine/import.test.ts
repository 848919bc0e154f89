import { StackEngine } from '../../../../src/local/deployer/engine/engine';
import { StackEvent } from '../../../../src/local/deployer/engine/events';
import { StateStore } from '../../../../src/local/deployer/engine/state-store';
import { Template, TemplateResource } from '../../../../src/local/deployer/template/template';
import { ManualClock } from '../manual-clock';
import { scratchDirectory } from '../scratch';
import { MemoryCloud } from './memory-cloud';

const RETAIN = { DeletionPolicy: 'Retain' };
const native = (properties = {}, more: Partial<TemplateResource> = {}): TemplateResource => ({ Type: 'Native::Thing', Properties: properties, ...more });

let cloud: MemoryCloud;
let events: StackEvent[];
let store: StateStore;

beforeEach(async () => {
  cloud = new MemoryCloud();
  cloud.live.set('outside', {}).set('other', {});
  store = new StateStore(scratchDirectory());
  await deploy({ A: native({ X: 1 }) });
});

const engine = () => new StackEngine({
  store, handlers: (type) => cloud.handlerOf(type), clock: new ManualClock(), onEvent: (event) => events.push(event),
});

type Resources = Record<string, TemplateResource>;

function target(resources: Resources, outputs: Template['Outputs'], stackName: string) {
  cloud.calls.length = 0;
  events = [];
  return { stackName, region: 'us-east-1', account: '000000000000', parameters: {}, template: { Resources: resources, Outputs: outputs } };
}

const deploy = (resources: Resources, outputs: Template['Outputs'] = {}, stackName = 'Demo') => engine().deploy(target(resources, outputs, stackName));
const importing = (resources: Resources, imports: Record<string, string>, outputs: Template['Outputs'] = {}, stackName = 'Demo') =>
  engine().import(target(resources, outputs, stackName), new Map(Object.entries(imports)));
const statuses = () => events.map(({ logicalId, status }) => `${logicalId} ${status}`);

const A = native({ X: 1 });

test('takes resources in as they are, those that others refer to first, and nothing else happens', async () => {
  const resources = { A, C: native({ Of: { 'Fn::GetAtt': ['B', 'Arn'] } }, RETAIN), B: native({ Y: { Ref: 'A' } }, RETAIN) };
  expect(await importing(resources, { C: 'other', B: 'outside' })).toEqual({ stackName: 'Demo', status: 'IMPORT_COMPLETE', outputs: {} });
  expect(cloud.calls).toEqual(['import outside', 'import other']);
  expect(statuses()).toEqual([
    'Demo IMPORT_IN_PROGRESS', 'B IMPORT_IN_PROGRESS', 'B IMPORT_COMPLETE', 'C IMPORT_IN_PROGRESS', 'C IMPORT_COMPLETE', 'Demo IMPORT_COMPLETE',
  ]);
  expect(store.load('Demo')).toMatchObject({
    status: 'IMPORT_COMPLETE', resources: { B: { physicalId: 'outside', properties: { Y: 'A-1' }, deletionPolicy: 'Retain' }, C: { properties: { Of: 'arn:outside' } } },
  });
});

test('what was imported is a resource like any other from then on', async () => {
  const imported = (properties: object, more: object = RETAIN) => ({ A, B: native({ ...properties }, more) });
  await importing(imported({ Y: 1 }), { B: 'outside' });
  expect(await deploy(imported({ Y: 1 }))).toMatchObject({ status: 'NO_CHANGES' });
  expect(await deploy(imported({ Y: 2 }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(cloud.calls).toEqual(['update B']);
  await deploy(imported({ Y: 2 }, {}));
  expect(await deploy({ A })).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(cloud.calls).toEqual(['delete outside']);
});

test('where one fails, all are given back', async () => {
  cloud.failures.set('import C', ['no access']);
  const result = await importing({ A, B: native({}, RETAIN), C: native({ Of: { Ref: 'B' } }, RETAIN) }, { B: 'outside', C: 'other' });
  expect(result).toEqual({ stackName: 'Demo', status: 'IMPORT_ROLLBACK_COMPLETE', outputs: {}, failure: { logicalId: 'C', reason: 'no access' } });
  expect(cloud.calls).toEqual(['import outside', 'import other', 'give back outside']);
  expect(statuses().slice(4)).toEqual([
    'C IMPORT_FAILED', 'Demo IMPORT_ROLLBACK_IN_PROGRESS', 'B IMPORT_ROLLBACK_IN_PROGRESS', 'B IMPORT_ROLLBACK_COMPLETE', 'Demo IMPORT_ROLLBACK_COMPLETE',
  ]);
  expect(store.load('Demo')).toMatchObject({ resources: { A: { physicalId: 'A-1' } }, template: { Resources: { A } } });
  expect(await deploy({ A })).toMatchObject({ status: 'NO_CHANGES' });
  expect([...cloud.live.keys()]).toEqual(['outside', 'other', 'A-1']);
});

test('what cannot be given back is told of, and is none of the stack\'s either', async () => {
  cloud.failures.set('import C', ['no access']).set('give back B', ['stuck']);
  const result = await importing({ A, B: native({}, RETAIN), C: native({ Of: { Ref: 'B' } }, RETAIN) }, { B: 'outside', C: 'other' });
  expect(result.status).toBe('IMPORT_ROLLBACK_FAILED');
  expect(statuses()).toContain('B IMPORT_ROLLBACK_FAILED');
  expect(Object.keys(store.load('Demo')!.resources)).toEqual(['A']);
  expect(await deploy({ A: native({ X: 2 }) })).toMatchObject({ status: 'UPDATE_COMPLETE' });
});

test('one that is cut short has taken nothing', async () => {
  cloud.gates.set('import B', new Promise(() => undefined));
  // never ends: as if the process had been killed
  void importing({ A, B: native({}, RETAIN) }, { B: 'outside' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(store.load('Demo')).toMatchObject({ status: 'IMPORT_IN_PROGRESS', resources: { A: {} } });
  cloud.gates.clear();
  expect(await deploy({ A: native({ X: 2 }) })).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(cloud.live.has('outside')).toBe(true);
});

describe('is refused before anything happens, where', () => {
  const B = native({}, RETAIN);
  const output = { Out: { Value: 'text' } };

  test.each<[string, Resources, Record<string, string>, Template['Outputs'], RegExp]>([
    ['the template has no such resource', { A, B }, { C: 'outside' }, {}, /^the logical resource ids \[C\] provided in ResourceToImport do not exist in the template; .* one of B$/],
    ['the stack has it already', { A, B }, { A: 'outside', B: 'other' }, {}, /^resources \[A\] passed in ResourceToImport are already in a stack/],
    ['another resource is new', { A, B, C: native() }, { B: 'outside' }, {}, /^resources \[C\] is missing from ResourceToImport list/],
    ['another resource changes', { A: native({ X: 2 }), B }, { B: 'outside' }, {}, /^you have modified resources \[A\] in your template that are not being imported/],
    ['another resource gets a policy', { A: native({ X: 1 }, RETAIN), B }, { B: 'outside' }, {}, /^you have modified resources \[A\]/],
    ['another resource goes', { B }, { B: 'outside' }, {}, /^you have modified resources \[A\]/],
    ['an output is added', { A, B }, { B: 'outside' }, output, /^as part of the import operation, you cannot modify or add \[Outputs\]/],
    ['it has no DeletionPolicy', { A, B: native() }, { B: 'outside' }, {}, /^the following resources to import \[B\] must have DeletionPolicy attribute/],
    ['its type cannot be imported', { A, B: { Type: 'Custom::Thing', ...RETAIN } }, { B: 'outside' }, {}, /^resource B cannot be imported: .* Custom::Thing/],
    ['it is not there', { A, B }, { B: 'nowhere' }, {}, /^resource of type 'Native::Thing' with identifier 'nowhere' was not found/],
    ['the stack has it by another name', { A, B }, { B: 'A-1' }, {}, /^A-1 already exists in stack arn:aws:cloudformation:us-east-1:000000000000:stack\/Demo\//],
  ])('%s', async (_, resources, imports, outputs, message) => {
    await expect(importing(resources, imports, outputs)).rejects.toThrow(message);
    expect({ calls: cloud.calls, events }).toEqual({ calls: [], events: [] });
    expect(store.load('Demo')!.status).toBe('CREATE_COMPLETE');
  });

  test('another stack has it', async () => {
    await deploy({ Theirs: native() }, {}, 'Other');
    await expect(importing({ A, B }, { B: 'Theirs-2' })).rejects.toThrow(/^Theirs-2 already exists in stack arn:.*stack\/Other\//);
  });

  test('there is no stack, or one that is broken', async () => {
    await expect(importing({ B }, { B: 'outside' }, {}, 'New')).rejects.toThrow('stack New is not deployed; deploy it without what is to be imported');
    store.save({ ...store.load('Demo')!, status: 'UPDATE_ROLLBACK_FAILED' });
    await expect(importing({ A, B }, { B: 'outside' })).rejects.toThrow('stack Demo is UPDATE_ROLLBACK_FAILED');
  });
});

test('what the CDK tells of an app may differ', async () => {
  const metadata = (text: string) => ({ CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: text } } });
  const handlers = (type: string) => (type === 'AWS::CDK::Metadata' ? cloud.handlerOf('Native::Thing') : cloud.handlerOf(type));
  const withMetadata = new StackEngine({ store, handlers, clock: new ManualClock(), onEvent: (event) => events.push(event) });
  await withMetadata.deploy(target({ A, ...metadata('one') }, {}, 'Demo'));
  const result = await withMetadata.import(target({ A, ...metadata('two'), B: native({}, RETAIN) }, {}, 'Demo'), new Map([['B', 'outside']]));
  expect(result.status).toBe('IMPORT_COMPLETE');
  expect(cloud.calls).toEqual(['import outside']);
});
