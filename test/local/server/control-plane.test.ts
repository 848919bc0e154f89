import {
  CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, DeleteAgentRuntimeEndpointCommand,
  GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand, GetResourcePolicyCommand, ListAgentRuntimeEndpointsCommand, ListAgentRuntimesCommand,
  ListAgentRuntimeVersionsCommand, ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand, UpdateAgentRuntimeCommand,
  UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { containerInput, errorOf, Harness, ROLE_ARN } from './support/harness';
import { CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES } from '../../../src/service/model/control-plane';
import { violations } from '../../../src/service/model/validate';

const TOKEN = 'a-client-token-of-more-than-33-characters';
const artifact = containerInput('x').agentRuntimeArtifact;

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

async function create(name: string, more: object = {}) {
  return harness.control().send(new CreateAgentRuntimeCommand(containerInput(name, more)));
}

describe('runtimes', () => {
  test('are CREATING in the answer and READY afterwards, with the service\'s ids', async () => {
    const control = harness.control();
    const created = await create('agent', { description: 'first', environmentVariables: { A: '1' } });

    expect(created).toMatchObject({
      agentRuntimeId: expect.stringMatching(/^agent-[a-zA-Z0-9]{10}$/),
      agentRuntimeArn: `arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/${created.agentRuntimeId}`,
      agentRuntimeVersion: '1',
      status: 'CREATING',
      createdAt: new Date('2026-01-01T00:00:00Z'),
    });
    const got = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: created.agentRuntimeId }));
    expect(got).toMatchObject({
      ...containerInput('agent', { description: 'first', environmentVariables: { A: '1' } }),
      status: 'READY',
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28800 },
      metadataConfiguration: { requireMMDSV2: true },
      workloadIdentityDetails: { workloadIdentityArn: expect.stringContaining('workload-identity') },
    });
    expect(got.failureReason).toBeUndefined();
  });

  test('have the region that the request was signed for', async () => {
    const created = await harness.control('eu-west-1').send(new CreateAgentRuntimeCommand(containerInput('agent')));
    expect(created.agentRuntimeArn).toMatch(/^arn:aws:bedrock-agentcore:eu-west-1:/);
  });

  test('an update makes a version of its input alone, which keeps only the platform version', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent', { description: 'first', environmentVariables: { A: '1' }, platformVersion: 'V2' });
    const updated = await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact, roleArn: ROLE_ARN }));
    expect(updated).toMatchObject({ agentRuntimeVersion: '2', status: 'UPDATING' });

    const second = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
    expect(second).toMatchObject({ agentRuntimeVersion: '2', status: 'READY', platformVersion: 'V2' });
    for (const reset of ['description', 'environmentVariables', 'filesystemConfigurations', 'networkConfiguration'] as const) expect(second[reset]).toBeUndefined();

    const first = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' }));
    expect(first).toMatchObject({ agentRuntimeVersion: '1', description: 'first', environmentVariables: { A: '1' } });
    const { agentRuntimes } = await control.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }));
    expect(agentRuntimes!.map(({ agentRuntimeVersion }) => agentRuntimeVersion)).toEqual(['2', '1']);
    expect((await errorOf(control.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '9' })))).name).toBe('ResourceNotFoundException');
  });

  test('a name is there once, until its runtime is deleted', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent');
    const conflict = await errorOf(create('agent'));
    expect(conflict).toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
    expect(conflict.message).toContain('already exists');

    expect(await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({ status: 'DELETING', agentRuntimeId });
    expect((await errorOf(control.send(new GetAgentRuntimeCommand({ agentRuntimeId })))).name).toBe('ResourceNotFoundException');
    expect(harness.sessions.forgotten).toEqual([agentRuntimeId]);
    await create('agent');
  });

  test('invalid input names every field', async () => {
    const error = await errorOf(create('bad-name', { filesystemConfigurations: [{ sessionStorage: { mountPath: '/data' } }] }));
    expect(error).toMatchObject({ name: 'ValidationException', reason: 'FieldValidationFailed', $metadata: { httpStatusCode: 400 } });
    expect(error.fieldList.map((field: any) => field.name)).toEqual(expect.arrayContaining(['agentRuntimeName', 'filesystemConfigurations[0].sessionStorage.mountPath']));
  });

  test.each([
    ['life times in the wrong order', { lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 600 } }, 'maxLifetime'],
    ['life times that only Instances have', { lifecycleConfiguration: { maxLifetime: 28_801 } }, '28800'],
    ['two session storages', { filesystemConfigurations: ['/mnt/one', '/mnt/two'].map((mountPath) => ({ sessionStorage: { mountPath } })) }, 'sessionStorage'],
    ['a reserved tag', { tags: { 'aws:x': '1' } }, 'aws:'],
    ['a capacity provider', { capacityProviderConfiguration: { capacityProviderArn: 'arn:aws:bedrock-agentcore:us-east-1:000000000000:capacity-provider/some-0123456789' }, filesystemConfigurations: [] }, 'capacity provider'],
  ])('refuses %s', async (_, more, told) => {
    const error = await errorOf(create('agent', more));
    expect(error.name).toBe('ValidationException');
    expect(error.message).toContain(told);
  });

  test('version 1 of the metadata service cannot be asked for', async () => {
    const { agentRuntimeId } = await create('agent');
    const update = { agentRuntimeId, agentRuntimeArtifact: artifact, roleArn: ROLE_ARN, metadataConfiguration: { requireMMDSV2: false } };
    expect((await errorOf(harness.control().send(new UpdateAgentRuntimeCommand(update)))).name).toBe('ValidationException');
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

  test('one old version is deleted, one in use is not', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent');
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact, roleArn: ROLE_ARN }));
    expect((await errorOf(control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '2' })))).name).toBe('ConflictException');
    expect(await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' }))).toMatchObject({ agentRuntimeVersion: '1', status: 'DELETING' });
    expect((await errorOf(control.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' })))).name).toBe('ResourceNotFoundException');
    expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({ agentRuntimeVersion: '2', status: 'READY' });
  });
});

