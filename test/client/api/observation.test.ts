import * as fc from 'fast-check';
import { CommandResult, toObservation } from '../../../src/client';

function result(more: Partial<CommandResult> = {}): CommandResult {
  const { stdout = '', stderr = '' } = more;
  return {
    exitCode: 0,
    ok: true,
    timedOut: false,
    status: 'COMPLETED',
    stdout,
    stderr,
    truncated: false,
    head: { stdout: '', stderr: '' },
    characters: { stdout: stdout.length, stderr: stderr.length },
    sessionId: 's',
    durationMillis: 1_234,
    ...more,
  };
}

test('exit code first, then both streams', () => {
  expect(toObservation(result({ exitCode: 1, stdout: 'not ok 1\n', stderr: 'Error: x\n' }))).toBe('exit code: 1 (after 1.2 s)\nstderr:\nError: x\nstdout:\nnot ok 1');
  expect(toObservation(result())).toBe('exit code: 0 (after 1.2 s)\nstderr: empty\nstdout: empty');
});

test('an end without an exit code invents none', () => {
  expect(toObservation(result({ exitCode: undefined, timedOut: true }))).toMatch(/^exit code: none, the command timed out after 1.2 s\n/);
  expect(toObservation(result({ exitCode: undefined }))).toMatch(/^exit code: none, the platform ended the command/);
});

test('head and tail stay, with the number of characters between them', () => {
  const text = Array.from({ length: 1_000 }, (_, i) => `line ${i}\n`).join('');
  const said = toObservation(result({ stdout: text }), { maxCharacters: 1_000 });
  expect(said.length).toBeLessThanOrEqual(1_000);
  const [, head, omitted, tail] = /stdout:\n(line 0\n.*?)\n\[\.\.\. (\d+) characters omitted \.\.\.\]\n(.*)$/s.exec(said)!;
  expect(text.startsWith(head)).toBe(true);
  expect(text.endsWith(`${tail}\n`)).toBe(true);
  // the last line feed is not shown
  expect(head.length + Number(omitted) + tail.length + 1).toBe(text.length);
});

test('of what the result itself has not kept, the beginning is shown too', () => {
  const said = toObservation(result({ stdout: 'the end', head: { stdout: 'the beginning', stderr: '' }, truncated: true, characters: { stdout: 1_020, stderr: 0 } }));
  expect(said).toContain('stdout:\nthe beginning\n[... 1000 characters omitted ...]\nthe end');
});

test('a head that reaches into the tail is not shown twice', () => {
  const said = toObservation(result({ stdout: 'cdef', head: { stdout: 'abcd', stderr: '' }, truncated: true, characters: { stdout: 6, stderr: 0 } }));
  expect(said).toContain('stdout:\nabcdef');
});

test('what one stream does not need is the other\'s', () => {
  const said = toObservation(result({ stdout: 'x'.repeat(700), stderr: 'short' }), { maxCharacters: 1_100 });
  expect(said).toContain('x'.repeat(700));
  expect(said).not.toContain('omitted');
});

test.each([
  ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
  ['titles and links', '\x1b]0;title\x07a\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\', 'alink'],
  ['a progress bar', '10%\r50%\r100%\ndone', '100%\ndone'],
  ['line ends of Windows', 'a\r\nb\r\n', 'a\nb'],
  ['other controls, tabs stay', 'a\x00\x07\x08\tb\x7f\x9b31mc', 'a\tbc'],
  ['directions of text', 'a\u202eb\u2066c', 'abc'],
  ['half a character', 'a\ud83d', 'a\ufffd'],
])('%s', (_, dirty, wanted) => {
  expect(toObservation(result({ stdout: dirty }))).toContain(`stdout:\n${wanted}`);
});

test('a sequence that never ends swallows nothing', () => {
  expect(toObservation(result({ stdout: '\x1b]0;abc' }))).toContain('0;abc');
});

test('never longer than asked, never with controls, whatever the output', () => {
  const odd = fc.constantFrom('\x1b[31m', '\x1b]', '\r', '\n', '😀', '\ud83d', '\x07', 'word ');
  const output = fc.string({ unit: fc.oneof(odd, fc.string({ unit: 'binary' })), maxLength: 3_000 });
  fc.assert(fc.property(output, output, fc.integer({ min: 500, max: 3_000 }), fc.nat(5_000), (stdout, stderr, maxCharacters, missing) => {
    const head = { stdout: stdout.slice(0, 100), stderr: '' };
    const characters = { stdout: stdout.length + missing, stderr: stderr.length };
    const said = toObservation(result({ stdout, stderr, head, characters }), { maxCharacters });
    expect(said.length).toBeLessThanOrEqual(maxCharacters);
    expect(said).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    expect(said).not.toMatch(/\p{Surrogate}/u);
  }));
});

test('a long line without any end takes no longer than its length', () => {
  const said = toObservation(result({ stdout: `${'\x1b]'.repeat(50_000)}${'x'.repeat(200_000)}` }), { maxCharacters: 500 });
  expect(said.length).toBeLessThanOrEqual(500);
});
