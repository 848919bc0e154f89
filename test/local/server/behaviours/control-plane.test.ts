import {
  CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, DeleteAgentRuntimeEndpointCommand,
  GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand, ListAgentRuntimesCommand, ListAgentRuntimeVersionsCommand, ListTagsForResourceCommand,
  TagResourceCommand, UntagResourceCommand, UpdateAgentRuntimeCommand, UpdateAgentRuntimeCommandInput, UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { codeArtifact, containerInput, errorOf, Harness, ROLE_ARN } from '../support/harness';

/**
 * What the control plane of AgentCore is known to do, in rows that tests and documentation name alike: docs/local.md lists
 * what was chosen where sources disagree.
 */

const TOKEN = 'a-client-token-of-more-than-33-characters';
const VPC = { networkMode: 'VPC' as const, networkModeConfig: { subnets: ['subnet-12345678'], securityGroups: ['sg-12345678'] } };
const EFS_ARN = 'arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0';
const S3_FILES_ARN = 'arn:aws:s3files:us-east-1:000000000000:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0';
const artifact = containerInput('x').agentRuntimeArtifact;

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

/** Begins anew with states that take a while. */
async function withDelay(transitionDelayMs: number): Promise<void> {
  await harness.end();
  harness = await Harness.start({ transitionDelayMs });
}

async function create(name = 'agent', more: object = {}) {
  const { agentRuntimeId, agentRuntimeArn, ...rest } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput(name, more)));
  return { ...rest, agentRuntimeId: agentRuntimeId!, agentRuntimeArn: agentRuntimeArn! };
}

async function update(agentRuntimeId: string, more: Partial<UpdateAgentRuntimeCommandInput> = {}) {
  return harness.control().send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact, roleArn: ROLE_ARN, ...more }));
}

async function get(agentRuntimeId: string, agentRuntimeVersion?: string) {
  return harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion }));
}

async function endpointOf(agentRuntimeId: string, endpointName = 'DEFAULT') {
  return harness.control().send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }));
}

async function createEndpoint(agentRuntimeId: string, name: string, agentRuntimeVersion?: string) {
  return harness.control().send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name, agentRuntimeVersion }));
}

async function remove(agentRuntimeId: string, agentRuntimeVersion?: string) {
  return harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion }));
}

async function nameOfError(call: Promise<unknown>): Promise<string> {
  return (await errorOf(call)).name;
}

test('C1: a new runtime has version 1 and is CREATING; later reads see it READY', async () => {
  await withDelay(5_000);
  const created = await create('agent', { description: 'first', environmentVariables: { A: '1' } });
  expect(created).toMatchObject({ agentRuntimeVersion: '1', status: 'CREATING', createdAt: new Date('2026-01-01T00:00:00Z'), $metadata: { httpStatusCode: 202 } });
  expect((await get(created.agentRuntimeId)).status).toBe('CREATING');
  await harness.clock.sleep(5_000);
  const got = await get(created.agentRuntimeId);
  expect(got).toMatchObject({ ...containerInput('agent', { description: 'first', environmentVariables: { A: '1' } }), status: 'READY' });
  expect(got.failureReason).toBeUndefined();
});

test('C2: a runtime can look READY, not so, and READY again, for clients that believe the second read only', async () => {
  const { agentRuntimeId } = await create();
  await harness.setFaults({ kind: 'status', operation: 'GetAgentRuntime', statuses: ['READY', 'CREATING'] });
  const seen = [];
  for (let read = 0; read < 4; read++) seen.push((await get(agentRuntimeId)).status);
  expect(seen).toEqual(['READY', 'CREATING', 'READY', 'READY']);
});

test('C3: ARNs are made of the name and ten letters and digits; that of an endpoint is below its runtime\'s', async () => {
  const { agentRuntimeId, agentRuntimeArn } = await create();
  expect(agentRuntimeId).toMatch(/^agent-[a-zA-Z0-9]{10}$/);
  expect(agentRuntimeArn).toBe(`arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/${agentRuntimeId}`);
  expect((await createEndpoint(agentRuntimeId, 'prod')).agentRuntimeEndpointArn).toBe(`${agentRuntimeArn}/runtime-endpoint/prod`);
});

