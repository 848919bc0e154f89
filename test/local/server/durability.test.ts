import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand,
  ListAgentRuntimesCommand, ListTagsForResourceCommand, TagResourceCommand, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { FakeSessions } from './support/fake-sessions';
import { codeArtifact, containerInput, errorOf, Harness, ROLE_ARN } from './support/harness';
import { zipOf } from './support/zip';
import { startLocalAgentCore } from '../../../src/local/server';

const TOKEN = 'a-client-token-of-more-than-33-characters';

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

const second = async (stateDir: string, port = 0) => startLocalAgentCore({ port, stateDir, sessions: new FakeSessions(), log: () => undefined });

test('what was acknowledged is there after a restart', async () => {
  const created = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent', { clientToken: TOKEN })));
  const { agentRuntimeId, agentRuntimeArn: resourceArn } = created;
  await harness.control().send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'prod' }));
  await harness.control().send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: containerInput('x').agentRuntimeArtifact, roleArn: ROLE_ARN }));
  await harness.control().send(new TagResourceCommand({ resourceArn, tags: { a: 'b' } }));
  const before = await harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }));
  await harness.restart();

  const control = harness.control();
  expect({ ...await control.send(new GetAgentRuntimeCommand({ agentRuntimeId })), $metadata: 0 }).toEqual({ ...before, $metadata: 0 });
  expect(await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'prod' }))).toMatchObject({ liveVersion: '1', status: 'READY' });
  expect((await control.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ a: 'b' });
  expect((await control.send(new CreateAgentRuntimeCommand(containerInput('agent', { clientToken: TOKEN })))).agentRuntimeId).toBe(agentRuntimeId);
});

test('what was acknowledged is on disk at that moment, also for a server that is killed then', async () => {
  const { agentRuntimeId } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent')));
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    await harness.control().send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: containerInput('x').agentRuntimeArtifact, roleArn: ROLE_ARN }));
    // what a killed server leaves is what its directory holds now
    const left = join(harness.stateDir, `left-${i}`);
    await mkdir(left);
    await copyFile(join(harness.stateDir, 'control-plane.json'), join(left, 'control-plane.json'));
    const next = await second(left);
    const response = await fetch(`${next.endpoint}/runtimes/${agentRuntimeId}/`);
    seen.push((await response.json() as any).agentRuntimeVersion);
    await next.close();
  }
  expect(seen).toEqual(['2', '3', '4']);
});

test('a state that was left on its way is reached after a restart', async () => {
  await harness.end();
  harness = await Harness.start({ transitionDelayMs: 1_000 });
  const { agentRuntimeId } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent')));
  await harness.restart();
  expect((await harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status).toBe('CREATING');
  await harness.clock.sleep(1_000);
  expect((await harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status).toBe('READY');
});

test('what an interrupted run left is cleared away, and nothing else', async () => {
  const upload = async () => fetch(`${harness.endpoint}/_local/objects/assets/key`, { method: 'PUT', body: await zipOf([{ name: 'main.mjs', content: 'x' }]) as any });
  await upload();
  const made = async (name: string) => harness.control().send(new CreateAgentRuntimeCommand({ ...containerInput(name), agentRuntimeArtifact: codeArtifact('assets', 'key') }));
  const [kept, deleted] = [(await made('kept')).agentRuntimeId!, (await made('deleted')).agentRuntimeId!];
  await harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId: deleted }));
  await harness.stopServer();

  // a deletion that ended before its sessions and its code were gone, a version that was not committed, half-written files
  harness.sessions = new FakeSessions();
  const code = (id: string, version: string) => join(harness.stateDir, 'versions', id, version, 'code');
  for (const directory of [code(deleted, '1'), code(kept, '2'), code('unknown-0123456789', '1')]) await mkdir(directory, { recursive: true });
  const state = join(harness.stateDir, 'control-plane.json');
  await writeFile(join(harness.stateDir, '.partial-control-plane.json-x'), '{"format":1,"runti');
  await writeFile(join(harness.stateDir, 'objects', 'assets', '.partial-x'), 'PK');
  expect(JSON.parse(await readFile(state, 'utf8')).runtimes).toHaveLength(2);
  await harness.startServer();

  expect(harness.sessions.forgotten).toEqual([deleted]);
  expect([code(kept, '1'), code(kept, '2'), code(deleted, '1'), code('unknown-0123456789', '1')].map((path) => existsSync(path))).toEqual([true, false, false, false]);
  expect(await readdir(join(harness.stateDir, 'objects', 'assets'))).toHaveLength(1);
  expect((await readdir(harness.stateDir)).filter((name) => name.startsWith('.partial'))).toEqual([]);
  expect((await harness.control().send(new ListAgentRuntimesCommand({}))).agentRuntimes!.map(({ agentRuntimeId }) => agentRuntimeId)).toEqual([kept]);
});

