import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateAgentRuntimeCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand, UpdateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import fc from 'fast-check';
import { codeArtifact, containerInput, errorOf, Harness, ROLE_ARN } from './support/harness';
import { ZipEntry, zipOf, zipWithName } from './support/zip';
import { unzip } from '../../../src/local/server/artifacts/unzip';

const LINK = 0o120777;

describe('unzip', () => {
  let directory: string;
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'agentcore-unzip-')); });
  afterEach(async () => rm(directory, { recursive: true }));

  async function unpack(zip: Buffer, maxBytes = 1_000_000): Promise<string> {
    const path = join(directory, 'code.zip');
    const target = join(directory, 'tree', 'code');
    await writeFile(path, zip);
    await mkdir(target, { recursive: true });
    await unzip(path, target, maxBytes);
    return target;
  }

  test('keeps names, content, permissions and links within the tree', async () => {
    const target = await unpack(await zipOf([
      { name: 'bin/', mode: 0o40755 },
      { name: 'bin/run', content: '#!/bin/sh', mode: 0o100755 },
      { name: 'secret', content: 's', mode: 0o100600 },
      { name: 'setuid', content: 's', mode: 0o104755 },
      { name: 'lib/a/b.txt', content: 'b' },
      { name: 'link', content: 'lib/a', mode: LINK },
      { name: 'lib/up', content: '../bin/run', mode: LINK },
    ]));
    expect(await readFile(join(target, 'link', 'b.txt'), 'utf8')).toBe('b');
    expect(await readlink(join(target, 'lib', 'up'))).toBe('../bin/run');
    const modes = await Promise.all(['bin/run', 'secret', 'setuid'].map(async (name) => (await stat(join(target, name))).mode % 0o10000));
    expect(modes).toEqual([0o755, 0o600, 0o755]);
  });

  test.each<[string, ZipEntry[], RegExp]>([
    ['an absolute link', [{ name: 'l', content: '/etc', mode: LINK }], /leads to/],
    ['a link that leads out', [{ name: 'a/l', content: '../../out', mode: LINK }], /leads to/],
    ['a link that leads out through another one', [
      { name: 'p/q/r/x', content: '' }, { name: 'p/q/r/s', content: '../../..', mode: LINK }, { name: 't', content: 'p/q/r/s/..', mode: LINK },
    ], /leads to/],
    ['a link to nothing', [{ name: 'l', content: 'absent', mode: LINK }], /leads to/],
    ['a file below a link', [{ name: 'l', content: 'd', mode: LINK }, { name: 'd/x', content: '' }, { name: 'l/y', content: '' }], /twice/],
    ['the same file twice', [{ name: 'a', content: '1' }, { name: 'a', content: '2' }], /twice/],
    ['a device', [{ name: 'd', mode: 0o20666 }], /neither/],
    ['too much', [{ name: 'big', content: 'x'.repeat(1_000_001) }], /more than 1000000 bytes/],
  ])('refuses %s', async (_, entries, message) => {
    await expect(unpack(await zipOf(entries))).rejects.toThrow(message);
    expect(existsSync(join(directory, 'tree', 'out'))).toBe(false);
  });

  test.each([['xx/evil', '../evil'], ['xxxxx', '/evil'], ['xx/xx/evil', '../../evil']])('refuses an entry that lies outside (%s as %s)', async (safe, name) => {
    await expect(unpack(await zipWithName(safe, name))).rejects.toThrow(/invalid relative path|absolute path|outside/);
    expect(existsSync(join(directory, 'tree', 'evil'))).toBe(false);
    expect(existsSync(join(directory, 'evil'))).toBe(false);
  });

  test('refuses whatever is broken, and nothing else happens', async () => {
    const whole = await zipOf([{ name: 'a/b', content: 'some content' }, { name: 'c', content: 'd'.repeat(500) }]);
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      await rm(join(directory, 'tree'), { recursive: true, force: true });
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] + change) % 256;
      // some changes make no difference, the others are told as errors
      await unpack(broken).catch((error) => expect(error.message).toEqual(expect.any(String)));
      await expect(unpack(whole.subarray(0, at))).rejects.toThrow();
    }), { numRuns: 60 });
  });
});

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
