import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteCapacityProviderSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand, CreateCapacityProviderCommand, DeleteAgentRuntimeCommand, DeleteCapacityProviderCommand, GetAgentRuntimeCommand,
  GetCapacityProviderCommand, ListAgentRuntimeVersionsByCapacityProviderCommand, ListCapacityProvidersCommand, ListTagsForResourceCommand,
  TagResourceCommand, UpdateAgentRuntimeCommand, UpdateCapacityProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { capacityProviderInput, containerInput, errorOf, Harness, ROLE_ARN } from '../support/harness';

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

async function create(name: string, more: object = {}) {
  return harness.control().send(new CreateCapacityProviderCommand(capacityProviderInput(name, more)));
}

async function get(capacityProviderId?: string) {
  return harness.control().send(new GetCapacityProviderCommand({ capacityProviderId }));
}

async function remove(capacityProviderId?: string) {
  return harness.control().send(new DeleteCapacityProviderCommand({ capacityProviderId }));
}

/** A runtime on a capacity provider that mounts a volume of it. */
async function createOn(capacityProviderArn: string | undefined, name: string, volumeName = 'data') {
  return harness.control().send(new CreateAgentRuntimeCommand(containerInput(name, {
    networkConfiguration: undefined,
    capacityProviderConfiguration: { capacityProviderArn },
    filesystemConfigurations: [{ capacityProviderVolume: { volumeName, mountPath: '/mnt/data' } }],
  })));
}

test('is CREATING in the answer and READY afterwards, as it was sent', async () => {
  const created = await create('pool', { description: 'd', tags: { team: 'a' } });
  expect(created).toMatchObject({
    capacityProviderId: expect.stringMatching(/^pool-[a-zA-Z0-9]{10}$/),
    capacityProviderArn: `arn:aws:bedrock-agentcore:us-east-1:000000000000:capacity-provider/${created.capacityProviderId}`,
    name: 'pool',
    status: 'CREATING',
    $metadata: { httpStatusCode: 202 },
  });
  const got = await get(created.capacityProviderId);
  expect(got).toMatchObject({ ...capacityProviderInput('pool', { description: 'd' }), status: 'READY', createdAt: new Date('2026-01-01T00:00:00Z') });
  expect(got.statusCode).toBeUndefined();
  const { tags } = await harness.control().send(new ListTagsForResourceCommand({ resourceArn: created.capacityProviderArn }));
  expect(tags).toEqual({ team: 'a' });
  await harness.control().send(new TagResourceCommand({ resourceArn: created.capacityProviderArn, tags: { more: '1' } }));
});

test('are listed page by page, with a time', async () => {
  for (const name of ['one', 'two', 'three']) await create(name);
  const list = async (nextToken?: string) => harness.control().send(new ListCapacityProvidersCommand({ maxResults: 2, nextToken }));
  const first = await list();
  const second = await list(first.nextToken);
  expect([...first.capacityProviders!, ...second.capacityProviders!].map(({ name }) => name).sort()).toEqual(['one', 'three', 'two']);
  expect(first.capacityProviders![0]).toMatchObject({ status: 'READY', lastUpdatedAt: new Date('2026-01-01T00:00:00Z') });
  expect(second.nextToken).toBeUndefined();
});

test('only the description can change: replaced, left alone without the wrapper, unset by an empty one', async () => {
  const { capacityProviderId } = await create('pool', { description: 'first' });
  const update = async (description?: { optionalValue?: string }) =>
    harness.control().send(new UpdateCapacityProviderCommand({ capacityProviderId, description }));
  expect(await update({ optionalValue: 'second' })).toMatchObject({ status: 'UPDATING', name: 'pool' });
  expect((await get(capacityProviderId)).description).toBe('second');
  await update();
  expect((await get(capacityProviderId)).description).toBe('second');
  await update({});
  expect((await get(capacityProviderId)).description).toBeUndefined();

  const response = await fetch(`${harness.endpoint}/capacity-providers/${capacityProviderId}`, { method: 'PUT', body: JSON.stringify({ name: 'other' }) });
  expect(await response.json()).toMatchObject({ reason: 'FieldValidationFailed', fieldList: [{ name: 'name' }] });
});

