import * as fc from 'fast-check';
import { FleetSummary } from '../../../src/workflow-handler/contract';
import { drawReport } from '../../../src/workflow-handler/fleet/report-picture';
import { sessionEndOf } from '../../../src/workflow-handler/fleet/session-end';
import { FleetTally, percentile } from '../../../src/workflow-handler/fleet/tally';
import { timeScale, timeText } from '../../../src/workflow-handler/fleet/time-scale';

const ITEM = { item: { sessionId: 'the-session-that-holds-the-repository' }, index: 3, fleet: 'arn:aws:states:us-east-1:123456789012:execution:Fleet:night', turn: 3, startedAt: '2026-01-01T00:00:00Z' };
const Input = JSON.stringify(ITEM);
const command = { exitCode: 3, status: 'COMPLETED', ok: false, durationMillis: 1_500, sessionId: ITEM.item.sessionId, observation: 'exit code: 3' };

describe('what has become of an item', () => {
  test.each<[string, object, object]>([
    ['a command', { Status: 'SUCCEEDED', Output: JSON.stringify({ ...command, exitCode: 0, ok: true }) }, { outcome: 'Succeeded', exitCode: 0, durationMillis: 1_500 }],
    ['a command that has failed', { Status: 'FAILED', Error: 'CommandFailed', Cause: JSON.stringify(command) }, { outcome: 'CommandFailed', exitCode: 3, durationMillis: 1_500 }],
    ['a command of which nobody knows', { Status: 'FAILED', Error: 'OutcomeUnknown', Cause: '{"errorType":"OutcomeUnknown","errorMessage":"gone"}' }, { outcome: 'OutcomeUnknown', exitCode: null, durationMillis: null }],
    ['an error without a cause', { Status: 'FAILED', Error: 'States.Runtime' }, { outcome: 'States.Runtime', exitCode: null }],
    ['a cause that is no JSON', { Status: 'FAILED', Error: 'States.Timeout', Cause: 'it took too long' }, { outcome: 'States.Timeout', durationMillis: null }],
    ['a loop', { Status: 'SUCCEEDED', Output: '{"outcome":"Passed","durationMillis":60000}' }, { outcome: 'Succeeded', exitCode: null, durationMillis: 60_000 }],
    ['a loop whose budget is spent', { Status: 'FAILED', Error: 'States.TaskFailed', Cause: JSON.stringify({ Status: 'FAILED', Error: 'BudgetSpent', Cause: '{"outcome":"BudgetSpent","durationMillis":7}' }) }, { outcome: 'BudgetSpent', durationMillis: 7 }],
    ['one that was not begun', { Status: 'PENDING' }, { outcome: 'NotStarted' }],
    ['one that was aborted', { Status: 'ABORTED' }, { outcome: 'Aborted' }],
  ])('of %s', (_, line, end) => {
    expect(sessionEndOf({ Input, ...line } as never)).toMatchObject({ ...end, sessionId: ITEM.item.sessionId, item: ITEM });
  });

  test('whose session cannot be', () => {
    expect(sessionEndOf({ Input: JSON.stringify({ ...ITEM, item: 'short' }), Status: 'FAILED', Error: 'InvalidInput' })).toMatchObject({ sessionId: null, outcome: 'InvalidInput' });
  });
});

const end = (outcome: string, exitCode: number | null = null, durationMillis: number | null = null) => ({
  item: ITEM, sessionId: null, outcome, exitCode, durationMillis,
});

test('each session counts once', () => {
  const tally = new FleetTally();
  const ends = [end('Succeeded', 0, 5), end('CommandFailed', 3, 7), end('OutcomeUnknown'), end('CommandFailed', 3, 100), end('NotStarted'), end('Succeeded', 0, 6)];
  for (const each of ends) tally.add(each);
  expect(tally.totals).toEqual({
    sessions: 6,
    succeeded: 2,
    failed: 3,
    notStarted: 1,
    errors: { CommandFailed: 2, OutcomeUnknown: 1 },
    exitCodes: { 0: 2, 3: 2 },
    durationMillis: { shortest: 5, median: 6, percentile95: 100, longest: 100 },
  });
  expect(new FleetTally().totals).toMatchObject({ sessions: 0, durationMillis: null });
});

test('a percentile is one of the values, which so many percent do not exceed', () => {
  fc.assert(fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
    const sorted = [...values].sort((a, b) => a - b);
    const found = percentile(sorted, percent);
    expect(sorted.filter((value) => value <= found).length).toBeGreaterThanOrEqual(percent / 100 * sorted.length);
    expect(sorted.filter((value) => value < found).length).toBeLessThan(percent / 100 * sorted.length);
  }));
});

test('an axis of times holds them all, in their order', () => {
  const millis = fc.double({ min: 0, max: 7 * 86_400_000, noNaN: true });
  fc.assert(fc.property(millis, millis, (a, b) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const scale = timeScale(low, high);
    expect(scale.marks.length).toBeGreaterThanOrEqual(2);
    expect(scale.marks[0]).toBeLessThanOrEqual(Math.max(1, low));
    expect(scale.marks.at(-1)).toBeGreaterThanOrEqual(high);
    expect(scale.position(low)).toBeLessThanOrEqual(scale.position(high));
    expect([scale.position(scale.marks[0]), scale.position(scale.marks.at(-1)!)]).toEqual([0, 1]);
  }));
  expect([0.4, 999, 1_000, 90_000, 150_000, 7_200_000].map(timeText)).toEqual(['0 ms', '999 ms', '1 s', '90 s', '2.5 min', '2 h']);
});

describe('the picture', () => {
  const summary = (more: Partial<FleetSummary> = {}): FleetSummary => ({
    execution: ITEM.fleet,
    outcome: 'Succeeded',
    reason: '',
    sessions: 3,
    succeeded: 2,
    failed: 1,
    notStarted: 0,
    errors: { CommandFailed: 1 },
    exitCodes: { 0: 2, 1: 1 },
    durationMillis: { shortest: 900, median: 1_000, percentile95: 9_000, longest: 9_000 },
    elapsedMillis: 10_000,
    files: { picture: '', table: '', summary: '', failedItems: '' },
    ...more,
  });

  test('tells all of it', () => {
    expect(drawReport(summary(), { succeeded: [900, 1_000], failed: [9_000] })).toMatchSnapshot();
  });

  test('of nothing is one as well', () => {
    const nothing = summary({ sessions: 0, succeeded: 0, failed: 0, errors: {}, exitCodes: {}, durationMillis: null });
    const svg = drawReport(nothing, { succeeded: [], failed: [] });
    expect(svg).toContain('no session tells how long its command took');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('is well-formed whatever errors are called', () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), { maxKeys: 12 }), (errors) => {
      const svg = drawReport(summary({ errors }), { succeeded: [900, 1_000], failed: [9_000] });
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg.replace(/<\/?[a-z]+( [\w:-]+="[^"<>]*")*\/?>/g, '')).not.toMatch(/[<>]|&(?!#\d+;)/);
      expect(svg.match(/<text/g)!.length).toBe(svg.match(/<\/text>/g)!.length);
    }));
  });
});
