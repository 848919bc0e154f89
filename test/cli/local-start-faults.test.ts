import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// the file that `npx cdk-agentcore` runs
const CLI = join(__dirname, '../../bin/cdk-agentcore');

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'cli-faults-')); });
afterEach(() => rmSync(home, { recursive: true, force: true }));

const args = (plan: object) => {
  writeFileSync(join(home, 'plan.json'), JSON.stringify(plan));
  return [CLI, 'local', 'start', '--port', '0', '--state', 'state', '--faults', 'plan.json'];
};

test('local start takes a fault plan', async () => {
  const fault = { kind: 'error', operation: 'ListAgentRuntimes', error: 'ThrottlingException', skip: 0, times: 1 };
  const server = spawn(process.execPath, args({ version: 1, service: [fault] }), { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(server.stdout!).once('line', resolve);
      server.once('exit', (code) => reject(new Error(`local start ended with ${code}`)));
    });
    const { endpoint } = JSON.parse(line);
    expect((await fetch(`${endpoint}/runtimes/`, { method: 'POST' })).status).toBe(429);
    expect((await fetch(`${endpoint}/runtimes/`, { method: 'POST' })).status).toBe(200);
    expect(await (await fetch(`${endpoint}/_local/faults`)).json()).toEqual({ version: 1, service: [{ fault, calls: 2, applied: 1 }] });
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
});

test('local start refuses a plan that is wrong, in one line', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args({ version: 1, service: [{ kind: 'boom' }] }), { cwd: home, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  expect(stderr).toMatch(/^cdk-agentcore: fault plan .*plan\.json: service\[0\]\.kind: "boom" is not one of error, [^\n]*\n$/);
});