test('a name is there once; what is gone is not found', async () => {
  const { capacityProviderId } = await create('pool');
  expect((await errorOf(create('pool'))).name).toBe('ConflictException');
  expect(await remove(capacityProviderId)).toMatchObject({ capacityProviderId, status: 'DELETING' });
  expect((await errorOf(get(capacityProviderId))).name).toBe('ResourceNotFoundException');
  expect((await errorOf(remove(capacityProviderId))).name).toBe('ResourceNotFoundException');
  await create('pool');
});

test('take as long as they are told to; meanwhile a change is a conflict that can be tried again', async () => {
  await harness.end();
  harness = await Harness.start({ transitionDelayMs: 5_000 });
  const { capacityProviderId, capacityProviderArn } = await create('pool');
  expect((await get(capacityProviderId)).status).toBe('CREATING');
  expect((await errorOf(remove(capacityProviderId))).name).toBe('RetryableConflictException');
  expect((await errorOf(createOn(capacityProviderArn, 'agent'))).name).toBe('ConflictException');
  await harness.clock.sleep(5_000);
  await createOn(capacityProviderArn, 'agent');
});

test('fails with the reason that a fault plan gives, after so many reads', async () => {
  await harness.setFaults({ kind: 'failedTransition', operation: 'CreateCapacityProvider', failureReason: 'the role cannot be assumed', reads: 1 });
  const { capacityProviderId, capacityProviderArn } = await create('pool');
  expect((await get(capacityProviderId)).status).toBe('CREATING');
  expect(await get(capacityProviderId)).toMatchObject({ status: 'CREATE_FAILED', statusCode: 'VALIDATION_ERROR', statusReason: 'the role cannot be assumed' });
  expect((await errorOf(createOn(capacityProviderArn, 'agent'))).message).toContain('CREATE_FAILED');

  await harness.setFaults({ kind: 'status', operation: 'GetCapacityProvider', statuses: ['DELETE_FAILED'], failureReason: 'busy' });
  expect(await get(capacityProviderId)).toMatchObject({ status: 'DELETE_FAILED', statusReason: 'busy' });
  await remove(capacityProviderId);
});

test('is not deleted while a version of a runtime refers to it', async () => {
  const control = harness.control();
  const { capacityProviderId, capacityProviderArn } = await create('pool');
  const { agentRuntimeId, agentRuntimeArn } = await createOn(capacityProviderArn, 'agent');
  const { networkConfiguration, agentRuntimeName, ...input } = containerInput('agent', { capacityProviderConfiguration: { capacityProviderArn }, filesystemConfigurations: [] });
  await control.send(new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId }));
  const list = async () => (await control.send(new ListAgentRuntimeVersionsByCapacityProviderCommand({ capacityProviderId }))).agentRuntimes;
  expect(await list()).toEqual([{ agentRuntimeArn, agentRuntimeVersion: '1', status: 'READY' }, { agentRuntimeArn, agentRuntimeVersion: '2', status: 'READY' }]);
  const conflict = await errorOf(remove(capacityProviderId));
  expect(conflict).toMatchObject({ name: 'ConflictException' });
  expect(conflict.message).toContain(agentRuntimeId);
  await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
  expect(await list()).toEqual([]);
  await remove(capacityProviderId);
});

