import * as fc from 'fast-check';
import { inOrder, NOTHING, Step, Turned } from '../../src/provider/turn-order';

const HOUR = 3_600_000;

function begun(...steps: (readonly [requestId: string, before: string | undefined, after: string, hours?: number])[]): Turned[] {
  return steps.map(([requestId, before, after, hours = 0]) => ({ requestId, before, after, time: hours * HOUR }));
}

const ids = (turned: readonly Turned[]) => turned.map(({ requestId }) => requestId);
const ordered = (...steps: Parameters<typeof begun>) => ids(inOrder(begun(...steps)));

test('requests that begin as they were sent stay as they are', () => {
  expect(ordered(['create', NOTHING, 'a'], ['update', 'a', 'b'], ['back', 'b', 'a'], ['again', 'a', 'b'])).toEqual(['create', 'update', 'back', 'again']);
});

test('an update that begins after the one that takes it back comes before it', () => {
  expect(ordered(['create', NOTHING, 'a'], ['back', 'b', 'a'], ['late', 'a', 'b'])).toEqual(['create', 'late', 'back']);
});

test('one that begins even later, too', () => {
  expect(ordered(['create', NOTHING, 'a'], ['back', 'b', 'a'], ['next', 'a', 'c'], ['late', 'a', 'b'])).toEqual(['create', 'late', 'back', 'next']);
});

test('an update that was heard of is not taken for the late one', () => {
  expect(ordered(['create', NOTHING, 'a'], ['refused', 'a', 'b'], ['back', 'b', 'a'], ['retry', 'a', 'b'])).toEqual(['create', 'refused', 'back', 'retry']);
});

test('a request that was noted twice counts from the first time on', () => {
  expect(ordered(['create', NOTHING, 'a'], ['delete', 'a', NOTHING], ['create', NOTHING, 'a'])).toEqual(['create', 'delete']);
  expect(ordered(['made', NOTHING, 'a'], ['update', 'a', 'b'], ['update', 'a', 'b'], ['back', 'b', 'a'])).toEqual(['made', 'update', 'back']);
});

test('where notes are gone, updates count as they have begun', () => {
  expect(ordered(['first', 'b', 'a'], ['second', 'a', 'b'])).toEqual(['first', 'second']);
});

test('a create that begins after the end of what was never heard of comes before it', () => {
  expect(ordered(['delete', 'a', NOTHING], ['late', NOTHING, 'a'])).toEqual(['late', 'delete']);
});

test('a create after an ordinary end is a new one', () => {
  expect(ordered(['create', NOTHING, 'a'], ['delete', undefined, NOTHING], ['new', NOTHING, 'a'])).toEqual(['create', 'delete', 'new']);
});

test('a create after the end of one that had begun is a new one', () => {
  expect(ordered(['create', NOTHING, 'a'], ['delete', 'a', NOTHING], ['new', NOTHING, 'a'])).toEqual(['create', 'delete', 'new']);
});

test('Lambda keeps an event for less than six hours', () => {
  const after = (hours: number) => ordered(['delete', 'a', NOTHING], ['create', NOTHING, 'a', hours]);
  expect(after(5.99)).toEqual(['create', 'delete']);
  expect(after(6)).toEqual(['delete', 'create']);
});

test('any cancelled request may begin at any time after the one that takes it back', () => {
  const deployment = fc.record({ cancelled: fc.boolean(), delay: fc.nat({ max: 6 }) });
  fc.assert(fc.property(fc.array(deployment, { maxLength: 8 }), (deployments) => {
    const sent: { readonly step: Step; readonly begins: number }[] = [{ step: { before: NOTHING, after: 'state' }, begins: 0 }];
    let state = 'state';
    for (const [i, { cancelled, delay }] of deployments.entries()) {
      const wanted = `state-${i}`;
      sent.push({ step: { before: state, after: wanted }, begins: sent.length + (cancelled ? delay : 0) });
      if (cancelled) sent.push({ step: { before: wanted, after: state }, begins: sent.length });
      else state = wanted;
    }
    const turned = sent.map(({ step }, i): Turned => ({ requestId: `request-${i}`, ...step, time: 0 }));
    const asBegun = turned
      .map((request, i) => ({ request, begins: sent[i].begins + (sent[i].begins > i ? 0.5 : 0) }))
      .sort((a, b) => a.begins - b.begins);
    expect(ids(inOrder(asBegun.map(({ request }) => request)))).toEqual(ids(turned));
  }));
});
