import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { leadsOut } from '../../../src/client/transfer/links';

test.each<[boolean, string, Record<string, string>]>([
  [false, 'l', { l: 'file' }],
  [false, 'd/l', { 'd/l': '../file' }],
  [true, 'l', { l: '..' }],
  [true, 'd/l', { 'd/l': '../../x' }],
  [true, 'l', { l: '/etc' }],
  [true, 'l', { l: '' }],
  [false, 'l', { 'l': 'm', 'm': 'd/n', 'd/n': '..' }],
  [true, 'l', { 'l': 'm/..', 'm': 'd/n', 'd/n': '..' }],
  [true, 'l', { l: 'l' }],
  [true, 'l', { l: 'm', m: '/etc' }],
])('leads out: %s, %s of %j', (expected, name, targets) => {
  expect(leadsOut(name, new Map(Object.entries(targets)))).toBe(expected);
});

test('what is said to stay inside does so on a real file system', () => {
  const step = fc.constantFrom('a', 'b', 'c', '..', '.');
  const target = fc.array(step, { minLength: 1, maxLength: 5 }).map((steps) => steps.join('/'));
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'd/a', 'd/c', 'd/e/a'), target, { maxKeys: 5 }), (targets) => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'links-')));
    const root = join(home, 'root');
    try {
      mkdirSync(join(root, 'd/e'), { recursive: true });
      for (const [name, to] of Object.entries(targets)) symlinkSync(to, join(root, name));
      for (const name of Object.keys(targets)) {
        if (leadsOut(name, new Map(Object.entries(targets))) || !existsSync(join(root, name))) continue;
        const real = realpathSync(join(root, name));
        expect(real === root || real.startsWith(root + sep)).toBe(true);
      }
    } finally {
      rmSync(home, { recursive: true });
    }
  }), { numRuns: 200 });
});
