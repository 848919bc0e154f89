import { PROMOTION_ATTRIBUTES } from '../../src/provider/contract';
import { LiveRuntime } from '../../src/provider/control-plane';
import { EndpointReader, LiveEndpoint } from '../../src/provider/endpoint-reader';
import { Ledger, MemoryLedger } from '../../src/provider/ledger';
import { LifecycleRequest } from '../../src/provider/lifecycle';
import { PromotionLifecycle } from '../../src/provider/promotion-lifecycle';
import { FakeClock } from '../util/fake-clock';
import { serviceError } from '../util/fake-control-plane';

const ID = 'coder-0123456789';

let clock: FakeClock;
let ledger: MemoryLedger;
let logged: string[];
/** The content of each version. */
let versions: Record<string, object | undefined>;
/** What the next looks at the endpoint see; the last one stays. */
let endpoint: (LiveEndpoint | Error | undefined)[];
let looks: string[];

const reader: EndpointReader = {
  endpoint: async (_id, name) => {
    looks.push(name);
    const seen = endpoint.length > 1 ? endpoint.shift() : endpoint[0];
    if (seen instanceof Error) throw seen;
    return seen;
  },
  version: async (id, version) => {
    looks.push(version);
    const content = versions[version];
    return content && { agentRuntimeId: id, agentRuntimeVersion: version, status: 'READY', ...content } as unknown as LiveRuntime;
  },
};

const on = (liveVersion: string): LiveEndpoint => ({ status: 'READY', liveVersion });
const mood = (MOOD: string) => ({ environmentVariables: { MOOD } });

beforeEach(() => {
  clock = new FakeClock();
  ledger = new MemoryLedger(clock);
  logged = [];
  looks = [];
  versions = { 1: mood('calm'), 2: mood('eager'), 3: mood('calm') };
  endpoint = [undefined];
});

function request(version: string, properties: object = {}): LifecycleRequest & { physicalId: string } {
  return {
    owner: { stackId: 'stack', logicalId: 'ProdPromotion' },
    requestId: 'request-1',
    physicalId: 'promotion-0',
    properties: { ServiceToken: 'token', AgentRuntimeId: ID, EndpointName: 'prod', AgentRuntimeVersion: version, ...properties },
    oldProperties: {},
    signal: new AbortController().signal,
    deadline: 880_000,
  };
}

async function choose(version: string, properties: object = {}, notes: Ledger = ledger): Promise<string> {
  const lifecycle = new PromotionLifecycle(reader, { clock, ledger: notes, log: (notice) => logged.push(notice) });
  const { attributes } = await lifecycle.update(request(version, properties));
  expect(Object.keys(attributes)).toEqual([...PROMOTION_ATTRIBUTES]);
  return attributes.AgentRuntimeVersion;
}

test('an endpoint that is not there yet comes up on the newest version', async () => {
  expect(await choose('2')).toBe('2');
});

test('a version with another configuration is where the endpoint goes', async () => {
  endpoint = [on('1')];
  expect(await choose('2')).toBe('2');
});

test('a version with the same configuration is not', async () => {
  endpoint = [on('1')];
  expect(await choose('3')).toBe('1');
});

test('an endpoint that somebody moved to the newest version already stays there', async () => {
  endpoint = [on('3')];
  expect(await choose('3')).toBe('3');
});

test('from a version that is taken back it returns to the one before', async () => {
  expect(await choose('1')).toBe('1');
  endpoint = [on('1')];
  expect(await choose('2')).toBe('2');
  endpoint = [on('2')];
  expect(await choose('3')).toBe('1');
});

test('also to one that it was on before this library moved it', async () => {
  endpoint = [on('1')];
  await choose('2');
  endpoint = [on('2')];
  expect(await choose('3')).toBe('1');
});

test('but not to one that was deleted', async () => {
  endpoint = [on('1')];
  await choose('2');
  endpoint = [on('2')];
  delete versions[1];
  expect(await choose('3')).toBe('3');
});

