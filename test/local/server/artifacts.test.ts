import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateAgentRuntimeCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand, UpdateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { codeArtifact, containerInput, errorOf, Harness, ROLE_ARN } from './support/harness';
import { zipOf } from './support/zip';

describe('the code of an agent', () => {
  let harness: Harness;
  beforeEach(async () => { harness = await Harness.start(); });
  afterEach(async () => harness.end());

  const put = async (path: string, body: Buffer | string) => fetch(`${harness.endpoint}/_local/objects/${path}`, { method: 'PUT', body: body as any });
  const create = async () => harness.control().send(new CreateAgentRuntimeCommand({ ...containerInput('agent'), agentRuntimeArtifact: codeArtifact('assets', 'some/key.zip') }));
  const invoke = async (agentRuntimeArn?: string) => {
    const { response } = await harness.data().send(new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: Buffer.from('hi') }));
    return JSON.parse(await response!.transformToString());
  };

  test('is stored and given back', async () => {
    expect((await put('assets/some/key.zip', 'content')).status).toBe(200);
    // with the slash of the key encoded or not
    const response = await fetch(`${harness.endpoint}/_local/objects/assets/some%2Fkey.zip`);
    expect(await response.text()).toBe('content');
    const head = await fetch(`${harness.endpoint}/_local/objects/assets/some/key.zip`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '7']);
    expect((await fetch(`${harness.endpoint}/_local/objects/assets/absent`)).status).toBe(404);
    expect((await put('UPPER/key', 'x')).status).toBe(400);
    expect((await put('assets/', 'x')).status).toBe(404);
    expect((await fetch(`${harness.endpoint}/_local/objects/assets/key`, { method: 'DELETE' })).status).toBe(405);
  });

  test('is unpacked for the sessions of its version, and goes with it', async () => {
    await put('assets/some/key.zip', await zipOf([{ name: 'main.mjs', content: 'one' }]));
    const { agentRuntimeArn, agentRuntimeId } = await create();
    expect(await invoke(agentRuntimeArn)).toEqual({ main: 'one', got: 'hi' });
    const first = harness.sessions.specs[0].code!;
    expect(first).toEqual({ directory: join(harness.stateDir, 'versions', agentRuntimeId!, '1', 'code'), runtime: 'NODE_22', entryPoint: ['main.mjs'] });

    // a new object under the same name changes only versions that are made afterwards
    await put('assets/some/key.zip', await zipOf([{ name: 'main.mjs', content: 'two' }]));
    expect((await invoke(agentRuntimeArn)).main).toBe('one');
    await harness.control().send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: codeArtifact('assets', 'some/key.zip'), roleArn: ROLE_ARN }));
    expect((await invoke(agentRuntimeArn)).main).toBe('two');
    await harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
    expect(existsSync(join(harness.stateDir, 'versions', agentRuntimeId!))).toBe(false);
  });

  test('may come after the runtime: until then whoever invokes it is told what to do', async () => {
    const { agentRuntimeArn, agentRuntimeId } = await create();
    expect((await harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status).toBe('READY');
    const url = `${harness.endpoint}/_local/objects/assets/some%2Fkey.zip`;
    expect((await errorOf(invoke(agentRuntimeArn))).message).toContain(`PUT ${url}`);
    expect(harness.logged.join('\n')).toContain(`PUT ${url}`);
    await fetch(url, { method: 'PUT', body: await zipOf([{ name: 'main.mjs', content: 'late' }]) as any });
    const answers = await Promise.all([1, 2, 3].map(async () => invoke(agentRuntimeArn)));
    expect(answers.map(({ main }) => main)).toEqual(['late', 'late', 'late']);
  });

  test('that cannot be unpacked fails the version, and the one before runs on', async () => {
    await put('assets/some/key.zip', 'no zip file');
    const broken = await create();
    const control = harness.control();
    const got = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: broken.agentRuntimeId }));
    expect(got.status).toBe('CREATE_FAILED');
    expect(got.failureReason).toContain('cannot be unpacked');
    expect((await errorOf(invoke(broken.agentRuntimeArn))).name).toBe('ResourceNotFoundException');

    const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(containerInput('other')));
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: codeArtifact('assets', 'some/key.zip'), roleArn: ROLE_ARN }));
    expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({ status: 'UPDATE_FAILED', agentRuntimeVersion: '2' });
    expect(await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' }))).toMatchObject({ status: 'UPDATE_FAILED', liveVersion: '1' });
    harness.sessions.onInvoke = (spec) => { throw new Error(`version ${spec.version}`); };
    expect((await errorOf(invoke(agentRuntimeArn))).message).toContain('version 1');
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: containerInput('x').agentRuntimeArtifact, roleArn: ROLE_ARN }));
    expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({ status: 'READY', agentRuntimeVersion: '3' });
    expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '2' }))).toMatchObject({ status: 'UPDATE_FAILED' });
  });
});
