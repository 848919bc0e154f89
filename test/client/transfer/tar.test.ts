import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ODD_NAMES, oddFolder, snapshot } from './trees';
import { encodeHeader, padding, TarHeader, TRAILER } from '../../../src/client/transfer/tar-format';
import { readTar } from '../../../src/client/transfer/tar-read';
import { OutsideLinks, unpack } from '../../../src/client/transfer/unpack';

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'tar-')); });
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Entry extends Partial<TarHeader> {
  readonly name: string;
  readonly content?: string;
}

function archiveOf(...entries: readonly Entry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap(({ content = '', ...header }) => {
      const bytes = Buffer.from(content);
      return [encodeHeader({ type: 'file', mode: 0o644, size: bytes.length, ...header }), bytes, padding(bytes.length)];
    }),
    TRAILER,
  ]);
}

async function withArchive<T>(bytes: Buffer, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const path = join(home, 'archive');
  writeFileSync(path, bytes);
  const file = await open(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function unpacked(bytes: Buffer, outsideLinks: OutsideLinks = 'refuse') {
  const root = join(home, 'root');
  mkdirSync(root);
  return withArchive(bytes, (file) => unpack(file, bytes.length, root, outsideLinks));
}

async function entriesOf(bytes: Buffer) {
  return withArchive(bytes, async (file) => {
    const entries = [];
    for await (const entry of readTar(file, bytes.length)) entries.push(entry);
    return entries;
  });
}

test('what is written is read', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter((text) => !/\0/.test(text) && Buffer.from(text).toString() === text && !text.endsWith('/'));
  const header = fc.record({
    name, type: fc.constantFrom('file' as const, 'directory' as const, 'link' as const), mode: fc.integer({ min: 0, max: 0o777 }), target: name,
  });
  await fc.assert(fc.asyncProperty(fc.array(header, { maxLength: 6 }), async (headers) => {
    const wanted = headers.map((one) => ({ ...one, target: one.type === 'link' ? one.target : '' }));
    const read = await entriesOf(archiveOf(...wanted));
    expect(read.map(({ position, size, ...rest }) => rest)).toEqual(wanted);
  }), { numRuns: 100 });
});

test('sizes beyond eight GiB', async () => {
  const size = 9 * 2 ** 30;
  const [entry] = await withArchive(archiveOf({ name: 'large', size }), async (file) => {
    for await (const found of readTar(file, size + 4096)) return [found];
    return [];
  });
  expect(entry).toMatchObject({ name: 'large', size });
});

test.each(['gnu', 'pax', 'ustar', 'v7'])('archives of GNU tar in format %s', async (format) => {
  const source = join(home, 'source');
  if (format === 'gnu' || format === 'pax') {
    oddFolder(source);
  } else {
    mkdirSync(join(source, 'sub'), { recursive: true });
    writeFileSync(join(source, 'sub/f'), 'x', { mode: 0o755 });
  }
  const { stdout } = spawnSync('tar', [`--format=${format}`, '-cf', '-', '-C', source, '.'], { maxBuffer: 2 ** 26 });
  await unpacked(stdout);
  expect(snapshot(join(home, 'root'))).toEqual(snapshot(source));
});

test('hard links become files of their own', async () => {
  const source = join(home, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'a'), 'shared', { mode: 0o755 });
  spawnSync('ln', [join(source, 'a'), join(source, 'b')]);
  const { stdout } = spawnSync('tar', ['-cf', '-', '-C', source, '.']);
  await unpacked(stdout);
  expect(snapshot(join(home, 'root'))).toEqual(snapshot(source));
  expect(statSync(join(home, 'root/a')).nlink).toBe(1);
});

test('own archives are read by GNU tar', () => {
  const bytes = archiveOf(...ODD_NAMES.map((name, n) => ({ name: `./${name}`, content: `${n}` })), { name: './l', type: 'link', target: 't'.repeat(300), mode: 0o777 });
  mkdirSync(join(home, 'out'));
  expect(spawnSync('tar', ['-xmpf', '-', '-C', join(home, 'out')], { input: bytes }).status).toBe(0);
  expect(readdirSync(join(home, 'out')).sort()).toEqual([...ODD_NAMES, 'l'].sort());
});

