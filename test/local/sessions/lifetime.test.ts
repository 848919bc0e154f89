import { Lifetime } from '../../../src/local/sessions/lifetime';

let now: number;
let lifetime: Lifetime;

beforeEach(() => {
  now = 1_800_000_000_000;
  lifetime = new Lifetime({ idleRuntimeSessionTimeout: 60, maxLifetime: 300 }, () => now);
});

/** Moves the clock on by seconds; whether the session has to end. */
const after = (seconds: number) => {
  now += seconds * 1000;
  return lifetime.over();
};

test('is over after so long without a call', () => {
  expect(after(59.999)).toBeUndefined();
  expect(after(0.001)).toBe('it was idle for 60 s');
});

test('begins to be idle anew with each call', () => {
  after(59);
  lifetime.touch();
  expect(after(59)).toBeUndefined();
  expect(after(1)).toBe('it was idle for 60 s');
});

test('is not idle while a command runs, and begins to be when the last one ends', async () => {
  const end: (() => void)[] = [];
  const runs = [1, 2].map(async () => lifetime.during(() => new Promise<void>((resolve) => end.push(resolve))));
  expect(after(100)).toBeUndefined();
  expect(lifetime.lastActiveAt).toBe(now);
  end[0]();
  await runs[0];
  expect(after(100)).toBeUndefined();
  end[1]();
  await runs[1];
  expect(after(59)).toBeUndefined();
  expect(after(1)).toBe('it was idle for 60 s');
});

test('a command that fails does not count for ever', async () => {
  await expect(lifetime.during(async () => { throw new Error('no'); })).rejects.toThrow('no');
  expect(after(60)).toBe('it was idle for 60 s');
});

test('is over after its maximum, whatever is going on', () => {
  void lifetime.during(() => new Promise(() => undefined));
  lifetime.observe({ status: 'HealthyBusy' });
  expect(after(299)).toBeUndefined();
  expect(after(1)).toBe('its maximum lifetime of 300 s is over');
});

test('an agent that is busy keeps it alive, one that is healthy does not', () => {
  after(59);
  lifetime.observe({ status: 'HealthyBusy' });
  expect(after(59)).toBeUndefined();
  lifetime.observe({ status: 'Healthy' });
  expect(after(1)).toBe('it was idle for 60 s');
});

test('an agent whose time of last update moves keeps it alive, whatever its unit', () => {
  lifetime.observe({ status: 'Healthy', time_of_last_update: 1 });
  after(59);
  lifetime.observe({ status: 'Healthy', time_of_last_update: 1 });
  expect(after(0)).toBeUndefined();
  lifetime.observe({ status: 'Healthy', time_of_last_update: 2 });
  expect(after(59)).toBeUndefined();
  expect(after(1)).toBe('it was idle for 60 s');
});
