import { key, MemorySink, removeScratch, scratchDirectory, version } from './support';
import { Compute, IsolationDriver } from '../../../src/local/sessions/driver';
import { InTransitMode, SessionManager } from '../../../src/local/sessions/session-manager';

/** A driver whose computes start and stop when a test says so. */
class HeldDriver implements IsolationDriver {
  public readonly name = 'process';
  public readonly starts: (() => void)[] = [];
  public readonly stops: (() => void)[] = [];

  public start(): Promise<Compute> {
    const never = new Promise<void>(() => undefined);
    const stop = async () => new Promise<void>((resolve) => this.stops.push(resolve));
    const compute: Compute = { ended: never, exec: () => { throw new Error('nothing runs here'); }, stop };
    return new Promise((resolve) => this.starts.push(() => resolve(compute)));
  }
}

const turn = async () => new Promise((resolve) => setImmediate(resolve));

let driver: HeldDriver;
let sessions: SessionManager;

afterEach(async () => {
  const closed = sessions.close();
  for (const release of [...driver.starts, ...driver.stops]) release();
  // what the stops of sessions that were still starting wait for
  await turn();
  driver.stops.forEach((release) => release());
  await closed;
  removeScratch();
});

function create(inTransit: InTransitMode): void {
  driver = new HeldDriver();
  sessions = new SessionManager({ stateDir: scratchDirectory(), driver, tokenizer: 'strict', now: Date.now, log: () => undefined, agentStartMilliseconds: 1, inTransit, storageRules: { quota: 'off', strict: false } });
}

const run = async () => sessions.run(key(), version(), { command: 'true', timeoutSeconds: 1 }, new MemorySink()).catch((error: Error) => error);
const conflict = (what: string) => expect.objectContaining({ name: 'RetryableConflictException', status: 409, message: expect.stringContaining(what) });

test('calls for a session in transit are refused where that is wanted, and taken again later', async () => {
  create('conflict');
  const first = run();
  expect(await run()).toEqual(conflict('starts at this moment'));
  await expect(sessions.stop(key())).rejects.toEqual(conflict('starts at this moment'));
  await turn();
  driver.starts[0]();
  // it has a session; there is only nothing that could run in it
  expect(await first).toMatchObject({ message: 'nothing runs here' });
  const stopping = sessions.stop(key());
  expect(await run()).toEqual(conflict('ends at this moment'));
  await expect(sessions.stop(key())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  driver.stops[0]();
  await stopping;
  const next = run();
  await turn();
  driver.starts[1]();
  expect(await next).toMatchObject({ message: 'nothing runs here' });
});

test('they wait otherwise', async () => {
  create('wait');
  const calls = [run(), run()];
  await turn();
  driver.starts[0]();
  expect(await Promise.all(calls)).toEqual([1, 2].map(() => expect.objectContaining({ message: 'nothing runs here' })));
  expect(driver.starts).toHaveLength(1);
  const stopping = sessions.stop(key());
  const late = run();
  await turn();
  driver.stops[0]();
  await stopping;
  // the session has gone, the late call starts another one
  await turn();
  driver.starts[1]();
  expect(await late).toMatchObject({ message: 'nothing runs here' });
});
