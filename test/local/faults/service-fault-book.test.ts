import fc from 'fast-check';
import { ServiceFaultBook } from '../../../src/local/faults/service-fault-book';
import { parseServiceFaults } from '../../../src/local/faults/service-faults';

function bookOf(...entries: object[]): ServiceFaultBook {
  const { faults, errors } = parseServiceFaults(entries);
  expect(errors).toEqual([]);
  return new ServiceFaultBook(faults);
}

const get = { kind: 'error', operation: 'GetAgentRuntime', error: 'ThrottlingException' };
const call = { operation: 'GetAgentRuntime', runtime: 'coder' };
const indexes = (book: ServiceFaultBook, calls: number) => Array.from({ length: calls }, () => book.take(call)?.index);

test('a fault passes the first calls and strikes the next ones', () => {
  expect(indexes(bookOf({ ...get, skip: 1, times: 2 }), 5)).toEqual([undefined, 0, 0, undefined, undefined]);
});

test('faults of one call strike one after the other, in the order of the plan', () => {
  expect(indexes(bookOf(get, { ...get, skip: 3 }, get), 5)).toEqual([0, 2, undefined, 1, undefined]);
});

test('only calls that match count', () => {
  const book = bookOf({ ...get, runtime: 'coder', skip: 1 }, { ...get, operation: 'DeleteAgentRuntime' });
  book.take({ operation: 'GetAgentRuntime', runtime: 'other' });
  book.take({ operation: 'GetAgentRuntime' });
  expect(book.take(call)).toBeUndefined();
  expect(book.take(call)).toMatchObject({ index: 0, earlier: 0 });
  expect(book.report().map(({ calls, applied }) => ({ calls, applied }))).toEqual([{ calls: 2, applied: 1 }, { calls: 0, applied: 0 }]);
});

test('a sequence of states is met once for each of them', () => {
  const book = bookOf({ kind: 'status', operation: 'GetAgentRuntime', statuses: ['READY', 'CREATING'], times: 2 });
  expect(Array.from({ length: 5 }, () => book.take(call)?.earlier)).toEqual([0, 1, 2, 3, undefined]);
});

test('replacing begins anew', () => {
  const book = bookOf(get);
  const [{ fault }] = book.report();
  expect(indexes(book, 2)).toEqual([0, undefined]);
  book.replace([fault]);
  expect(book.report()).toEqual([{ fault, calls: 0, applied: 0 }]);
  expect(indexes(book, 2)).toEqual([0, undefined]);
});

test('no fault is applied more often than it says, or before it should', () => {
  const entry = fc.record({ skip: fc.nat(5), times: fc.integer({ min: 1, max: 4 }) });
  fc.assert(fc.property(fc.array(entry, { maxLength: 6 }), fc.nat(40), (entries, calls) => {
    const book = bookOf(...entries.map((more) => ({ ...get, ...more })));
    indexes(book, calls).forEach((index, i) => {
      if (index !== undefined) expect(i).toBeGreaterThanOrEqual(entries[index].skip);
    });
    book.report().forEach(({ applied }, i) => expect(applied).toBeLessThanOrEqual(entries[i].times));
    // as many as there is room for: none that was due is lost
    const total = entries.reduce((sum, { times }) => sum + times, 0);
    const applied = book.report().reduce((sum, report) => sum + report.applied, 0);
    if (calls >= 5 + total) expect(applied).toBe(total);
  }));
});
