import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Listing, openBelow, usageBelow } from '../../../src/local/page/storage-files';
import { removeScratch, scratchDirectory } from '../sessions/support';

let root: string;
let outside: string;
beforeEach(() => {
  const scratch = scratchDirectory();
  [root, outside] = [join(scratch, 'root'), join(scratch, 'outside')];
  for (const directory of [root, outside, join(root, 'src')]) mkdirSync(directory);
  writeFileSync(join(root, 'src', 'a.txt'), 'inside');
  writeFileSync(join(outside, 'secret'), 'outside');
});
afterEach(removeScratch);

async function read(...segments: string[]): Promise<string | undefined> {
  const found = await openBelow(root, segments);
  if (found?.kind !== 'file') return found?.kind;
  try {
    return (await found.handle.readFile()).toString();
  } finally {
    await found.handle.close();
  }
}

test('lists directories first, and what entries are', async () => {
  writeFileSync(join(root, 'B'), 'four');
  symlinkSync('/etc/passwd', join(root, 'a'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  const { entries, more } = await openBelow(root, []) as Listing;
  expect(entries).toEqual([
    { name: 'src', kind: 'directory', modifiedAt: expect.any(Number) },
    { name: 'B', kind: 'file', size: 4, modifiedAt: expect.any(Number) },
    { name: 'a', kind: 'link', target: '/etc/passwd', modifiedAt: expect.any(Number) },
    { name: 'pipe', kind: 'other', modifiedAt: expect.any(Number) },
  ]);
  expect(more).toBe(0);
});

test('opens files', async () => {
  expect(await read('src', 'a.txt')).toBe('inside');
  expect(await read('src')).toBe('directory');
});

test.each([
  [['..', 'outside', 'secret']], [['src', '..', '..', 'outside', 'secret']], [['../outside/secret']], [['.']], [['']], [['src', '']], [['src/a.txt']],
  [['a\0b']], [['nothing']], [['src', 'a.txt', 'x']], [['x'.repeat(300)]],
])('shows nothing at %j', async (segments) => {
  expect(await read(...segments)).toBeUndefined();
});

test('follows no link, wherever it leads and wherever it is in the path', async () => {
  symlinkSync(join(outside, 'secret'), join(root, 'file-link'));
  symlinkSync(outside, join(root, 'directory-link'));
  symlinkSync('src', join(root, 'inner-link'));
  expect(await read('file-link')).toBeUndefined();
  expect(await read('directory-link')).toBeUndefined();
  expect(await read('directory-link', 'secret')).toBeUndefined();
  expect(await read('inner-link', 'a.txt')).toBeUndefined();
});

test('does not wait for a pipe, and opens no device', async () => {
  execFileSync('mkfifo', [join(root, 'pipe')]);
  expect(await read('pipe')).toBeUndefined();
});

test('any names: nothing from outside is ever read', async () => {
  symlinkSync(outside, join(root, 'out'));
  const segment = fc.oneof(fc.constantFrom('..', '.', '', 'out', 'src', 'secret', 'outside', 'root', '/', outside, '..%2f'), fc.string());
  await fc.assert(fc.asyncProperty(fc.array(segment, { maxLength: 6 }), async (segments) => {
    expect(['directory', 'inside', undefined]).toContain(await read(...segments));
    const found = await openBelow(root, segments);
    if (found?.kind === 'directory') expect(found.entries.map(({ name }) => name)).not.toContain('secret');
    if (found?.kind === 'file') await found.handle.close();
  }));
});

test('counts files, not what links lead to', async () => {
  symlinkSync(outside, join(root, 'out'));
  linkSync(join(root, 'src', 'a.txt'), join(root, 'b.txt'));
  expect(await usageBelow(root)).toEqual({ files: 2, bytes: 12, more: false });
  expect(await usageBelow(join(root, 'nothing'))).toEqual({ files: 0, bytes: 0, more: false });
});
