import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { ROOT } from './pages';
import { AtOnce, EventQueue, PerSecond } from '../../docs/fleet/limits';
import { outcomeOf } from '../../docs/fleet/scenarios';
import { FleetLimits, ItemCosts, simulate, Simulation, SimulationOptions } from '../../docs/fleet/simulate';
import { FLEET_QUOTAS, Quota } from '../../src/service/quotas';

const COSTS: ItemCosts = { begin: 0.1, start: 2, stop: 11, listening: { first: 20, later: 3 }, pause: (call) => Math.min(5 * 1.5 ** call, 60) };
const LIMITS: FleetLimits = {
  newSessionsPerSecond: 25, activeSessions: 2_500, sessionCallsPerSecond: 1_000, functionsAtOnce: 1_000, transitionsPerSecond: 800,
};

const run = (commands: number[], more: Partial<SimulationOptions> = {}): Simulation => simulate({
  commands, limits: LIMITS, maxConcurrency: 100, startsPerSecond: 25, costs: COSTS, ...more,
});

const limit = (max: number) => fc.integer({ min: 1, max });
const anyFleet = fc.record({
  commands: fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 60 }),
  limits: fc.record({
    newSessionsPerSecond: limit(30),
    activeSessions: limit(40),
    sessionCallsPerSecond: limit(100),
    functionsAtOnce: limit(40),
    transitionsPerSecond: limit(100),
  }),
  maxConcurrency: limit(40),
  startsPerSecond: limit(30),
  costs: fc.constant(COSTS),
});

test('one session takes what its states take', () => {
  // begin, start, command, stop; the first call listens up to its end, and the transitions before the last state are spaced
  const { seconds, ended, peak } = run([5]);
  expect(seconds).toBeCloseTo(0.1 + 2 + 5 + 11, 1);
  expect({ ended, peak }).toEqual({ ended: 1, peak: { items: 1, sessions: 1, functions: 1 } });
  // 20 s of listening, then pauses of 5 and 7.5 s, each with a look of up to 3 s
  expect(run([30]).seconds).toBeCloseTo(0.1 + 2 + 20 + 5 + 3 + 7.5 + 11, 1);
});

test('no limit is ever passed, and each item comes to its end', () => {
  fc.assert(fc.property(anyFleet, (options) => {
    const { peak, used, starts, ended } = simulate(options);
    const { limits, maxConcurrency, startsPerSecond, commands } = options;
    expect(ended).toBe(commands.length);
    expect(peak.items).toBeLessThanOrEqual(maxConcurrency);
    expect(peak.sessions).toBeLessThanOrEqual(limits.activeSessions);
    expect(peak.functions).toBeLessThanOrEqual(limits.functionsAtOnce);
    for (const share of Object.values(used)) expect(share).toBeLessThanOrEqual(1 + 1e-9);
    const sorted = [...starts].sort((a, b) => a - b);
    expect(sorted).toHaveLength(commands.length);
    const rate = limits.newSessionsPerSecond;
    for (let i = rate; i < sorted.length; i++) expect(sorted[i] - sorted[i - rate]).toBeGreaterThanOrEqual(1 - 1e-6);
    sorted.forEach((start, i) => expect(start).toBeGreaterThanOrEqual(i / startsPerSecond - 1e-9));
  }));
});

test('no fleet is faster than each limit alone allows, or than its longest command', () => {
  fc.assert(fc.property(anyFleet, (options) => {
    const { commands, limits, maxConcurrency, costs } = options;
    const { seconds } = simulate(options);
    const active = commands.map((command) => costs.start + command + costs.stop);
    const sum = active.reduce((a, b) => a + b, 0);
    const functions = commands.reduce((all, command) => all + costs.begin + costs.start + Math.min(command, costs.listening.first) + costs.stop, 0);
    const bounds = [
      Math.max(...active),
      sum / limits.activeSessions,
      sum / maxConcurrency,
      functions / limits.functionsAtOnce,
      (commands.length - 1) / limits.newSessionsPerSecond,
      (4 * commands.length - 3) / limits.sessionCallsPerSecond,
      (6 * commands.length - 6) / limits.transitionsPerSecond,
    ];
    for (const bound of bounds) expect(seconds).toBeGreaterThanOrEqual(bound - 1e-6);
  }));
});

test('the same fleet takes the same time', () => {
  const scenario = { region: 'us-east-1', typical: 60, sessions: 500 };
  expect(outcomeOf(scenario)).toEqual(outcomeOf(scenario));
});

test('a fleet of one limit takes what that limit says', () => {
  const none = 1e9;
  const free = Object.fromEntries(Object.keys(LIMITS).map((name) => [name, none])) as unknown as FleetLimits;
  const commands = Array.from({ length: 300 }, () => 10);
  const time = (limits: Partial<FleetLimits>, maxConcurrency = none) =>
    run(commands, { limits: { ...free, ...limits }, maxConcurrency, startsPerSecond: none }).seconds;
  expect(time({})).toBeCloseTo(23.1, 1);
  expect(time({}, 100)).toBeCloseTo(3 * 23.1, 1);
  expect(time({ activeSessions: 100 })).toBeCloseTo(0.1 + 3 * 23, 1);
  expect(time({ newSessionsPerSecond: 10 })).toBeCloseTo(299 / 10 + 23.1, 1);
});

describe('limits', () => {
  test('things happen in the order of their times, and then of their telling', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (times) => {
      const events = new EventQueue();
      const happened: (readonly [number, number])[] = [];
      times.forEach((time, i) => events.later(time, () => happened.push([events.now, i])));
      events.run();
      expect(happened).toEqual(times.map((time, i) => [time, i] as const).sort(([a, i], [b, j]) => a - b || i - j));
    }));
  });

  test('a place that is given back goes to whoever waits longest', () => {
    const events = new EventQueue();
    const places = new AtOnce(2, events);
    const got: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      places.acquire(() => {
        got.push(`${name} at ${events.now}`);
        events.later(events.now + 1, () => places.release());
      });
    }
    events.run();
    expect(got).toEqual(['a at 0', 'b at 0', 'c at 1', 'd at 1']);
    expect([places.heldSeconds, places.peak]).toEqual([4, 2]);
  });

  test('a rate is even', () => {
    const rate = new PerSecond(4);
    expect([rate.take(1, 0), rate.take(2, 0), rate.take(1, 0), rate.take(1, 9), rate.take(1, 9)]).toEqual([0, 0.25, 0.75, 9, 9.25]);
    expect(rate.taken).toBe(6);
  });
});

test('the page tells the quotas as they are', () => {
  const page = readFileSync(join(ROOT, 'docs/fleet-at-scale.md'), 'utf8');
  for (const { name, value, unit } of Object.values<Quota>(FLEET_QUOTAS)) expect(page).toContain(`| ${name} | ${value.toLocaleString('en-US')} ${unit}`);
});
