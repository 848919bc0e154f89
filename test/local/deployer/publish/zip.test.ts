import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { zipDirectory } from '../../../../src/local/deployer/publish/zip';
import { unzip } from '../../../../src/local/unzip';
import { scratchDirectory, writeFiles } from '../scratch';

function sampleDirectory(): string {
  const directory = writeFiles(scratchDirectory(), { 'index.js': 'x', 'bin/run': '#!/bin/sh\n', 'b/c.txt': 'grüße' });
  chmodSync(join(directory, 'bin/run'), 0o755);
  chmodSync(join(directory, 'b/c.txt'), 0o640);
  symlinkSync('../bin/run', join(directory, 'b/link'));
  mkdirSync(join(directory, 'empty'));
  return directory;
}

test('a packed directory unpacks to the same files, modes and links', async () => {
  const target = scratchDirectory();
  writeFileSync(join(target, 'code.zip'), await buffer(await zipDirectory(sampleDirectory())));
  const unpacked = join(target, 'unpacked');
  await unzip(join(target, 'code.zip'), unpacked, 1_000);
  expect(readFileSync(join(unpacked, 'b/c.txt'), 'utf8')).toBe('grüße');
  expect(statSync(join(unpacked, 'bin/run')).mode.toString(8)).toBe('100755');
  expect(statSync(join(unpacked, 'b/c.txt')).mode.toString(8)).toBe('100640');
  expect(lstatSync(join(unpacked, 'b/link')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(unpacked, 'b/link'))).toBe('../bin/run');
  expect(statSync(join(unpacked, 'empty')).isDirectory()).toBe(true);
});

test('equal content gives equal bytes, whenever it was written and in whatever time zone', async () => {
  const [first, second] = [sampleDirectory(), sampleDirectory()];
  utimesSync(join(second, 'index.js'), new Date(0), new Date(0));
  expect((await buffer(await zipDirectory(first))).equals(await buffer(await zipDirectory(second)))).toBe(true);
});