describe('client tokens', () => {
  test('the same request again has the same answer, and no second effect', async () => {
    const first = await create('agent', { clientToken: TOKEN });
    const again = await create('agent', { clientToken: TOKEN });
    expect(again.agentRuntimeId).toBe(first.agentRuntimeId);
    expect((await harness.control().send(new ListAgentRuntimesCommand({}))).agentRuntimes).toHaveLength(1);
  });

  test('another request with the same token is refused', async () => {
    await create('agent', { clientToken: TOKEN });
    const error = await errorOf(create('other', { clientToken: TOKEN }));
    expect(error).toMatchObject({ name: 'ValidationException', reason: 'IdempotentParameterMismatchException' });
  });

  test('a repeated deletion is answered though nothing is there any more', async () => {
    const { agentRuntimeId } = await create('agent');
    const input = { agentRuntimeId, clientToken: TOKEN };
    await harness.control().send(new DeleteAgentRuntimeCommand(input));
    expect(await harness.control().send(new DeleteAgentRuntimeCommand(input))).toMatchObject({ status: 'DELETING' });
    expect((await errorOf(harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId })))).name).toBe('ResourceNotFoundException');
  });

  test('equal requests at once have one effect', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(async () => create('agent', { clientToken: TOKEN })));
    expect(new Set(answers.map(({ agentRuntimeId }) => agentRuntimeId)).size).toBe(1);
  });
});

