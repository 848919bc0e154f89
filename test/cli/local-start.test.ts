import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram } from '../../src/local/sessions/drivers/search-path';
import { containerInput } from '../local/server/support/harness';
import { LINUX, testWith } from '../util/needs';

// the file that `npx cdk-agentcore` runs
const CLI = join(__dirname, '../../bin/cdk-agentcore');

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'cli-start-')); });
afterEach(() => rmSync(home, { recursive: true, force: true }));

const start = (...options: string[]) => [CLI, 'local', 'start', '--port', '0', '--state', 'state', ...options];

const withPlan = (plan: object) => {
  writeFileSync(join(home, 'plan.json'), JSON.stringify(plan));
  return start('--faults', 'plan.json');
};

/** Works with a local AgentCore that `local start` serves. */
async function whileServed(args: string[], work: (endpoint: string) => Promise<void>): Promise<void> {
  const server = spawn(process.execPath, args, { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(server.stdout!).once('line', resolve);
      server.once('exit', (code) => reject(new Error(`local start ended with ${code}`)));
    });
    await work(JSON.parse(line).endpoint);
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}

test('local start takes a fault plan', async () => {
  const fault = { kind: 'error', operation: 'ListAgentRuntimes', error: 'ThrottlingException', skip: 0, times: 1 };
  await whileServed(withPlan({ version: 1, service: [fault] }), async (endpoint) => {
    expect((await fetch(`${endpoint}/runtimes/`, { method: 'POST' })).status).toBe(429);
    expect((await fetch(`${endpoint}/runtimes/`, { method: 'POST' })).status).toBe(200);
    expect(await (await fetch(`${endpoint}/_local/faults`)).json()).toEqual({ version: 1, service: [{ fault, calls: 2, applied: 1 }] });
  });
});

test('local start lets states take as long as it is told', async () => {
  await whileServed(start('--transition-delay', '3600000'), async (endpoint) => {
    const created = await fetch(`${endpoint}/runtimes/`, { method: 'PUT', body: JSON.stringify(containerInput('agent')) });
    const { agentRuntimeId } = await created.json() as { agentRuntimeId: string };
    expect(await (await fetch(`${endpoint}/runtimes/${agentRuntimeId}/`)).json()).toMatchObject({ status: 'CREATING' });
    expect((await fetch(`${endpoint}/runtimes/${agentRuntimeId}/`, { method: 'DELETE' })).status).toBe(409);
  });
});

testWith([LINUX], 'local start without unshare and bwrap has sessions that are plain processes, and says so', async () => {
  mkdirSync(join(home, 'bin'));
  symlinkSync(findProgram('mkfifo'), join(home, 'bin', 'mkfifo'));
  const server = spawn(process.execPath, start(), { cwd: home, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: join(home, 'bin') } });
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise((resolve) => server.once('close', resolve));
  const [line] = await Promise.race([once(createInterface(server.stdout), 'line') as Promise<[string]>, ended.then(() => { throw new Error(said); })]);
  server.kill('SIGTERM');
  await ended;
  expect(JSON.parse(line)).toMatchObject({ driver: 'process' });
  const notes = said.split('\n').filter((text) => text.startsWith('sessions are plain processes of this machine (driver process): '));
  expect(notes).toEqual([expect.stringMatching(/namespace-user does not work here: program unshare is not found on the PATH; install it; bubblewrap does not work here: program bwrap is not found on the PATH; install it$/)]);
});

test('local start says whether it judges permissions, and how late policies count', async () => {
  const health = async (endpoint: string) => (await fetch(`${endpoint}/_local/health`)).json();
  await whileServed(start(), async (endpoint) => expect(await health(endpoint)).toMatchObject({ iam: { judged: true, delaySeconds: 0 } }));
  await whileServed(start('--iam-delay', '86400'), async (endpoint) => expect(await health(endpoint)).toMatchObject({ iam: { judged: true, delaySeconds: 86_400 } }));
  await whileServed(start('--no-iam'), async (endpoint) => expect(await health(endpoint)).toMatchObject({ iam: { judged: false } }));
});

test('local start refuses a plan that is wrong, in one line', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, withPlan({ version: 1, service: [{ kind: 'boom' }] }), { cwd: home, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  expect(stderr).toMatch(/^cdk-agentcore: fault plan .*plan\.json: service\[0\]\.kind: "boom" is not one of error, [^\n]*\n$/);
});
