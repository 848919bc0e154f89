import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeScratch, scratchDirectory } from './support';
import { heldLocks, lockKey, parseLocks } from '../../../src/local/sessions/held-locks';
import { walkStorage } from '../../../src/local/sessions/storage-walk';
import { SESSION_STORAGE } from '../../../src/service/quotas';
import { DEVICES } from '../../util/devices';
import { testWith } from '../../util/needs';

let directory: string;
beforeEach(() => { directory = scratchDirectory(); });
afterEach(removeScratch);

const write = (name: string, text = '') => writeFileSync(join(directory, name), text);

test('counts files, and their bytes once', async () => {
  mkdirSync(join(directory, 'a/b'), { recursive: true });
  write('a/b/five', '12345');
  write('sparse');
  truncateSync(join(directory, 'sparse'), 2_000_000_000);
  symlinkSync('five', join(directory, 'a/b/link'));
  linkSync(join(directory, 'a/b/five'), join(directory, 'again'));
  const { bytes, files, found } = await walkStorage([directory]);
  expect({ bytes, files, found: [...found] }).toEqual({ bytes: 2_000_000_005, files: 6, found: [['hardLink', expect.arrayContaining(['a/b/five', 'again'])]] });
});

test('is nothing where there is nothing', async () => {
  expect(await walkStorage([])).toEqual({ bytes: 0, files: 0, lastChange: 0, found: new Map() });
  expect(await walkStorage([join(directory, 'gone')])).toMatchObject({ bytes: 0, files: 0 });
});

test('finds what lies too deep, and not what lies just so deep', async () => {
  const deep = Array.from({ length: SESSION_STORAGE.depth + 1 }, () => 'd');
  mkdirSync(join(directory, ...deep), { recursive: true });
  expect([...(await walkStorage([directory])).found]).toEqual([['deeper', [deep.join('/')]]]);
});

test('finds what is no file, directory or symbolic link', async () => {
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  expect(Object.fromEntries((await walkStorage([directory])).found)).toEqual({ fifo: ['pipe'] });
});

testWith([DEVICES], 'finds device files', async () => {
  execFileSync('mknod', [join(directory, 'null'), 'c', '1', '3']);
  expect(Object.fromEntries((await walkStorage([directory])).found)).toEqual({ device: ['null'] });
});

test('finds what has changed since', async () => {
  write('old');
  const { lastChange } = await walkStorage([directory]);
  expect((await walkStorage([directory], { changedAfter: lastChange })).found.size).toBe(0);
  expect(lastChange).toBe(Math.max(statSync(directory).ctimeMs, statSync(join(directory, 'old')).ctimeMs));
  expect((await walkStorage([directory], { changedAfter: lastChange - 1 })).found.get('early')).toContain('old');
});

test('finds what is locked', async () => {
  write('free');
  write('held');
  const { dev, ino } = statSync(join(directory, 'held'));
  expect((await walkStorage([directory], { locked: new Set([lockKey(dev, ino)]) })).found.get('locked')).toEqual(['held']);
});

test('lets others have their turn', async () => {
  for (let n = 0; n < 1_200; n++) write(`f${n}`);
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  expect((await walkStorage([directory])).files).toBe(1_200);
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(2);
});

test('reads the kernel\'s list of locks', () => {
  const text = [
    '1: POSIX  ADVISORY  WRITE 708 08:01:1234 0 EOF',
    '2: FLOCK  ADVISORY  WRITE 1532 fe:00:99 0 EOF',
    '2: -> FLOCK  ADVISORY  WRITE 1533 fe:00:98 0 EOF',
    '3: OFDLCK ADVISORY  READ  -1 00:2a:7 0 10',
    '4: LEASE  ACTIVE    READ  12 08:01:5 0 EOF', '',
  ].join('\n');
  expect(parseLocks(text)).toEqual(['8:1:1234', '254:0:99', '0:42:7']);
  expect(lockKey(0xfe00, 99)).toBe('254:0:99');
  expect(lockKey(0x2a, 7)).toBe('0:42:7');
  expect(lockKey(0x12308045, 1)).toBe(`${0x080}:${0x12345}:1`);
  expect(Array.isArray(heldLocks())).toBe(true);
});
