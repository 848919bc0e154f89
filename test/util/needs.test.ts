import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, isInstalled, lackOf, testWith } from './needs';

const MET = { lack: 'never said', isMet: true };

let bin: string;
beforeEach(() => { bin = mkdtempSync(join(tmpdir(), 'needs-')); });
afterEach(() => rmSync(bin, { recursive: true }));

test('a program is installed if a file on the PATH can be run', () => {
  writeFileSync(join(bin, 'tool'), '#!/bin/sh\n');
  mkdirSync(join(bin, 'folder'));
  expect(['tool', 'folder', 'absent'].map((name) => isInstalled(name, `/nowhere:${bin}`))).toEqual([false, false, false]);
  chmodSync(join(bin, 'tool'), 0o755);
  expect(['tool', 'folder', 'absent'].map((name) => isInstalled(name, `/nowhere:${bin}`))).toEqual([true, false, false]);
  expect(isInstalled('tool', '')).toBe(false);
});

test('the first lack is told', () => {
  expect(lackOf([])).toBeUndefined();
  expect(lackOf(['sh', MET])).toBeUndefined();
  expect(lackOf(['sh', 'no-such-program', { lack: 'the moon is not full', isMet: false }])).toBe('no-such-program is not installed');
  expect(lackOf([MET, { lack: 'the moon is not full', isMet: false }, 'no-such-program'])).toBe('the moon is not full');
});

describe('what is skipped', () => {
  const skipped = { test: jest.spyOn(test, 'skip').mockImplementation(), describe: jest.spyOn(describe, 'skip').mockImplementation() };
  const body = jest.fn();
  testWith(['no-such-program'], 'a test', body);
  describeWith([{ lack: 'the moon is not full', isMet: false }], 'a group', body);
  const titles = [...skipped.test.mock.calls, ...skipped.describe.mock.calls].map(([title]) => title);
  skipped.test.mockRestore();
  skipped.describe.mockRestore();

  test('names what it lacks', () => {
    expect(titles).toEqual(['a test (skipped: no-such-program is not installed)', 'a group (skipped: the moon is not full)']);
    expect(body).not.toHaveBeenCalled();
  });
});

describeWith([MET], 'what is not skipped', () => {
  let ran = 0;
  testWith(['sh', MET], 'runs', () => { ran++; });
  test('really', () => expect(ran).toBe(1));
});