describe('endpoints', () => {
  test('DEFAULT is there from the start, follows the newest version, and stays', async () => {
    const control = harness.control();
    const { agentRuntimeId, agentRuntimeArn } = await create('agent');
    const at = { agentRuntimeId, endpointName: 'DEFAULT' };
    expect(await control.send(new GetAgentRuntimeEndpointCommand(at))).toMatchObject({
      name: 'DEFAULT', status: 'READY', liveVersion: '1', targetVersion: '1', agentRuntimeEndpointArn: `${agentRuntimeArn}/runtime-endpoint/DEFAULT`,
    });
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact, roleArn: ROLE_ARN }));
    expect(await control.send(new GetAgentRuntimeEndpointCommand(at))).toMatchObject({ liveVersion: '2' });
    expect((await errorOf(control.send(new DeleteAgentRuntimeEndpointCommand(at)))).name).toBe('ConflictException');
    expect((await errorOf(control.send(new UpdateAgentRuntimeEndpointCommand({ ...at, agentRuntimeVersion: '1' })))).name).toBe('ConflictException');
  });

  test('a named one stays on its version until it is moved, and keeps its runtime from being deleted', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent');
    const at = { agentRuntimeId, endpointName: 'prod' };
    expect(await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'prod', description: 'd' })))
      .toMatchObject({ targetVersion: '1', status: 'CREATING', endpointName: 'prod' });
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact, roleArn: ROLE_ARN }));
    expect(await control.send(new GetAgentRuntimeEndpointCommand(at))).toMatchObject({ liveVersion: '1', status: 'READY' });
    expect(await control.send(new UpdateAgentRuntimeEndpointCommand({ ...at, agentRuntimeVersion: '2' }))).toMatchObject({ liveVersion: '1', targetVersion: '2', status: 'UPDATING' });
    expect(await control.send(new GetAgentRuntimeEndpointCommand(at))).toMatchObject({ liveVersion: '2', description: 'd' });
    const { runtimeEndpoints } = await control.send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId }));
    expect(runtimeEndpoints!.map(({ name }) => name).sort()).toEqual(['DEFAULT', 'prod']);

    const conflict = await errorOf(control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId })));
    expect(conflict.name).toBe('ConflictException');
    expect(conflict.message).toContain('prod');
    expect(await control.send(new DeleteAgentRuntimeEndpointCommand(at))).toMatchObject({ status: 'DELETING' });
    expect(harness.sessions.forgotten).toEqual([`${agentRuntimeId} prod`]);
    expect((await errorOf(control.send(new GetAgentRuntimeEndpointCommand(at)))).name).toBe('ResourceNotFoundException');
    await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
  });

  test('is refused twice, on a version that is not there, and above the quota', async () => {
    const control = harness.control();
    const { agentRuntimeId } = await create('agent');
    const make = async (name: string, agentRuntimeVersion?: string) =>
      control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name, agentRuntimeVersion }));
    for (let i = 0; i < 10; i++) await make(i === 0 ? 'constructor' : `e${i}`);
    expect((await errorOf(make('e1'))).name).toBe('ConflictException');
    expect((await errorOf(make('one'))).name).toBe('ServiceQuotaExceededException');
    await control.send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'constructor' }));
    expect((await errorOf(make('one', '7'))).name).toBe('ResourceNotFoundException');
  });
});

