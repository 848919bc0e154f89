import * as fc from 'fast-check';
import { beginItem, sessionOfItem } from '../../../src/workflow-handler/fleet/begin-item';

const FLEET = 'arn:aws:states:us-east-1:123456789012:execution:Fleet:0b6cf5e4-6a5e-4d0c-8f0b-3f5c5c6f7a10';
const item = (value: unknown, index = 0, fleet = FLEET) => ({ item: value, index, fleet });
const NAMED = 'the-session-that-holds-the-repository';

test('an item may be its session, or name it', () => {
  expect(sessionOfItem(item(NAMED))).toBe(NAMED);
  expect(sessionOfItem(item({ sessionId: NAMED, branch: 'main' }, 7))).toBe(NAMED);
});

test('every other item has a session of its own, always the same', () => {
  const values = fc.constantFrom(null, 5, {}, [], { sessionId: '' }, { sessionId: null }, { Key: 'a/b.txt' });
  fc.assert(fc.property(fc.nat(), fc.nat(), values, (a, b, value) => {
    const [one, other] = [sessionOfItem(item(value, a)), sessionOfItem(item(value, b))];
    expect(one === other).toBe(a === b);
    expect(one).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{32,99}$/);
    expect(sessionOfItem(item(value, a, `${FLEET}1`))).not.toBe(one);
  }));
});

test.each<[unknown, string]>([
  ['short', 'item 0: session id "short" has 5 characters'],
  [{ sessionId: 'short' }, 'item 0: session id "short" has 5 characters'],
  [{ sessionId: 5 }, 'item 0: sessionId 5 is not a text'],
])('%j is refused', (value, message) => {
  expect(() => sessionOfItem(item(value))).toThrow(expect.objectContaining({ name: 'InvalidInput', message: expect.stringContaining(message) }));
});

test('no more items than so many have their turn in any second', () => {
  const startedAt = '2026-01-01T00:00:00.500Z';
  fc.assert(fc.property(fc.constantFrom(0.5, 1, 3, 7, 25, 100), fc.integer({ min: 2, max: 300 }), (perSecond, count) => {
    const begun = (turn: number) => beginItem({ action: 'beginItem', item: { ...item(null, turn), turn, startedAt }, perSecond });
    const turns = Array.from({ length: count }, (_, turn) => Date.parse(begun(turn).notBefore));
    expect(turns[0]).toBe(Date.parse(startedAt));
    const most = Math.max(1, Math.ceil(perSecond));
    const apart = perSecond < 1 ? 1_000 / perSecond - 1 : 999;
    turns.slice(most).forEach((turn, i) => expect(turn - turns[i]).toBeGreaterThanOrEqual(apart));
  }));
});