test('C4: a name of another form is invalid, and one that is taken is a conflict', async () => {
  for (const name of ['bad-name', '1st', 'a'.repeat(49)]) {
    expect(await errorOf(create(name))).toMatchObject({
      name: 'ValidationException', reason: 'FieldValidationFailed', fieldList: [{ name: 'agentRuntimeName' }], $metadata: { httpStatusCode: 400 },
    });
  }
  const { agentRuntimeId } = await create();
  const conflict = await errorOf(create());
  expect(conflict).toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
  expect(conflict.message).toContain('already exists');
  await remove(agentRuntimeId);
  await create();
});

describe('C5: client tokens', () => {
  test('C5: the same request again has the same answer, and no second effect', async () => {
    const first = await create('agent', { clientToken: TOKEN });
    expect((await create('agent', { clientToken: TOKEN })).agentRuntimeId).toBe(first.agentRuntimeId);
    expect((await harness.control().send(new ListAgentRuntimesCommand({}))).agentRuntimes).toHaveLength(1);
  });

  test('C5: another request with the same token is refused', async () => {
    await create('agent', { clientToken: TOKEN });
    expect(await errorOf(create('other', { clientToken: TOKEN })))
      .toMatchObject({ name: 'ValidationException', reason: 'IdempotentParameterMismatchException', $metadata: { httpStatusCode: 400 } });
  });

  test('C5: a repeated deletion is answered though nothing is there any more', async () => {
    const { agentRuntimeId } = await create();
    const deletion = async (clientToken?: string) => harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId, clientToken }));
    await deletion(TOKEN);
    expect(await deletion(TOKEN)).toMatchObject({ status: 'DELETING' });
    expect(await nameOfError(deletion())).toBe('ResourceNotFoundException');
  });

  test('C5: equal requests at once have one effect', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(async () => create('agent', { clientToken: TOKEN })));
    expect(new Set(answers.map(({ agentRuntimeId }) => agentRuntimeId)).size).toBe(1);
  });

  test('C5: a token is forgotten after 24 hours', async () => {
    const { agentRuntimeId } = await create('agent', { clientToken: TOKEN });
    await harness.clock.sleep(24 * 60 * 60 * 1000 - 1);
    expect((await create('agent', { clientToken: TOKEN })).agentRuntimeId).toBe(agentRuntimeId);
    await harness.clock.sleep(1);
    expect(await nameOfError(create('agent', { clientToken: TOKEN }))).toBe('ConflictException');
  });

  test('C5: a token is remembered for its operation and resource only, and by the next start too', async () => {
    const { agentRuntimeId } = await create('agent', { clientToken: TOKEN });
    expect((await update(agentRuntimeId, { clientToken: TOKEN })).agentRuntimeVersion).toBe('2');
    await harness.restart();
    expect((await update(agentRuntimeId, { clientToken: TOKEN })).agentRuntimeVersion).toBe('2');
    expect((await create('agent', { clientToken: TOKEN })).agentRuntimeId).toBe(agentRuntimeId);
  });
});

test('C6: an update makes the next version, UPDATING and then READY; id and ARN stay, and old versions can be read', async () => {
  await withDelay(5_000);
  const { agentRuntimeId, agentRuntimeArn } = await create('agent', { description: 'first' });
  await harness.clock.sleep(5_000);
  expect(await update(agentRuntimeId, { description: 'second' })).toMatchObject({ agentRuntimeVersion: '2', status: 'UPDATING', agentRuntimeId, agentRuntimeArn });
  expect((await get(agentRuntimeId)).status).toBe('UPDATING');
  await harness.clock.sleep(5_000);
  expect(await get(agentRuntimeId)).toMatchObject({ agentRuntimeVersion: '2', description: 'second', status: 'READY', agentRuntimeArn });
  expect(await get(agentRuntimeId, '1')).toMatchObject({ agentRuntimeVersion: '1', description: 'first', status: 'READY', agentRuntimeArn });
  expect(await nameOfError(get(agentRuntimeId, '9'))).toBe('ResourceNotFoundException');
});

test('C7: an update is made of its input alone; only the platform version is kept', async () => {
  const { agentRuntimeId } = await create('agent', {
    description: 'first',
    environmentVariables: { A: '1' },
    platformVersion: 'V2',
    protocolConfiguration: { serverProtocol: 'MCP' },
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 60, maxLifetime: 60 },
  });
  await update(agentRuntimeId);
  const got = await get(agentRuntimeId);
  expect(got).toMatchObject({ platformVersion: 'V2', lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 } });
  const reset = ['description', 'environmentVariables', 'filesystemConfigurations', 'networkConfiguration', 'protocolConfiguration'] as const;
  for (const member of reset) expect(got[member]).toBeUndefined();
  for (const member of ['agentRuntimeArtifact', 'roleArn']) {
    expect(await errorOf(update(agentRuntimeId, { [member]: undefined }))).toMatchObject({ name: 'ValidationException', fieldList: [{ name: member }] });
  }
});

