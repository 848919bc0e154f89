import { changed, isOver, lastValue, Timed, valueAt } from '../../../../src/local/server/iam/timed';

test('a value counts from its time on, and the one before until then', () => {
  const timed = changed(changed(undefined, 0, { from: 10, value: 'a' }), 20, { from: 30, value: 'b' })!;
  expect([9, 10, 29, 30].map((now) => valueAt(timed, now))).toEqual([undefined, 'a', 'a', 'b']);
  expect(lastValue(timed)).toBe('b');
});

test('what never counts again is dropped, and nothing is left of what is removed', () => {
  let timed: Timed<number> | undefined;
  for (let now = 0; now < 1_000; now++) timed = changed(timed, now, { from: now + 2, value: now });
  expect(timed!.length).toBeLessThan(5);
  const removed = changed(timed, 2_000, { from: 2_005 })!;
  expect(isOver(removed, 2_004)).toBe(false);
  expect(isOver(removed, 2_005)).toBe(true);
  expect(changed(changed(undefined, 0, { from: 0, value: 1 }), 1, { from: 1 })).toEqual([{ from: 0, value: 1 }, { from: 1 }]);
  expect(changed(undefined, 0, { from: 0 })).toBeUndefined();
});
