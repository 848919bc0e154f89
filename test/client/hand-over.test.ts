import { HandOver } from '../../src/client/hand-over';

test('the maker is ahead by one at most', async () => {
  const pieces = new HandOver<number>();
  const order: string[] = [];
  const making = (async () => {
    for (const piece of [1, 2, 3]) {
      await pieces.put(piece);
      order.push(`put ${piece}`);
    }
    pieces.close();
  })();
  for (let piece = await pieces.take(); piece; piece = await pieces.take()) {
    order.push(`took ${piece}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await making;
  const ahead = order.map((_, i) => order.slice(0, i + 1).reduce((sum, what) => sum + (what.startsWith('put') ? 1 : -1), 0));
  expect(Math.max(...ahead)).toBeLessThanOrEqual(1);
  expect(order.filter((what) => what.startsWith('took'))).toEqual(['took 1', 'took 2', 'took 3']);
});

test('who waits is let go', async () => {
  const closed = new HandOver<number>();
  const taking = closed.take();
  closed.close();
  expect(await taking).toBeUndefined();
  expect(await closed.take()).toBeUndefined();
  await closed.put(1);
  const left = new HandOver<number>();
  const putting = left.put(1);
  left.abandon();
  await putting;
  expect(await left.take()).toBeUndefined();
});