test('C8: versions are listed with the newest first', async () => {
  const { agentRuntimeId } = await create();
  for (let i = 0; i < 10; i++) await update(agentRuntimeId);
  const { agentRuntimes } = await harness.control().send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }));
  expect(agentRuntimes!.map(({ agentRuntimeVersion }) => Number(agentRuntimeVersion))).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test('C9: DEFAULT is there from the start, follows the newest version, and cannot be moved or deleted', async () => {
  const { agentRuntimeId, agentRuntimeArn } = await create();
  expect(await endpointOf(agentRuntimeId)).toMatchObject({
    name: 'DEFAULT', status: 'READY', liveVersion: '1', targetVersion: '1', agentRuntimeEndpointArn: `${agentRuntimeArn}/runtime-endpoint/DEFAULT`,
  });
  await update(agentRuntimeId);
  expect(await endpointOf(agentRuntimeId)).toMatchObject({ liveVersion: '2' });
  const at = { agentRuntimeId, endpointName: 'DEFAULT' };
  expect(await nameOfError(harness.control().send(new DeleteAgentRuntimeEndpointCommand(at)))).toBe('ConflictException');
  expect(await nameOfError(harness.control().send(new UpdateAgentRuntimeEndpointCommand({ ...at, agentRuntimeVersion: '1' })))).toBe('ConflictException');
});

test('C10: an endpoint stays on its version until it is moved; one on no version is refused, one of a taken name a conflict, an unknown one not found', async () => {
  const { agentRuntimeId } = await create();
  expect(await createEndpoint(agentRuntimeId, 'prod')).toMatchObject({ targetVersion: '1', status: 'CREATING', endpointName: 'prod' });
  await update(agentRuntimeId);
  expect(await endpointOf(agentRuntimeId, 'prod')).toMatchObject({ liveVersion: '1', status: 'READY' });
  const move = new UpdateAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'prod', agentRuntimeVersion: '2' });
  expect(await harness.control().send(move)).toMatchObject({ liveVersion: '1', targetVersion: '2', status: 'UPDATING' });
  expect(await endpointOf(agentRuntimeId, 'prod')).toMatchObject({ liveVersion: '2' });

  expect(await errorOf(createEndpoint(agentRuntimeId, 'next', '7'))).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  expect(await errorOf(createEndpoint(agentRuntimeId, 'prod'))).toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
  expect(await nameOfError(endpointOf(agentRuntimeId, 'other'))).toBe('ResourceNotFoundException');
});

test('C11: a runtime with named endpoints cannot be deleted', async () => {
  const { agentRuntimeId } = await create();
  await createEndpoint(agentRuntimeId, 'prod');
  const conflict = await errorOf(remove(agentRuntimeId));
  expect(conflict).toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
  expect(conflict.message).toContain('prod');
  await harness.control().send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'prod' }));
  expect(harness.sessions.forgotten).toEqual([`${agentRuntimeId} prod`]);
  await remove(agentRuntimeId);
});

test('C12: a runtime is DELETING and then not found; what is on its way from one state to another cannot be changed', async () => {
  await withDelay(5_000);
  const { agentRuntimeId } = await create();
  const conflicts = async () => Promise.all([update(agentRuntimeId), remove(agentRuntimeId), createEndpoint(agentRuntimeId, 'prod')].map(nameOfError));
  expect(await conflicts()).toEqual(['ConflictException', 'ConflictException', 'ConflictException']);
  await harness.clock.sleep(5_000);
  await update(agentRuntimeId);
  expect(await conflicts()).toEqual(['ConflictException', 'ConflictException', 'ConflictException']);
  expect(await endpointOf(agentRuntimeId)).toMatchObject({ liveVersion: '1', targetVersion: '2', status: 'UPDATING' });
  await harness.clock.sleep(5_000);
  expect(await remove(agentRuntimeId)).toMatchObject({ status: 'DELETING', agentRuntimeId });
  expect(harness.sessions.forgotten).toEqual([agentRuntimeId]);
  expect((await get(agentRuntimeId)).status).toBe('DELETING');
  expect(await conflicts()).toEqual(['ConflictException', 'ConflictException', 'ConflictException']);
  await harness.clock.sleep(5_000);
  expect(await nameOfError(get(agentRuntimeId))).toBe('ResourceNotFoundException');
});

