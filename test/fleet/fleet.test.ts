import { tryFleet } from './fleet';
import { KINDS } from './fleet-faults';

// the short form of `npm run fleet`
test('40 sessions that meet all kinds of faults are each accounted for once, and nothing goes on', async () => {
  const { summary, struck, picture, breaches } = await tryFleet({ sessions: 40, maxConcurrency: 12, faults: KINDS.length, seed: 3, longest: 0.5 });
  expect(breaches).toEqual([]);
  expect(summary).toMatchObject({ outcome: 'Succeeded', sessions: 40, exitCodes: { 0: expect.any(Number) } });
  expect(Object.values(struck).reduce((sum, n) => sum + n)).toBe(KINDS.length);
  expect(picture).toContain('<title id="title">Fleet night</title>');
}, 300_000);
