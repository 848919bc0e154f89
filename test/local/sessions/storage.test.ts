import fs, { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, removeScratch, scratchDirectory, version } from './support';
import { StoredSessions } from '../../../src/local/page/stored-sessions';
import { digestOf, SessionStorageStore } from '../../../src/local/sessions/storage';

const DAY = 24 * 60 * 60 * 1000;
let stateDir: string;
let now: number;
let store: SessionStorageStore;

beforeEach(() => {
  stateDir = scratchDirectory();
  now = 1_800_000_000_000;
  store = new SessionStorageStore(stateDir, () => now);
});

afterEach(removeScratch);

/** Starts a session, says what it finds, and leaves a file. */
function visit(on = version(), of = key()): string[] {
  const [{ hostPath }] = store.open(of, on);
  const found = readdirSync(hostPath);
  writeFileSync(join(hostPath, 'file'), '');
  return found;
}

test('is empty at first and has its files back later', () => {
  expect(visit()).toEqual([]);
  expect(visit()).toEqual(['file']);
});

test('is another one for another session, endpoint or runtime', () => {
  visit();
  expect(visit(version(), key('another-0123456789-0123456789-0123'))).toEqual([]);
  expect(visit(version(), key(undefined, 'pinned'))).toEqual([]);
  expect(visit(version(), key(undefined, undefined, 'other-0123456789'))).toEqual([]);
  expect(digestOf(key('b', 'a'))).not.toBe(digestOf(key('', 'ab')));
});

test('is reset by another version', () => {
  visit();
  expect(visit(version({ version: '2' }))).toEqual([]);
  expect(visit(version({ version: '2' }))).toEqual(['file']);
});

test('is reset after 14 days without a call', () => {
  visit();
  now += 14 * DAY;
  expect(visit()).toEqual(['file']);
  now += 13 * DAY;
  store.touch(key());
  now += 13 * DAY;
  expect(visit()).toEqual(['file']);
  now += 14 * DAY + 1;
  expect(visit()).toEqual([]);
});

test('has a directory for each mount, writable for any user inside', () => {
  const mounts = store.open(key(), version({ storageMounts: ['/mnt/a', '/mnt/b'] }));
  expect(mounts.map(({ mountPath }) => mountPath)).toEqual(['/mnt/a', '/mnt/b']);
  for (const { hostPath } of mounts) expect(statSync(hostPath).mode % 0o1000).toBe(0o777);
  expect(new Set(mounts.map(({ hostPath }) => hostPath)).size).toBe(2);
  expect(store.open(key('x'), version({ storageMounts: [] }))).toEqual([]);
});

test('notes whose it is and when it was used, to the minute', () => {
  visit();
  const noted = () => JSON.parse(readFileSync(join(stateDir, 'storage', digestOf(key()), 'metadata.json'), 'utf8'));
  const note = { key: key(), version: '1', mountPaths: ['/mnt/workspace'] };
  const opened = now;
  now += 59_999;
  store.touch(key());
  expect(noted()).toEqual({ ...note, lastUsed: opened });
  now += 1;
  store.touch(key());
  expect(noted()).toEqual({ ...note, lastUsed: now });
});

test('notes exactly when a session that ends was used last, so that its 14 days are whole ones', () => {
  visit();
  now += 30_000;
  store.touch(key());
  store.settle(key(), now);
  now += 14 * DAY;
  store.expire(() => false);
  expect(visit()).toEqual(['file']);
  now += 14 * DAY + 1;
  store.expire(() => false);
  expect(existsSync(join(stateDir, 'storage', digestOf(key())))).toBe(false);
});

test('has its note on disk before that takes the place of the one before', () => {
  const calls: string[] = [];
  for (const name of ['fsyncSync', 'renameSync'] as const) {
    const real = fs[name] as (...args: unknown[]) => void;
    jest.spyOn(fs, name).mockImplementation((...args: unknown[]) => { calls.push(name); real(...args); });
  }
  try {
    visit();
  } finally {
    jest.restoreAllMocks();
  }
  expect(calls).toEqual(['fsyncSync', 'renameSync']);
});

test('is removed with its endpoint or runtime only', () => {
  visit(version(), key('one'));
  visit(version(), key('one', 'pinned'));
  visit(version(), key('one', 'DEFAULT', 'other-0123456789'));
  store.forget('coder-0123456789', 'pinned');
  expect(visit(version(), key('one', 'pinned'))).toEqual([]);
  expect(visit(version(), key('one'))).toEqual(['file']);
  store.forget('coder-0123456789');
  expect(readdirSync(join(stateDir, 'storage'))).toEqual([digestOf(key('one', 'DEFAULT', 'other-0123456789'))]);
});

test('does not come back to life by a late note', () => {
  visit();
  store.forget('coder-0123456789');
  store.touch(key());
  expect(existsSync(join(stateDir, 'storage', digestOf(key())))).toBe(false);
});

test('names the file that is damaged, rather than losing what is stored beside it', () => {
  const home = join(stateDir, 'storage', digestOf(key()));
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'metadata.json'), '{');
  expect(() => store.open(key(), version())).toThrow(/damaged .*metadata\.json: .*; remove .* to start with empty storage/);
});

test('that which is damaged holds up nothing else', async () => {
  const home = join(stateDir, 'storage', digestOf(key('damaged')));
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'metadata.json'), '');
  visit(version(), key('one'));
  visit(version(), key('other', 'pinned'));
  expect((await new StoredSessions(stateDir).list()).map(({ key: { sessionId } }) => sessionId).sort()).toEqual(['one', 'other']);
  store.forget('coder-0123456789', 'pinned');
  now += 14 * DAY + 1;
  store.expire(() => false);
  expect(readdirSync(join(stateDir, 'storage'))).toEqual([digestOf(key('damaged'))]);
});

test('what a killed server has half written or half removed is cleared away by the next one, and nothing else', () => {
  visit();
  const home = (name: string) => join(stateDir, 'storage', name);
  writeFileSync(join(home(digestOf(key())), 'metadata.json.new'), '{"key":');
  mkdirSync(join(home('half-removed'), 'mounts', 'workspace'), { recursive: true });
  store = new SessionStorageStore(stateDir, () => now);
  expect(readdirSync(join(stateDir, 'storage'))).toEqual([digestOf(key())]);
  expect(readdirSync(home(digestOf(key()))).sort()).toEqual(['metadata.json', 'mounts']);
  expect(visit()).toEqual(['file']);
});