test('C13: deleting what is not there is not found, or denied where that is asked for', async () => {
  const absent = 'absent-0123456789';
  expect(await errorOf(remove(absent))).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  await harness.setFaults({ kind: 'accessDeniedWhenGone', operation: 'DeleteAgentRuntime', times: 'always' });
  const denied = await errorOf(remove(absent));
  expect(denied).toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
  expect(denied.message).toContain('not authorized to perform: bedrock-agentcore:DeleteAgentRuntime');
});

test('C14: a role, or its access to the image, can take a while to be seen', async () => {
  await harness.setFaults(
    { kind: 'roleNotPropagated', operation: 'CreateAgentRuntime' }, { kind: 'imageAccessNotPropagated', operation: 'CreateAgentRuntime' },
  );
  const messages = [await errorOf(create()), await errorOf(create())].map(({ name, message }) => `${name}: ${message}`);
  expect(messages[0]).toMatch(/^ValidationException: .*Role validation failed/);
  expect(messages[1]).toMatch(/^ValidationException: .*Access denied while validating ECR URI/);
  await create();
});

describe('C15: file systems', () => {
  const storage = (mountPath: string) => ({ sessionStorage: { mountPath } });
  const efs = (mountPath: string) => ({ efsAccessPoint: { accessPointArn: EFS_ARN, mountPath } });
  const s3Files = (mountPath: string) => ({ s3FilesAccessPoint: { accessPointArn: S3_FILES_ARN, mountPath } });

  test('C15: five of them come back as they were sent, and a mount path can be changed in place', async () => {
    const filesystemConfigurations = [storage('/mnt/a/'), efs('/mnt/b'), efs('/mnt/c'), s3Files('/mnt/d'), s3Files('/mnt/e')];
    const { agentRuntimeId } = await create('agent', { networkConfiguration: VPC, filesystemConfigurations });
    expect((await get(agentRuntimeId)).filesystemConfigurations).toEqual(filesystemConfigurations);
    await update(agentRuntimeId, { filesystemConfigurations: [storage('/mnt/a2')] });
    expect((await get(agentRuntimeId)).filesystemConfigurations).toEqual([storage('/mnt/a2')]);
  });

  test.each([
    ['six', VPC, [storage('/mnt/a'), efs('/mnt/b'), efs('/mnt/c'), s3Files('/mnt/d'), s3Files('/mnt/e'), efs('/mnt/f')]],
    ['two of session storage', VPC, [storage('/mnt/a'), storage('/mnt/b')]],
    ['three of EFS', VPC, ['a', 'b', 'c'].map((name) => efs(`/mnt/${name}`))],
    ['three of S3 Files', VPC, ['a', 'b', 'c'].map((name) => s3Files(`/mnt/${name}`))],
    ['EFS without a VPC', { networkMode: 'PUBLIC' }, [efs('/mnt/a')]],
    ['S3 Files without a VPC', undefined, [s3Files('/mnt/a')]],
    ['one path twice', VPC, [storage('/mnt/a'), efs('/mnt/a/')]],
    ['a path below a path', VPC, [storage('/mnt/a/b')]],
    ['a path outside of /mnt', VPC, [storage('/data')]],
    ['a path that is /mnt itself', VPC, [storage('/mnt/.')]],
    ['a path of 201 characters', VPC, [storage(`/mnt/${'a'.repeat(196)}`)]],
    ['a volume without a capacity provider', VPC, [{ capacityProviderVolume: { volumeName: 'v', mountPath: '/mnt/a' } }]],
  ])('C15: %s is refused', async (_, networkConfiguration, filesystemConfigurations) => {
    const error = await errorOf(create('agent', { networkConfiguration, filesystemConfigurations }));
    expect(error).toMatchObject({ name: 'ValidationException', reason: 'FieldValidationFailed' });
    expect(error.fieldList[0].name).toMatch(/^filesystemConfigurations/);
  });
});

test('C16: an update between container and code is allowed, with a notice', async () => {
  const { agentRuntimeId } = await create();
  await update(agentRuntimeId);
  expect(harness.logged.join('\n')).not.toContain('between container and code');
  expect(await update(agentRuntimeId, { agentRuntimeArtifact: codeArtifact('code', 'agent.zip') })).toMatchObject({ agentRuntimeVersion: '3' });
  expect(harness.logged.join('\n')).toContain(`runtime ${agentRuntimeId}: the update changes between container and code`);
});

