import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { ControlPlaneWorker } from './support/control-plane-worker';
import { ServerProcess } from './support/server-process';
import { removeTree } from '../../../src/local/sessions/remove-tree';
import { describeLeftovers, leftoversOf } from '../../soak/leftovers';
import { SoakClient } from '../../soak/soak-client';
import { StorageLedger } from '../../soak/storage-ledger';
import { SeededRandom } from '../../util/random';

// The shipped server is killed again and again while it is worked with, at moments that a seed picks; each time the next
// one has to know all that was acknowledged, and to have cleared away all that is no session's storage.

const SEED = Number(process.env.KILL_SEED ?? 1);
const KILLS = Number(process.env.KILLS ?? 5);

let directory: string;
let server: ServerProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'agentcore-kill-'));
  mkdirSync(join(directory, 'tmp'));
});
afterEach(async () => {
  await server?.kill();
  removeTree(directory);
});

const start = async () => ServerProcess.start({ stateDir: join(directory, 'state'), env: { TMPDIR: join(directory, 'tmp') } });
const controlOf = ({ endpoint }: ServerProcess) => new BedrockAgentCoreControlClient({
  endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1,
});

/** What is left; the kernel takes a moment to end what was killed. */
async function leftovers(...except: number[]): Promise<string[]> {
  let found = describeLeftovers(leftoversOf(directory, except));
  for (let tries = 0; tries < 100 && found.length > 0; tries++) {
    await delay(50);
    found = describeLeftovers(leftoversOf(directory, except));
  }
  return found;
}

test(`a server that is killed ${KILLS} times forgets nothing that it has acknowledged, and each next start is clean`, async () => {
  const random = new SeededRandom(SEED);
  const workers = ['a', 'b', 'c'].map((name, n) => new ControlPlaneWorker(`worker_${name}`, new SeededRandom(SEED * 100 + n)));
  const ledger = new StorageLedger();
  server = await start();
  const first = new SoakClient(server.endpoint);
  const runtimeId = await first.createRuntime('sessions', false);
  first.destroy();
  const keys = [1, 2, 3].map((n) => ({ runtimeId, endpointName: 'DEFAULT', sessionId: `kill-${String(n).padStart(33, '0')}` }));
  let writes = 0;
  let killed = 0;

  for (let kill = 0; kill < KILLS; kill++) {
    const running: ServerProcess = server;
    const control = controlOf(running);
    const client = new SoakClient(running.endpoint);
    let over = false;
    let answers = 0;
    const killAfter = 5 + random.below(60);
    const until = async (step: () => Promise<unknown>) => {
      while (!over) {
        try {
          await step();
        } catch (error) {
          // only what was cut off by the kill may fail
          if (!over) throw error;
          return;
        }
        if (++answers !== killAfter) continue;
        over = true;
        killed++;
        await running.kill();
      }
    };
    const write = async (key: typeof keys[number]) => {
      const content = `write ${++writes}`;
      ledger.begin(key, content);
      const { exitCode, stderr } = await client.run(key, `sh -c "printf '%s' '${content}' > /mnt/workspace/next && mv /mnt/workspace/next /mnt/workspace/last"`);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      ledger.acknowledge(key, content);
      // what goes on in the background, and sessions that are just ending, are killed too
      if (random.next() < 0.3) await client.run(key, 'sh -c "sleep 900 & echo left"');
      if (random.next() < 0.3) await client.stop(key);
    };
    await Promise.all([
      ...workers.map(async (worker) => until(async () => worker.step(control))),
      ...keys.map(async (key) => until(async () => write(key))),
    ]);
    control.destroy();
    client.destroy();

    server = await start();
    expect(await leftovers(server.pid)).toEqual([]);
    const next = controlOf(server);
    for (const worker of workers) await worker.check(next);
    next.destroy();
    expect(ledger.compare(join(directory, 'state')).wrong).toEqual([]);
  }

  expect(killed).toBe(KILLS);
  expect(workers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(KILLS);
  expect(await server.stop()).toBe(0);
  server = undefined;
  expect(await leftovers()).toEqual([]);
}, 240_000);

test('a server that is killed while it starts can be started again', async () => {
  const state = join(directory, 'state');
  server = await start();
  await server.kill();
  server = undefined;
  const options = { stateDir: state, env: { TMPDIR: join(directory, 'tmp') } };
  // while it takes the state directory, notes its first compute, and builds that
  for (const changing of [state, join(state, 'computes'), join(directory, 'tmp')]) await ServerProcess.killAtFirstChange(changing, options);
  server = await start();
  expect(await leftovers(server.pid)).toEqual([]);
}, 120_000);
