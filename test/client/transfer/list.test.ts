import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShellSession } from './shell-session';
import { ODD_NAMES } from './trees';
import { list } from '../../../src/client/transfer';
import { modeOf } from '../../../src/client/transfer/download';
import { parseList } from '../../../src/client/transfer/list';

let home: string;
beforeEach(() => { home = mkdtempSync(join(realpathSync(tmpdir()), 'list-')); });
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('whatever names there are', async () => {
  const directory = join(home, 'it\'s "odd"\n$x');
  mkdirSync(directory);
  for (const [n, name] of ODD_NAMES.entries()) writeFileSync(join(directory, name), 'x'.repeat(n));
  const entries = await list(new ShellSession(), directory);
  expect(entries.map(({ name, size }) => [name, size])).toEqual(ODD_NAMES.map((name, n) => [name, n]).sort(([a], [b]) => (a < b ? -1 : 1)));
});

test('more of them than one call of a program can take', async () => {
  for (let n = 0; n < 3_000; n++) writeFileSync(join(home, `${String(n).padStart(5, '0')}${'n'.repeat(100)}`), '');
  const entries = await list(new ShellSession(), home);
  expect(new Set(entries.map(({ name }) => name)).size).toBe(3_000);
});

test('one that goes meanwhile does not spoil the others', () => {
  const names = Buffer.from('a\0b\0c\0').toString('base64');
  expect(parseList(`3\n${names}\n81a4 1 0\ngone\n41ed 4096 5\n`)).toEqual([
    { name: 'a', type: 'file', size: 1, modifiedAt: new Date(0) },
    { name: 'c', type: 'directory', size: 4096, modifiedAt: new Date(5_000) },
  ]);
  expect(() => parseList('2\nYQA=\n')).toThrow('where a line of a directory\'s list was expected');
});

test.each([['missing', 'no', /the session has no/], ['missing', 'file/x', /the session has no/]])('%s: %s', async (fault, name, message) => {
  writeFileSync(join(home, 'file'), '');
  await expect(list(new ShellSession(), join(home, name))).rejects.toMatchObject({ fault, message: expect.stringMatching(message) });
});

test.each([['-rwxr-xr-x', 0o755], ['-rw-r-----.', 0o640], ['-rwsr-sr-t', 0o755], ['-rwSr-Sr-T', 0o644], ['----------', 0]])('permissions %s', (text, mode) => {
  expect(modeOf(text)).toBe(mode);
});