describe('a runtime on it', () => {
  test('mounts its volumes and has the life times of instances', async () => {
    const { capacityProviderArn } = await create('pool');
    const input = containerInput('agent', {
      networkConfiguration: undefined,
      capacityProviderConfiguration: { capacityProviderArn },
      filesystemConfigurations: ['data', 'cache'].map((volumeName) => ({ capacityProviderVolume: { volumeName, mountPath: `/mnt/${volumeName}` } })),
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 1_209_600 },
    });
    const { agentRuntimeId } = await harness.control().send(new CreateAgentRuntimeCommand(input));
    const { networkConfiguration, ...kept } = input;
    expect(await harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject(kept);
    expect(harness.logged.join('\n')).toContain('2 of its filesystems are not session storage');
  });

  test('is refused with a volume or a provider that is not there, and with storage of a microVM', async () => {
    const { capacityProviderArn } = await create('pool');
    const error = await errorOf(createOn(capacityProviderArn, 'agent', 'other'));
    expect(error.name).toBe('ValidationException');
    expect(error.message).toContain('data, cache');
    const missing = capacityProviderArn!.replace('pool', 'lake');
    expect(await errorOf(createOn(missing, 'agent')))
      .toMatchObject({ name: 'ValidationException', fieldList: [{ name: 'capacityProviderConfiguration.capacityProviderArn' }] });
    const onStorage = containerInput('agent', { capacityProviderConfiguration: { capacityProviderArn } });
    expect((await errorOf(harness.control().send(new CreateAgentRuntimeCommand(onStorage)))).message).toContain('capacityProviderVolume only');
  });

  test('stays on its compute', async () => {
    const control = harness.control();
    const { capacityProviderArn } = await create('pool');
    const { agentRuntimeId } = await createOn(capacityProviderArn, 'agent');
    const { agentRuntimeArtifact } = containerInput('agent');
    const error = await errorOf(control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact, roleArn: ROLE_ARN })));
    expect(error).toMatchObject({ name: 'ValidationException', fieldList: [{ name: 'capacityProviderConfiguration' }] });
  });
});

test.each([
  ['two volumes of one name', { volumes: ['v', 'v'].map((name) => ({ ebsConfiguration: { name, sizeGiB: 1 } })) }, 'volumes'],
  ['throughput of another type than gp3', { volumes: [{ ebsConfiguration: { name: 'v', sizeGiB: 1, volumeType: 'io1', throughput: 125 } }] }, 'volumes[0].ebsConfiguration.throughput'],
  ['throughput of such a root volume', { rootVolume: { volumeType: 'gp2', throughput: 125 } }, 'rootVolume.throughput'],
  ['idle over maximum', { lifecycleConfiguration: { idleInstanceTimeout: 61, maxLifetime: 60 } }, 'lifecycleConfiguration'],
])('refuses %s', async (_, more, path) => {
  const { ec2Configuration } = capacityProviderInput('pool').computeConfiguration as { ec2Configuration: object };
  const error = await errorOf(create('pool', { computeConfiguration: { ec2Configuration: { ...ec2Configuration, ...more } } }));
  expect(error).toMatchObject({ name: 'ValidationException', fieldList: [{ name: `computeConfiguration.ec2Configuration.${path}` }] });
});

test('has no sessions that could be deleted, for there are no instances', async () => {
  const { capacityProviderId } = await create('pool');
  const error = await errorOf(harness.data().send(new DeleteCapacityProviderSessionCommand({ capacityProviderId, sessionId: 's'.repeat(33) })));
  expect(error).toMatchObject({ name: 'ResourceNotFoundException' });
  expect(error.message).toContain('launches no instances');
});

test('a state directory of before there were any is read as one without', async () => {
  const file = join(harness.stateDir, 'control-plane.json');
  await create('pool');
  await harness.stopServer();
  const { capacityProviders, ...older } = JSON.parse(await readFile(file, 'utf8'));
  expect(capacityProviders).toHaveLength(1);
  await writeFile(file, JSON.stringify(older));
  await harness.startServer();
  expect((await harness.control().send(new ListCapacityProvidersCommand({}))).capacityProviders).toEqual([]);
  await create('pool');
});

test('is there after the next start', async () => {
  const { capacityProviderId } = await create('pool');
  await harness.restart();
  expect((await get(capacityProviderId)).status).toBe('READY');
});
