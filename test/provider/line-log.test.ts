import * as fc from 'fast-check';
import { LineLog } from '../../src/provider/line-log';

test('lines come out as they were written, however they were cut into chunks', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 8 })), (chunks) => {
    const lines: string[] = [];
    const log = new LineLog(({ stdout }) => lines.push(stdout!));
    for (const chunk of chunks) log.append('stdout', chunk);
    log.flush();
    expect(lines).toEqual(chunks.join('').split('\n').filter((line, i, all) => i < all.length - 1 || line !== ''));
  }));
});

test('the two streams are kept apart, and a line without an end is written at the end', () => {
  const lines: object[] = [];
  const log = new LineLog((line) => lines.push(line));
  log.append('stdout', 'one');
  log.append('stderr', 'oops\r\n');
  log.flush();
  expect(lines).toEqual([{ stderr: 'oops' }, { stdout: 'one' }]);
});

test('a line without end is not kept whole in memory', () => {
  const lengths: number[] = [];
  const log = new LineLog(({ stdout }) => lengths.push(stdout!.length));
  for (let i = 0; i < 100; i++) log.append('stdout', 'x'.repeat(1_000));
  log.flush();
  expect(Math.max(...lengths)).toBe(16_384);
  expect(lengths.reduce((sum, n) => sum + n)).toBe(100_000);
});
