import { Compute } from '../../../src/local/sessions/driver';
import { onEnd } from '../../../src/local/sessions/on-end';

function compute() {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => { end = resolve; });
  return { compute: { ended } as Compute, end: async () => { end(); await ended; } };
}

test('tells all who still want to know, once', async () => {
  const { compute: one, end } = compute();
  const told: string[] = [];
  onEnd(one, () => told.push('a'));
  const forget = onEnd(one, () => told.push('b'));
  onEnd(one, () => told.push('c'));
  forget();
  await end();
  expect(told).toEqual(['a', 'c']);
});

test('who comes after the end is told as well', async () => {
  const { compute: one, end } = compute();
  onEnd(one, () => undefined);
  await end();
  await expect(new Promise<void>((resolve) => { onEnd(one, resolve); })).resolves.toBeUndefined();
});

test('one compute is not another', async () => {
  const [first, second] = [compute(), compute()];
  const told: string[] = [];
  onEnd(first.compute, () => told.push('first'));
  onEnd(second.compute, () => told.push('second'));
  await second.end();
  expect(told).toEqual(['second']);
});
