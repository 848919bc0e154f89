import {
  CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand, ListAgentRuntimesCommand,
  ListAgentRuntimeVersionsCommand, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { capacityProviderInput, containerInput, errorOf, Harness, policyFor, ROLE_ARN } from './support/harness';
import { CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES } from '../../../src/service/model/control-plane';
import { violations } from '../../../src/service/model/validate';

const artifact = containerInput('x').agentRuntimeArtifact;

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

async function create(name: string, more: object = {}) {
  return harness.control().send(new CreateAgentRuntimeCommand(containerInput(name, more)));
}

describe('runtimes', () => {
  test('have the region that the request was signed for', async () => {
    const created = await harness.control('eu-west-1').send(new CreateAgentRuntimeCommand(containerInput('agent')));
    expect(created.agentRuntimeArn).toMatch(/^arn:aws:bedrock-agentcore:eu-west-1:/);
  });

  test('invalid input names every field', async () => {
    const error = await errorOf(create('bad-name', { filesystemConfigurations: [{ sessionStorage: { mountPath: '/data' } }] }));
    expect(error).toMatchObject({ name: 'ValidationException', reason: 'FieldValidationFailed', $metadata: { httpStatusCode: 400 } });
    expect(error.fieldList.map((field: any) => field.name)).toEqual(expect.arrayContaining(['agentRuntimeName', 'filesystemConfigurations[0].sessionStorage.mountPath']));
  });

  test('a member that is null counts as one that is absent', async () => {
    const input = containerInput('agent', { filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/a' }, efsAccessPoint: null } as any] });
    const body = JSON.stringify({ ...input, description: null, capacityProviderConfiguration: null, lifecycleConfiguration: { maxLifetime: null } });
    const response = await fetch(`${harness.endpoint}/runtimes/`, { method: 'PUT', body });
    expect(response.status).toBe(202);
    const { agentRuntimeId } = await response.json() as { agentRuntimeId: string };
    const got: any = await (await fetch(`${harness.endpoint}/runtimes/${agentRuntimeId}/`)).json();
    expect(got).toMatchObject({ filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/a' } }], lifecycleConfiguration: { maxLifetime: 28_800 } });
    expect(JSON.stringify(got)).not.toContain('null');
    const required = await fetch(`${harness.endpoint}/runtimes/`, { method: 'PUT', body: JSON.stringify({ ...input, roleArn: null }) });
    expect(await required.json()).toMatchObject({ fieldList: [{ name: 'roleArn' }] });
  });

  test('are listed page by page', async () => {
    const control = harness.control();
    for (let i = 0; i < 5; i++) await create(`agent${i}`);
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < 3; page++) {
      const answer = await control.send(new ListAgentRuntimesCommand({ maxResults: 2, nextToken }));
      names.push(...answer.agentRuntimes!.map(({ agentRuntimeName }) => agentRuntimeName));
      nextToken = answer.nextToken;
    }
    expect(nextToken).toBeUndefined();
    expect([...names].sort()).toEqual(['agent0', 'agent1', 'agent2', 'agent3', 'agent4']);
    expect((await errorOf(control.send(new ListAgentRuntimesCommand({ nextToken: 'invented' })))).name).toBe('ValidationException');
  });

  test('take no token of another list', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent0');
    await create('agent1');
    const { nextToken } = await control.send(new ListAgentRuntimesCommand({ maxResults: 1 }));
    const error = await errorOf(control.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId, nextToken })));
    expect(error).toMatchObject({ name: 'ValidationException', reason: 'FieldValidationFailed', fieldList: [{ name: 'nextToken' }] });
  });
});

describe('endpoints', () => {
  test('are refused above the quota', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent');
    const make = async (name: string) => control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name }));
    for (let i = 0; i < 10; i++) await make(i === 0 ? 'constructor' : `e${i}`);
    expect((await errorOf(make('one'))).name).toBe('ServiceQuotaExceededException');
  });
});

describe('states', () => {
  test('a deletion that cannot free its sessions is DELETE_FAILED with the reason, and can be tried again', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent');
    harness.sessions.onForget = async () => { throw new Error('mount is busy'); };
    await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
    const got = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
    expect(got.status).toBe('DELETE_FAILED');
    expect(got.failureReason).toContain('mount is busy');
    harness.sessions.onForget = undefined;
    await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
    expect((await errorOf(control.send(new GetAgentRuntimeCommand({ agentRuntimeId })))).name).toBe('ResourceNotFoundException');
  });
});

