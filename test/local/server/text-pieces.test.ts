import fc from 'fast-check';
import { textPieces } from '../../../src/local/server/data/text-pieces';

test('pieces are small, make up the text, and split no character', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 16, max: 200 }), (text, maxBytes) => {
    const pieces = textPieces(text, maxBytes);
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) {
      expect(piece).not.toBe('');
      expect(Buffer.byteLength(JSON.stringify(piece))).toBeLessThanOrEqual(maxBytes);
      // a half of a surrogate pair would come back as something else
      expect(Buffer.from(piece, 'utf8').toString('utf8')).toBe(piece);
    }
  }));
});