describe('C17: life times', () => {
  test('C17: are always told, with the defaults filled in', async () => {
    const lifeTimesOf = async (name: string, lifecycleConfiguration?: object) =>
      (await get((await create(name, { lifecycleConfiguration })).agentRuntimeId)).lifecycleConfiguration;
    expect(await lifeTimesOf('none')).toEqual({ idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 });
    expect(await lifeTimesOf('short', { maxLifetime: 600 })).toEqual({ idleRuntimeSessionTimeout: 600, maxLifetime: 600 });
    expect(await lifeTimesOf('edges', { idleRuntimeSessionTimeout: 60, maxLifetime: 28_800 })).toEqual({ idleRuntimeSessionTimeout: 60, maxLifetime: 28_800 });
  });

  test.each([
    ['idle over maximum', { idleRuntimeSessionTimeout: 900, maxLifetime: 600 }, 'less than or equal to maxLifetime'],
    ['59 seconds', { idleRuntimeSessionTimeout: 59 }, '59'],
    ['more than eight hours on a microVM', { maxLifetime: 28_801 }, '28800'],
  ])('C17: %s is refused', async (_, lifecycleConfiguration, told) => {
    const error = await errorOf(create('agent', { lifecycleConfiguration }));
    expect(error.name).toBe('ValidationException');
    expect(error.message).toContain(told);
  });
});

test('C18: version 2 of the metadata service is required always, cannot be renounced, and cannot be asked for at creation', async () => {
  const { agentRuntimeId } = await create();
  expect((await get(agentRuntimeId)).metadataConfiguration).toEqual({ requireMMDSV2: true });
  await update(agentRuntimeId, { metadataConfiguration: { requireMMDSV2: true } });
  expect(await nameOfError(update(agentRuntimeId, { metadataConfiguration: { requireMMDSV2: false } }))).toBe('ValidationException');
  // not by the SDK, which leaves out what it does not know
  const body = JSON.stringify({ ...containerInput('other'), metadataConfiguration: { requireMMDSV2: true } });
  const response = await fetch(`${harness.endpoint}/runtimes/`, { method: 'PUT', body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ fieldList: [{ name: 'metadataConfiguration' }] });
});

test('C19: tags of runtimes and endpoints are added, changed and removed in place, without a new version', async () => {
  const control = harness.control();
  const { agentRuntimeId, agentRuntimeArn } = await create('agent', { tags: { team: 'a', stage: 'test' } });
  await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'prod', tags: { endpoint: 'yes' } }));
  const tagsOf = async (resourceArn: string) => (await control.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
  await control.send(new TagResourceCommand({ resourceArn: agentRuntimeArn, tags: { team: 'b', cost: '' } }));
  await control.send(new UntagResourceCommand({ resourceArn: agentRuntimeArn, tagKeys: ['stage', 'absent'] }));
  expect(await tagsOf(agentRuntimeArn)).toEqual({ team: 'b', cost: '' });
  const endpoint = `${agentRuntimeArn}/runtime-endpoint/prod`;
  await control.send(new TagResourceCommand({ resourceArn: endpoint, tags: { more: '1' } }));
  expect(await tagsOf(endpoint)).toEqual({ endpoint: 'yes', more: '1' });
  expect((await get(agentRuntimeId)).agentRuntimeVersion).toBe('1');
});

test('C20: one version is deleted by its number, which the answer repeats; one that an endpoint runs is a conflict', async () => {
  const { agentRuntimeId } = await create();
  await update(agentRuntimeId);
  expect(await nameOfError(remove(agentRuntimeId, '2'))).toBe('ConflictException');
  expect(await remove(agentRuntimeId, '1')).toMatchObject({ agentRuntimeVersion: '1', agentRuntimeId, status: 'DELETING' });
  expect(await nameOfError(get(agentRuntimeId, '1'))).toBe('ResourceNotFoundException');
  expect(await get(agentRuntimeId)).toMatchObject({ agentRuntimeVersion: '2', status: 'READY' });
});

test('C21: deleting a runtime in a VPC tells that its network interfaces stay for hours', async () => {
  const inPublic = await create('public');
  await remove(inPublic.agentRuntimeId);
  const inVpc = await create('inside', { networkConfiguration: VPC });
  await remove(inVpc.agentRuntimeId);
  const told = harness.logged.filter((line) => line.includes('network interfaces'));
  expect(told).toEqual([expect.stringMatching(new RegExp(`^runtime ${inVpc.agentRuntimeId}: .*up to 8 hours`))]);
});