describe('hostile archives are refused, and nothing gets out', () => {
  const link = (name: string, target: string): Entry => ({ name, type: 'link', target });

  test.each<[string, Entry[]]>([
    ['a name that goes up', [{ name: '../evil', content: 'x' }]],
    ['a name that goes up from within', [{ name: './a/../../evil', content: 'x' }]],
    ['an absolute name', [{ name: '/tmp/evil', content: 'x' }]],
    ['a directory that goes up', [{ name: '../evil/', type: 'directory' }]],
    ['a file through a link', [link('a', '..'), { name: 'a/evil', content: 'x' }]],
    ['a file through a link that comes later', [{ name: 'a/evil', content: 'x' }, link('a', '..')]],
    ['a file in the place of a link', [link('a', '../evil'), { name: 'a', content: 'x' }]],
    ['a link in the place of a file', [{ name: 'a', content: 'x' }, link('a', 'b')]],
    ['a file twice', [{ name: 'a', content: 'x' }, { name: './a', content: 'y' }]],
    ['a file below a file', [{ name: 'a', content: 'x' }, { name: 'a/b', content: 'y' }]],
    ['an absolute link', [link('a', '/etc/passwd')]],
    ['a link that goes up', [link('a', '../evil')]],
    ['a link that goes up through another one', [{ name: 'd/e/', type: 'directory' }, link('d/e/l', '../..'), link('out', 'd/e/l/../evil')]],
    ['links in a circle', [link('a', 'b'), link('b', 'a')]],
    ['another name of a file outside', [{ name: 'a', type: 'hardlink', target: '../../etc/passwd' }]],
    ['another name of a link', [link('l', 'a'), { name: 'b', type: 'hardlink', target: 'l' }]],
    ['a file as the root', [{ name: '.', content: 'x' }]],
    ['a null character in a long name', [{ name: `${'a'.repeat(120)}\0/../../evil`, type: 'hardlink', target: 'x' }]],
  ])('%s', async (_, entries) => {
    await expect(unpacked(archiveOf(...entries))).rejects.toMatchObject({ name: 'TransferError', fault: 'hostile' });
    expect(readdirSync(home).sort()).toEqual(['archive', 'root']);
  });

  test.each<[string, () => Buffer]>([
    ['no archive', () => Buffer.from('x'.repeat(2000))],
    ['half a header', () => archiveOf({ name: 'a', content: 'x' }).subarray(0, 700).subarray(0, 300)],
    ['half a file', () => archiveOf({ name: 'a', content: 'x'.repeat(2000) }).subarray(0, 1024)],
    ['no end', () => archiveOf({ name: 'a', content: 'x' }).subarray(0, 1024)],
    ['a wrong checksum', () => { const bytes = archiveOf({ name: 'a' }); bytes[0] = 0x62; return bytes; }],
    ['an endless name', () => Buffer.concat([encodeHeader({ name: 'a', type: 'file', mode: 0, size: 2 ** 40 }), TRAILER])],
  ])('%s', async (_, bytes) => {
    await expect(unpacked(bytes())).rejects.toMatchObject({ fault: 'hostile', message: expect.stringMatching(/no archive that can be unpacked|breaks off/) });
  });

  test('any bytes are refused or unpacked within the root', async () => {
    const good = archiveOf({ name: './d/', type: 'directory' }, { name: './d/f', content: 'content' }, link('l', 'd/f'), { name: `./${'n'.repeat(150)}`, content: 'x' });
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      rmSync(join(home, 'root'), { recursive: true, force: true });
      await unpacked(bytes).catch((error) => expect(error).toMatchObject({ name: 'TransferError' }));
      expect(readdirSync(home).sort()).toEqual(['archive', 'root']);
    }), { numRuns: 100 });
  });

  test('links that lead out are left out on demand, others stay', async () => {
    const result = await unpacked(archiveOf({ name: 'f', content: 'x' }, link('in', 'f'), link('out', '/etc/passwd'), link('via', 'out')), 'skip');
    expect(result).toEqual({ files: 1, skipped: ['out', 'via'] });
    expect(readdirSync(join(home, 'root')).sort()).toEqual(['f', 'in']);
    expect(readFileSync(join(home, 'root/in'), 'utf8')).toBe('x');
  });
});
