import * as fc from 'fast-check';
import { OutputStream, OutputText, RecordedOutput } from '../../../src/local/page/recorded-output';

const LIMITS = { head: 4, tail: 8 };
const joined = (texts: readonly OutputText[]) => texts.map(({ text }) => text).join('');

test('short output is kept whole, in the order in which it came', () => {
  const output = new RecordedOutput();
  output.append('stdout', Buffer.from('a'));
  output.append('stdout', Buffer.from('b'));
  output.append('stderr', Buffer.from('c'));
  output.append('stdout', Buffer.from('d'));
  expect(output.read()).toEqual({ head: [{ stream: 'stdout', text: 'ab' }, { stream: 'stderr', text: 'c' }, { stream: 'stdout', text: 'd' }], tail: [] });
  expect(output).toMatchObject({ total: 4, omitted: 0, kept: 4 });
});

test('of long output the beginning and the end are kept', () => {
  const output = new RecordedOutput(LIMITS);
  for (const letter of 'abcdefghijklmnopqrstuvwxyz') output.append('stdout', Buffer.from(letter));
  expect(output.read()).toEqual({ head: [{ stream: 'stdout', text: 'abcd' }], tail: [{ stream: 'stdout', text: 'stuvwxyz' }] });
  expect(output).toMatchObject({ total: 26, omitted: 14, kept: 12 });
});

test('a character that came in two pieces is one character, whatever the other stream said in between', () => {
  const output = new RecordedOutput();
  const [first, ...rest] = Buffer.from('é');
  output.append('stdout', Buffer.from([first]));
  output.append('stderr', Buffer.from('!'));
  output.append('stdout', Buffer.from(rest));
  expect(output.read().head).toEqual([{ stream: 'stderr', text: '!' }, { stream: 'stdout', text: 'é' }]);
});

test('many small pieces take little room', () => {
  const output = new RecordedOutput();
  for (let n = 0; n < 200_000; n++) output.append(n % 2 === 0 ? 'stdout' : 'stderr', Buffer.from('x'));
  const { head, tail } = output.read();
  expect(tail.length).toBeLessThanOrEqual(2_048);
  expect(joined(head).length + joined(tail).length + output.omitted).toBe(200_000);
});

test('any pieces: what is kept is a beginning and an end of all', () => {
  const pieces = fc.array(fc.record({ stream: fc.constantFrom<OutputStream>('stdout', 'stderr'), text: fc.stringMatching(/^[a-z]{0,9}$/) }));
  fc.assert(fc.property(pieces, (all) => {
    const output = new RecordedOutput(LIMITS);
    for (const { stream, text } of all) output.append(stream, Buffer.from(text));
    const whole = joined(all);
    const { head, tail } = output.read();
    expect(output.total).toBe(whole.length);
    expect(whole.startsWith(joined(head))).toBe(true);
    expect(whole.endsWith(joined(tail))).toBe(true);
    expect(joined(head).length + joined(tail).length + output.omitted).toBe(whole.length);
    // never less than asked for, and no more than one piece above it
    expect(output.kept).toBeGreaterThanOrEqual(Math.min(whole.length, LIMITS.head + LIMITS.tail));
    expect(output.kept).toBeLessThan(LIMITS.head + LIMITS.tail + 9);
  }));
});
