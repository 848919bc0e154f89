import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilGreen } from '../../examples/agent-loop/loop';
import { AgentSession } from '../../src/client';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';

// the example as it is, deployed by the shipped provider to a local AgentCore with real sessions

const EXAMPLE = join(__dirname, '../../examples/agent-loop');
const PROJECT = '/mnt/workspace/project';

let home: string;
let local: RunningLocal;
let session: AgentSession;

const options = () => ({ endpoint: local.endpoint, stateDir: join(home, 'stacks'), onEvent: () => {}, onLog: () => {} });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'agent-loop-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
  const assemblyDirectory = join(home, 'cdk.out');
  const { status, stderr } = spawnSync(process.execPath, ['-r', 'ts-node/register/transpile-only', join(EXAMPLE, 'app.ts')], {
    encoding: 'utf8',
    cwd: join(__dirname, '../..'),
    env: { PATH: process.env.PATH, CDK_OUTDIR: assemblyDirectory, CDK_VALIDATION: 'false', TS_NODE_PROJECT: join(EXAMPLE, '../tsconfig.json') },
  });
  if (status !== 0) throw new Error(stderr);
  const { stacks: [{ outputs }] } = await deploy({ ...options(), assemblyDirectory });
  session = AgentSession.of({ runtimeArn: outputs.AgentArn, endpoint: local.endpoint });
});

afterAll(async () => {
  session.close();
  await destroy(options());
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

test('the agent repairs what its tests complain about, until they pass', async () => {
  const rounds: string[] = [];
  const loop = { test: 'node --test --test-reporter tap', cwd: PROJECT, onRound: (_: number, said: string) => { rounds.push(said); } };
  expect(await untilGreen(session, 'median', { ...loop, rounds: 6 })).toMatchObject({ ok: true, exitCode: 0 });
  expect(rounds).toEqual([
    'wrote a first draft and its tests', 'repaired: numbers in any order', 'repaired: an even count of numbers', 'repaired: no numbers at all',
  ]);
  expect(session.history.map(({ result }) => result!.exitCode)).toEqual([1, 1, 1, 0]);
  expect((await session.run('cat median.js', { cwd: PROJECT })).stdout).toContain('RangeError');

  // an agent that gets nowhere is not asked for ever
  const stuck = await untilGreen(session, 'median', { ...loop, test: 'echo no such complaint; exit 3', rounds: 2 });
  expect(stuck).toMatchObject({ exitCode: 3, stdout: 'no such complaint\n' });
  expect(rounds.slice(4)).toEqual(['wrote a first draft and its tests', 'have no idea what to change']);
  expect(await session.stop()).toBe(true);
});

test('a command that is cut off is told of as it is by real sessions', async () => {
  expect(await session.run('echo partial; sleep 60', { timeoutSeconds: 1 })).toMatchObject({ timedOut: true, exitCode: undefined, stdout: 'partial\n' });
  const abort = new AbortController();
  const reason = new Error('enough');
  const running = session.run('echo up; exec sleep 1000', { signal: abort.signal, onStdout: () => abort.abort(reason) });
  await expect(running).rejects.toBe(reason);
});
