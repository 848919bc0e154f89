import * as fc from 'fast-check';
import { EscapeKeys } from '../../../src/cli/shell/escape';

/** What all pieces of a text come to. */
function typed(...pieces: string[]): { text: string; left: boolean } {
  const keys = new EscapeKeys();
  let text = '';
  for (const piece of pieces) {
    const { bytes, leaves } = keys.take(Buffer.from(piece));
    text += bytes.toString();
    if (leaves) return { text, left: true };
  }
  return { text, left: false };
}

test.each<[string[], string, boolean]>([
  [['~.'], '', true],
  [['ls\r~.never'], 'ls\r', true],
  [['ls\r', '~', '.'], 'ls\r', true],
  [['~~.'], '~.', false],
  [['~~', '~.'], '~~.', false],
  [['cd ~.'], 'cd ~.', false],
  [['~a\r~b'], '~a\r~b', false],
  [['~\r~.'], '~\r', true],
  [['ä~.\n~.'], 'ä~.\n', true],
])('%j types %j; it leaves: %s', (pieces, text, left) => {
  expect(typed(...pieces)).toEqual({ text, left });
});

test('whatever has no tilde at the beginning of a line arrives as it is, however it is cut', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 5 })), (pieces) => {
    fc.pre(!/(?:^|[\r\n])~/.test(pieces.join('')));
    expect(typed(...pieces)).toEqual({ text: pieces.join(''), left: false });
  }));
});
