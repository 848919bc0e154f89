import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_RECORDS, RecordStore } from '../../../src/cli/known/record-store';

let home: string;
let store: RecordStore<{ readonly n: number }>;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'records-'));
  store = new RecordStore('things', { XDG_STATE_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('what was saved is there, for nobody else', () => {
  expect(store.all()).toEqual([]);
  store.save('a', { n: 1 });
  store.save('a', { n: 2 });
  expect(store.load('a')).toEqual({ n: 2 });
  expect(store.directory).toBe(join(home, 'cdk-agentcore/things'));
  expect((statSync(join(store.directory, 'a.json')).mode % 0o1000).toString(8)).toBe('600');
  store.remove('a');
  expect(store.load('a')).toBeUndefined();
});

test('the oldest ones go where there are too many', () => {
  for (let n = 0; n < MAX_RECORDS; n++) {
    store.save(`key-${n}`, { n });
    utimesSync(join(store.directory, `key-${n}.json`), n + 1, n + 1);
  }
  store.save('one-more', { n: -1 });
  store.save('and-another', { n: -2 });
  expect(readdirSync(store.directory)).toHaveLength(MAX_RECORDS);
  expect([store.load('key-0'), store.load('key-1'), store.load('key-2'), store.load('one-more')]).toEqual([undefined, undefined, { n: 2 }, { n: -1 }]);
});

test('one that was damaged counts for none, and is written anew', () => {
  store.save('a', { n: 1 });
  writeFileSync(join(store.directory, 'a.json'), '{"n":');
  expect(store.all()).toEqual([]);
  store.save('a', { n: 3 });
  expect(store.load('a')).toEqual({ n: 3 });
});

test.each([
  ['no variable', { HOME: '/home/x' }, '/home/x/.local/state/cdk-agentcore/things'],
  ['a relative one, which does not count', { HOME: '/home/x', XDG_STATE_HOME: 'state' }, '/home/x/.local/state/cdk-agentcore/things'],
])('%s', (_, environment, directory) => {
  expect(new RecordStore('things', environment).directory).toBe(directory);
});

test('a key cannot lead elsewhere', () => {
  expect(() => store.save('../x', { n: 1 })).toThrow('is no key');
});