describe('tags', () => {
  test('have the service\'s limits', async () => {
    const control = harness.control();
    const { agentRuntimeArn: resourceArn } = await create('agent', { tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v'])) });
    expect((await errorOf(control.send(new TagResourceCommand({ resourceArn, tags: { one: 'more' } })))).name).toBe('ServiceQuotaExceededException');
    expect((await errorOf(control.send(new UntagResourceCommand({ resourceArn, tagKeys: ['aws:x'] })))).name).toBe('ValidationException');
    const missing = resourceArn!.replace(/.$/, (last) => last === 'x' ? 'y' : 'x');
    expect((await errorOf(control.send(new ListTagsForResourceCommand({ resourceArn: missing })))).name).toBe('ResourceNotFoundException');
  });
});

test('every operation of the model is served, and its answer has the shape that the model gives it', async () => {
  const answered = new Set<string>();
  const call = async (operation: string, method: string, path: string, body?: object) => {
    const response = await fetch(`${harness.endpoint}${path}`, { method, body: body && JSON.stringify(body) });
    const { http, output } = CONTROL_PLANE_OPERATIONS[operation];
    expect(response.status).toBe(http.responseCode);
    const text = await response.text();
    const answer = text === '' ? {} : JSON.parse(text);
    expect(violations(CONTROL_PLANE_SHAPES, output!.shape, answer)).toEqual([]);
    answered.add(operation);
    return answer;
  };
  const input = { description: 'd', environmentVariables: { A: '1' }, tags: { a: 'b' } };
  const { agentRuntimeId: id } = await call('CreateAgentRuntime', 'PUT', '/runtimes/', containerInput('agent', input));
  const arn = encodeURIComponent((await call('GetAgentRuntime', 'GET', `/runtimes/${id}/`)).agentRuntimeArn);
  await call('ListAgentRuntimes', 'POST', '/runtimes/');
  await call('UpdateAgentRuntime', 'PUT', `/runtimes/${id}`, { agentRuntimeArtifact: artifact, roleArn: ROLE_ARN, description: 'e' });
  await call('ListAgentRuntimeVersions', 'POST', `/runtimes/${id}/versions/`);
  await call('CreateAgentRuntimeEndpoint', 'PUT', `/runtimes/${id}/runtime-endpoints/`, { name: 'prod' });
  await call('UpdateAgentRuntimeEndpoint', 'PUT', `/runtimes/${id}/runtime-endpoints/prod/`, { agentRuntimeVersion: '1' });
  await call('GetAgentRuntimeEndpoint', 'GET', `/runtimes/${id}/runtime-endpoints/prod/`);
  await call('ListAgentRuntimeEndpoints', 'POST', `/runtimes/${id}/runtime-endpoints/?maxResults=1`);
  await call('DeleteAgentRuntimeEndpoint', 'DELETE', `/runtimes/${id}/runtime-endpoints/prod/`);
  await call('DeleteAgentRuntime', 'DELETE', `/runtimes/${id}/?version=1`);
  await call('TagResource', 'POST', `/tags/${arn}`, { tags: { c: 'd' } });
  await call('ListTagsForResource', 'GET', `/tags/${arn}`);
  await call('UntagResource', 'DELETE', `/tags/${arn}?tagKeys=a&tagKeys=c`);
  await call('PutResourcePolicy', 'PUT', `/resourcepolicy/${arn}`, { policy: policyFor(decodeURIComponent(arn)) });
  await call('GetResourcePolicy', 'GET', `/resourcepolicy/${arn}`);
  await call('DeleteResourcePolicy', 'DELETE', `/resourcepolicy/${arn}`);
  await call('DeleteAgentRuntime', 'DELETE', `/runtimes/${id}/`);
  const { capacityProviderId: pool } = await call('CreateCapacityProvider', 'PUT', '/capacity-providers', capacityProviderInput('pool'));
  await call('GetCapacityProvider', 'GET', `/capacity-providers/${pool}`);
  await call('ListCapacityProviders', 'POST', '/capacity-providers');
  await call('ListAgentRuntimeVersionsByCapacityProvider', 'POST', `/capacity-providers/${pool}/runtime-versions`);
  await call('UpdateCapacityProvider', 'PUT', `/capacity-providers/${pool}`, { description: { optionalValue: 'd' } });
  await call('DeleteCapacityProvider', 'DELETE', `/capacity-providers/${pool}`);
  expect([...answered].sort()).toEqual(Object.keys(CONTROL_PLANE_OPERATIONS).sort());
});
