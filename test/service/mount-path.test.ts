import * as fc from 'fast-check';
import { normalizeMountPath, validateMountPath } from '../../src/service/mount-path';

test.each([
  '/mnt/a', '/mnt/workspace', '/mnt/workspace/', '/mnt/.cache', '/mnt/...', '/mnt/a-b_c.d', `/mnt/${'x'.repeat(195)}`,
])('%s is allowed', (path) => {
  expect(validateMountPath(path)).toEqual([]);
});

test.each([
  '', '/mnt', '/mnt/', '/mnt//', '/mnt/.', '/mnt/..', '/mnt/./', '/mnt/../', '/mnt/a/b', '/mnt/a//', 'mnt/a', '/data/a', '/mnt/a b', '/mnt/ä', '/mnt/a\n',
  `/mnt/${'x'.repeat(196)}`,
])('%j is refused, with the value and what is allowed', (path) => {
  expect(validateMountPath(path).join()).toContain(JSON.stringify(path.length > 80 ? path.slice(0, 40) : path).slice(0, 40));
});

test('one level of the allowed characters, and nothing else', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,195}$/);
  fc.assert(fc.property(name, fc.boolean(), (directory, slash) => {
    const path = `/mnt/${directory}${slash ? '/' : ''}`;
    const own = directory !== '.' && directory !== '..' && path.length <= 200;
    expect(validateMountPath(path).length === 0).toBe(own);
  }));
});

test('normalising is idempotent, keeps the verdict and drops one slash at most', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map((text) => `/mnt/${text}`), fc.string().map((text) => `/mnt/${text}/`)), (path) => {
    const normal = normalizeMountPath(path);
    expect(normalizeMountPath(normal)).toBe(normal);
    if (validateMountPath(path).length === 0) expect(normal.endsWith('/')).toBe(false);
  }));
});
