import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ALIGNMENT, cutPieces, inWindow, MAX_PIECE_BYTES, Piece } from '../../../src/client/transfer/pieces';
import { Base64Decoder } from '../../../src/client/transfer/receive';

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function cut(chunks: readonly Buffer[], options: Parameters<typeof cutPieces>[1]): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of cutPieces(from(chunks), options)) pieces.push(piece);
  return pieces;
}

test('pieces put together are what was cut, whatever it is', async () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
    fc.nat(300_000).map((length) => Buffer.alloc(length, 'repeated text ')),
  );
  const capacities = fc.integer({ min: 1400, max: 65_000 });
  const chunkLists = fc.array(chunk, { maxLength: 6 });
  await fc.assert(fc.asyncProperty(chunkLists, fc.boolean(), capacities, fc.nat(5), async (chunks, gzip, capacity, blocks) => {
    const pieces = await cut(chunks, { from: blocks * ALIGNMENT, capacity, gzip });
    const parts = pieces.map(({ base64, gzip: packed }) => (packed ? gunzipSync(Buffer.from(base64, 'base64')) : Buffer.from(base64, 'base64')));
    expect(Buffer.concat(parts).equals(Buffer.concat(chunks))).toBe(true);
    let offset = blocks * ALIGNMENT;
    for (const [n, { length, base64, ...piece }] of pieces.entries()) {
      expect([piece.offset, piece.offset % ALIGNMENT, length]).toEqual([offset, 0, parts[n].length]);
      expect(length).toBeLessThanOrEqual(MAX_PIECE_BYTES);
      expect(base64.length).toBeLessThanOrEqual(capacity);
      offset += length;
    }
  }), { numRuns: 60 });
});

test('none is begun further ahead of the oldest than the window is wide', async () => {
  const waiting: (() => void)[] = [];
  const begun: number[] = [];
  const done = inWindow(from([0, 1, 2, 3, 4]), 3, (n) => {
    begun.push(n);
    return new Promise<void>((resolve) => { waiting[n] = resolve; });
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  waiting[1]();
  waiting[2]();
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  waiting[0]();
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  waiting[3]();
  waiting[4]();
  await done;
});

test('after a failure nothing is begun, and what is under way is waited for', async () => {
  let slow = false;
  const begun: number[] = [];
  await expect(inWindow(from([0, 1, 2, 3]), 2, async (n) => {
    begun.push(n);
    if (n === 0) throw new Error('no');
    await new Promise((resolve) => setImmediate(resolve));
    slow = true;
  })).rejects.toThrow('no');
  expect([begun, slow]).toEqual([[0, 1], true]);
});

test('base64 may be broken anywhere, with line ends or without', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), fc.array(fc.nat(700)), fc.boolean(), (bytes, cuts, lines) => {
    const text = Buffer.from(bytes).toString('base64').replace(/.{76}/g, lines ? '$&\n' : '$&') + (lines ? '\n' : '');
    const decoder = new Base64Decoder();
    const points = [0, ...cuts.map((at) => Math.min(at, text.length)).sort((a, b) => a - b), text.length];
    const decoded = points.slice(1).map((to, n) => decoder.take(text.slice(points[n], to)));
    expect(Buffer.concat(decoded).equals(Buffer.from(bytes))).toBe(true);
  }));
});