describe('states', () => {
  test('take as long as they are told to; meanwhile a change is a conflict', async () => {
    await harness.end();
    harness = await Harness.start({ transitionDelayMs: 5_000 });
    const control = harness.control();
    const { agentRuntimeId } = await create('agent');
    const status = async () => (await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status;
    const update = async () => control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact, roleArn: ROLE_ARN }));

    expect(await status()).toBe('CREATING');
    expect((await errorOf(update())).name).toBe('ConflictException');
    expect((await errorOf(control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId })))).name).toBe('ConflictException');
    await harness.clock.sleep(5_000);
    expect(await status()).toBe('READY');

    await update();
    expect(await status()).toBe('UPDATING');
    expect(await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' }))).toMatchObject({ liveVersion: '1', targetVersion: '2', status: 'UPDATING' });
    await harness.clock.sleep(5_000);
    await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
    expect(await status()).toBe('DELETING');
    await harness.clock.sleep(5_000);
    expect((await errorOf(status())).name).toBe('ResourceNotFoundException');
  });

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
  test('are set, replaced and removed on runtimes and endpoints, without a new version', async () => {
    const control = harness.control();
    const { agentRuntimeId, agentRuntimeArn } = await create('agent', { tags: { team: 'a', stage: 'test' } });
    await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'prod', tags: { endpoint: 'yes' } }));
    const tagsOf = async (resourceArn?: string) => (await control.send(new ListTagsForResourceCommand({ resourceArn }))).tags;

    await control.send(new TagResourceCommand({ resourceArn: agentRuntimeArn, tags: { team: 'b', cost: '' } }));
    await control.send(new UntagResourceCommand({ resourceArn: agentRuntimeArn, tagKeys: ['stage', 'absent'] }));
    expect(await tagsOf(agentRuntimeArn)).toEqual({ team: 'b', cost: '' });

    const endpoint = `${agentRuntimeArn}/runtime-endpoint/prod`;
    await control.send(new TagResourceCommand({ resourceArn: endpoint, tags: { more: '1' } }));
    expect(await tagsOf(endpoint)).toEqual({ endpoint: 'yes', more: '1' });
    expect((await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).agentRuntimeVersion).toBe('1');
  });

  test('have the service\'s limits', async () => {
    const control = harness.control();
    const { agentRuntimeArn: resourceArn } = await create('agent', { tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v'])) });
    expect((await errorOf(control.send(new TagResourceCommand({ resourceArn, tags: { one: 'more' } })))).name).toBe('ServiceQuotaExceededException');
    expect((await errorOf(control.send(new UntagResourceCommand({ resourceArn, tagKeys: ['aws:x'] })))).name).toBe('ValidationException');
    const missing = resourceArn!.replace(/.$/, (last) => last === 'x' ? 'y' : 'x');
    expect((await errorOf(control.send(new ListTagsForResourceCommand({ resourceArn: missing })))).name).toBe('ResourceNotFoundException');
  });
});

test('an operation that is not served says so', async () => {
  const { agentRuntimeArn } = await create('agent');
  const error = await errorOf(harness.control().send(new GetResourcePolicyCommand({ resourceArn: agentRuntimeArn })));
  expect(error.name).toBe('ValidationException');
  expect(error.message).toContain('GetResourcePolicy');
});

test('every answer has the shape that the model gives it', async () => {
  const call = async (operation: string, method: string, path: string, body?: object) => {
    const response = await fetch(`${harness.endpoint}${path}`, { method, body: body && JSON.stringify(body) });
    const { http, output } = CONTROL_PLANE_OPERATIONS[operation];
    expect(response.status).toBe(http.responseCode);
    const answer: any = await response.json();
    expect(violations(CONTROL_PLANE_SHAPES, output!.shape, answer)).toEqual([]);
    return answer;
  };
  const input = { description: 'd', environmentVariables: { A: '1' }, tags: { a: 'b' } };
  const { agentRuntimeId: id } = await call('CreateAgentRuntime', 'PUT', '/runtimes/', containerInput('agent', input));
  await call('GetAgentRuntime', 'GET', `/runtimes/${id}/`);
  await call('ListAgentRuntimes', 'POST', '/runtimes/');
  await call('UpdateAgentRuntime', 'PUT', `/runtimes/${id}`, { agentRuntimeArtifact: artifact, roleArn: ROLE_ARN, description: 'e' });
  await call('ListAgentRuntimeVersions', 'POST', `/runtimes/${id}/versions/`);
  await call('CreateAgentRuntimeEndpoint', 'PUT', `/runtimes/${id}/runtime-endpoints/`, { name: 'prod' });
  await call('UpdateAgentRuntimeEndpoint', 'PUT', `/runtimes/${id}/runtime-endpoints/prod/`, { agentRuntimeVersion: '1' });
  await call('GetAgentRuntimeEndpoint', 'GET', `/runtimes/${id}/runtime-endpoints/prod/`);
  await call('ListAgentRuntimeEndpoints', 'POST', `/runtimes/${id}/runtime-endpoints/?maxResults=1`);
  await call('DeleteAgentRuntimeEndpoint', 'DELETE', `/runtimes/${id}/runtime-endpoints/prod/`);
  await call('DeleteAgentRuntime', 'DELETE', `/runtimes/${id}/?version=1`);
  await call('DeleteAgentRuntime', 'DELETE', `/runtimes/${id}/`);
});
