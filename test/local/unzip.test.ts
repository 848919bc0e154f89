import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ZipEntry, zipOf, zipWithName } from './server/support/zip';
import { unzip } from '../../src/local/unzip';

const LINK = 0o120777;

describe('unzip', () => {
  let directory: string;
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'agentcore-unzip-')); });
  afterEach(async () => rm(directory, { recursive: true }));

  async function unpack(zip: Buffer, maxBytes = 1_000_000): Promise<string> {
    const path = join(directory, 'code.zip');
    const target = join(directory, 'tree', 'code');
    await writeFile(path, zip);
    await mkdir(target, { recursive: true });
    await unzip(path, target, maxBytes);
    return target;
  }

  test('keeps names, content, permissions and links within the tree', async () => {
    const target = await unpack(await zipOf([
      { name: 'bin/', mode: 0o40755 },
      { name: 'bin/run', content: '#!/bin/sh', mode: 0o100755 },
      { name: 'secret', content: 's', mode: 0o100600 },
      { name: 'setuid', content: 's', mode: 0o104755 },
      { name: 'lib/a/b.txt', content: 'b' },
      { name: 'link', content: 'lib/a', mode: LINK },
      { name: 'lib/up', content: '../bin/run', mode: LINK },
    ]));
    expect(await readFile(join(target, 'link', 'b.txt'), 'utf8')).toBe('b');
    expect(await readlink(join(target, 'lib', 'up'))).toBe('../bin/run');
    const modes = await Promise.all(['bin/run', 'secret', 'setuid'].map(async (name) => (await stat(join(target, name))).mode % 0o10000));
    expect(modes).toEqual([0o755, 0o600, 0o755]);
  });

  test.each<[string, ZipEntry[], RegExp]>([
    ['an absolute link', [{ name: 'l', content: '/etc', mode: LINK }], /leads to/],
    ['a link that leads out', [{ name: 'a/l', content: '../../out', mode: LINK }], /leads to/],
    ['a link that leads out through another one', [
      { name: 'p/q/r/x', content: '' }, { name: 'p/q/r/s', content: '../../..', mode: LINK }, { name: 't', content: 'p/q/r/s/..', mode: LINK },
    ], /leads to/],
    ['a link to nothing', [{ name: 'l', content: 'absent', mode: LINK }], /leads to/],
    ['a file below a link', [{ name: 'l', content: 'd', mode: LINK }, { name: 'd/x', content: '' }, { name: 'l/y', content: '' }], /twice/],
    ['the same file twice', [{ name: 'a', content: '1' }, { name: 'a', content: '2' }], /twice/],
    ['a device', [{ name: 'd', mode: 0o20666 }], /neither/],
    ['too much', [{ name: 'big', content: 'x'.repeat(1_000_001) }], /more than 1000000 bytes/],
  ])('refuses %s', async (_, entries, message) => {
    await expect(unpack(await zipOf(entries))).rejects.toThrow(message);
    expect(existsSync(join(directory, 'tree', 'out'))).toBe(false);
  });

  test.each([['xx/evil', '../evil'], ['xxxxx', '/evil'], ['xx/xx/evil', '../../evil']])('refuses an entry that lies outside (%s as %s)', async (safe, name) => {
    await expect(unpack(await zipWithName(safe, name))).rejects.toThrow(/invalid relative path|absolute path|outside/);
    expect(existsSync(join(directory, 'tree', 'evil'))).toBe(false);
    expect(existsSync(join(directory, 'evil'))).toBe(false);
  });

  test('refuses whatever is broken, and nothing else happens', async () => {
    const whole = await zipOf([{ name: 'a/b', content: 'some content' }, { name: 'c', content: 'd'.repeat(500) }]);
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      await rm(join(directory, 'tree'), { recursive: true, force: true });
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] + change) % 256;
      // some changes make no difference, the others are told as errors
      await unpack(broken).catch((error) => expect(error.message).toEqual(expect.any(String)));
      await expect(unpack(whole.subarray(0, at))).rejects.toThrow();
    }), { numRuns: 60 });
  });
});