test('a state that cannot be read is not overwritten', async () => {
  await harness.stopServer();
  const path = join(harness.stateDir, 'control-plane.json');
  for (const content of ['{"format":1', '{"format":2}', 'null']) {
    await writeFile(path, content);
    await expect(second(harness.stateDir)).rejects.toThrow(/control-plane.json .*(JSON|format)/);
    expect(await readFile(path, 'utf8')).toBe(content);
  }
});

test('a mutation that cannot be written is no mutation', async () => {
  const { agentRuntimeId } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent')));
  // a directory in the place of the file cannot be replaced
  await rename(join(harness.stateDir, 'control-plane.json'), join(harness.stateDir, 'aside.json'));
  await mkdir(join(harness.stateDir, 'control-plane.json', 'x'), { recursive: true });
  const error = await errorOf(harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId })));
  expect(error).toMatchObject({ name: 'InternalServerException', $metadata: { httpStatusCode: 500 } });
  expect((await harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status).toBe('READY');
  expect(harness.sessions.forgotten).toEqual([]);
});

describe('one server', () => {
  test('for each state directory', async () => {
    await expect(second(harness.stateDir)).rejects.toThrow(/in use by the local AgentCore with process id [0-9]+; stop that one or choose another/);
    await harness.restart();
  });

  test('for each port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await harness.stopServer();
    await expect(second(harness.stateDir, port)).rejects.toThrow(`port ${port} of 127.0.0.1 is in use; stop what listens there, or choose another port`);
    other.close();
    // and the state directory is free again
    await harness.startServer();
  });

  test('makes its sessions only once the state directory is its own, and ends them', async () => {
    const made: FakeSessions[] = [];
    const closed: FakeSessions[] = [];
    const sessions = async () => {
      const fake = new FakeSessions();
      fake.close = async () => { closed.push(fake); };
      made.push(fake);
      return fake;
    };
    const options = { port: 0, stateDir: harness.stateDir, sessions, log: () => undefined };
    await expect(startLocalAgentCore(options)).rejects.toThrow('in use');
    expect(made).toEqual([]);
    await harness.stopServer();
    await (await startLocalAgentCore(options)).close();
    expect(closed).toEqual(made);
    await writeFile(join(harness.stateDir, 'control-plane.json'), 'broken');
    await expect(startLocalAgentCore(options)).rejects.toThrow('JSON');
    expect(closed).toEqual(made);
    expect(made).toHaveLength(2);
  });

  test('a living process keeps its directory, a dead one does not', async () => {
    await harness.stopServer();
    const lock = join(harness.stateDir, 'server.lock');
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      await writeFile(lock, JSON.stringify({ pid: child.pid }));
      await expect(second(harness.stateDir)).rejects.toThrow(`process id ${child.pid}`);
      // the same number, but another process
      await writeFile(lock, JSON.stringify({ pid: child.pid, started: 'before' }));
      if (existsSync('/proc/self/stat')) await (await second(harness.stateDir)).close();
    } finally {
      child.stdin!.end();
      await once(child, 'exit');
    }
    for (const stale of [JSON.stringify({ pid: child.pid }), JSON.stringify({ pid: process.pid }), '', 'no lock']) {
      await writeFile(lock, stale);
      await (await second(harness.stateDir)).close();
      expect(existsSync(lock)).toBe(false);
    }
  });
});
