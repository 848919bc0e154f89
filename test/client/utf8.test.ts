import * as fc from 'fast-check';
import { incompleteBytes } from '../../src/client/utf8';

test('whatever is cut off, the rest is whole characters, and nothing is lost', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
    const bytes = Buffer.from(text, 'utf8');
    const first = bytes.subarray(0, bytes.length === 0 ? 0 : at % bytes.length);
    const whole = first.length - incompleteBytes(first);
    expect(first.subarray(0, whole).toString() + bytes.subarray(whole).toString()).toBe(bytes.toString());
  }));
});

test.each([
  ['nothing', [], 0],
  ['a whole character', [0xe2, 0x82, 0xac], 0],
  ['one of two bytes', [0x61, 0xc3], 1],
  ['two of three bytes', [0xe2, 0x82], 2],
  ['three of four bytes', [0xf0, 0x9f, 0x98], 3],
  ['bytes that go on from nothing', [0x82, 0x82, 0x82, 0x82], 0],
  ['a character with one byte too many', [0xc3, 0xa4, 0x82], 0],
])('%s', (_what, bytes, incomplete) => {
  expect(incompleteBytes(Buffer.from(bytes))).toBe(incomplete);
});
