import * as fc from 'fast-check';
import { WholeCharacters } from '../../src/client/whole-characters';

test('wherever a text is cut, its pieces are whole and all of it is there', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(20)), (text, cuts) => {
    const whole = new WholeCharacters();
    const pieces: string[] = [];
    let rest = text;
    for (const cut of cuts) {
      pieces.push(whole.take(rest.slice(0, cut)));
      rest = rest.slice(cut);
    }
    pieces.push(whole.take(rest), whole.end());
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) expect(Buffer.from(piece).toString()).toBe(piece);
  }));
});

test('a half that stays alone is not lost', () => {
  const whole = new WholeCharacters();
  expect([whole.take('a\ud83d'), whole.take('b'), whole.take('\ud83d'), whole.end(), whole.end()]).toEqual(['a', '\ud83db', '', '\ud83d', '']);
});