test('what another endpoint, or an endpoint of another runtime, was on does not count', async () => {
  endpoint = [on('1')];
  await choose('2');
  endpoint = [on('2')];
  expect(await choose('3', { EndpointName: 'other' })).toBe('3');
  expect(await choose('3', { AgentRuntimeId: 'other-0123456789' })).toBe('3');
});

test('a new endpoint starts on the newest version, whatever one of its name was on', async () => {
  endpoint = [on('1')];
  await choose('2');
  endpoint = [undefined];
  expect(await choose('3')).toBe('3');
});

test('where the endpoint is counts once the service is done with it', async () => {
  endpoint = [{ status: 'UPDATING', liveVersion: '1' }, { status: 'UPDATING', liveVersion: '1' }, on('2')];
  expect(await choose('2')).toBe('2');
  expect(looks.filter((look) => look === 'prod')).toHaveLength(3);
});

test('an endpoint that failed to move is on the version that it serves', async () => {
  endpoint = [{ status: 'UPDATE_FAILED', liveVersion: '1' }];
  expect(await choose('3')).toBe('1');
});

test('an endpoint that never came up has no version', async () => {
  endpoint = [{ status: 'CREATE_FAILED' }];
  expect(await choose('3')).toBe('3');
});

test.each([
  ['another platform', { platformVersion: 'V2' }, {}],
  ['no platform named any more', {}, { platformVersion: 'V2' }],
  ['another image', { agentRuntimeArtifact: { containerConfiguration: { containerUri: 'a' } } }, { agentRuntimeArtifact: { containerConfiguration: { containerUri: 'b' } } }],
  ['another role', { roleArn: 'a' }, { roleArn: 'b' }],
])('%s is another configuration', async (_what, newest, current) => {
  versions = { 1: current, 2: newest };
  endpoint = [on('1')];
  expect(await choose('2')).toBe('2');
});

test.each([
  ['the order of sets', { networkConfiguration: { networkModeConfig: { subnets: ['a', 'b'] } } }, { networkConfiguration: { networkModeConfig: { subnets: ['b', 'a'] } } }],
  ['what every version has of its own', { lastUpdatedAt: new Date(1) }, { lastUpdatedAt: new Date(2) }],
])('%s is not', async (_what, newest, current) => {
  versions = { 1: current, 2: newest };
  endpoint = [on('1')];
  expect(await choose('2')).toBe('1');
});

test('a denial is waited out while the policy is fresh, and told afterwards', async () => {
  endpoint = [serviceError('AccessDeniedException', 'not authorized'), on('1')];
  expect(await choose('2')).toBe('2');
  endpoint = [serviceError('AccessDeniedException', 'not authorized')];
  await expect(choose('2')).rejects.toThrow('not authorized');
});

test('a ledger that cannot be reached changes nothing about where the endpoint is', async () => {
  const broken: Ledger = { ...ledger, claim: ledger.claim.bind(ledger), last: ledger.last.bind(ledger), note: fails, recent: fails };
  endpoint = [on('1')];
  expect(await choose('3', {}, broken)).toBe('1');
  expect(await choose('2', {}, broken)).toBe('2');
  expect(logged).toContain('could not learn where the endpoint was before');
  expect(logged).toContain('could not note where the endpoint is');
});

async function fails(): Promise<never> {
  throw new Error('no logs today');
}

test('a version that is not there fails, and so keeps the endpoint where it is', async () => {
  await expect(choose('9')).rejects.toThrow(`runtime ${ID} has no version 9`);
});

test('what is wrong with the properties is told at once', async () => {
  await expect(choose('0', { AgentRuntimeId: 'x', EndpointName: 'a-b' })).rejects.toThrow(/AgentRuntimeId "x".*endpoint name "a-b".*version "0"/);
});

test('the id never changes, so that nothing is ever replaced', async () => {
  const lifecycle = new PromotionLifecycle(reader, { clock, ledger, log: () => {} });
  const created = await lifecycle.create(request('1'));
  const updated = await lifecycle.update(request('2', { EndpointName: 'other' }));
  expect(updated.physicalId).toBe(created.physicalId);
  expect(lifecycle.fallbackId(request('1'))).toBe(created.physicalId);
  await expect(lifecycle.remove()).resolves.toBeUndefined();
});
