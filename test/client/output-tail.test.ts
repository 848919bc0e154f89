import * as fc from 'fast-check';
import { OutputTail } from '../../src/client/output-tail';

test('keeps the end, in pieces of any size, without half characters', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 })), fc.integer({ min: 1, max: 50 }), (chunks, limit) => {
    const tail = new OutputTail(limit);
    chunks.forEach((chunk) => tail.append(chunk));
    const whole = chunks.join('');
    expect(whole.endsWith(tail.text)).toBe(true);
    expect(tail.text.length).toBeLessThanOrEqual(limit);
    expect(tail.truncated).toBe(whole.length > limit);
    if (!tail.truncated) expect(tail.text).toBe(whole);
    expect(tail.text).not.toMatch(/\p{Surrogate}/u);
  }));
});

test('whatever the pieces, it is the end of the whole', () => {
  fc.assert(fc.property(fc.array(fc.string({ maxLength: 6_000, unit: 'binary-ascii' }), { maxLength: 40 }), fc.nat(9_000), (pieces, limit) => {
    const tail = new OutputTail(limit);
    for (const piece of pieces) tail.append(piece);
    const whole = pieces.join('');
    expect(tail.text).toBe(limit >= whole.length ? whole : whole.slice(whole.length - limit));
    expect(tail.truncated).toBe(whole.length > limit);
  }), { numRuns: 50 });
});
