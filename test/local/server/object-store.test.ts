import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ObjectStore } from '../../../src/local/server/artifacts/object-store';
import * as durable from '../../../src/local/server/durable-file';

const NAME = { bucket: 'assets', key: 'some/key.zip' };

let stateDir: string;
let store: ObjectStore;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'objects-test-'));
  store = await ObjectStore.open(stateDir);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(stateDir, { recursive: true });
});

const put = async (content: string) => store.put(NAME, Readable.from([Buffer.from(content)]));

test('an object that is read stays as it is when another one takes its place', async () => {
  await put('short');
  const found = (await store.read(NAME))!;
  await put('much longer');
  expect([found.size, await text(found.content())]).toEqual([5, 'short']);
  await found.close();
  const next = (await store.read(NAME))!;
  expect(await text(next.content())).toBe('much longer');
  await next.close();
});

test('the name of a bucket is on disk before its first object is acknowledged', async () => {
  const synced = jest.spyOn(durable, 'syncDirectory');
  await put('one');
  expect(synced.mock.calls.map(([path]) => path)).toEqual([join(stateDir, 'objects'), join(stateDir, 'objects', 'assets')]);
  await put('two');
  expect(synced).toHaveBeenCalledTimes(3);
});
