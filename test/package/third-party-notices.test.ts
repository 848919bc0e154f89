import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPackages, notices } from '../../projenrc/third-party-notices';

const ROOT = join(__dirname, '../..');
const FILE = 'THIRD-PARTY-NOTICES';

/** Licences that ask for no more than that they are repeated. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Expat', 'ISC', 'MIT'];

const packages = bundledPackages();

test('the notices name each package that a bundle holds code of; `npx projen notices` writes them', () => {
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['@aws-sdk/client-bedrock-agentcore', 'commander', 'https-proxy-agent', 'ws']));
  expect(readFileSync(join(ROOT, FILE), 'utf8')).toBe(notices(packages));
});

test('a bundle holds code by permissive licences alone', () => {
  expect(packages.filter(({ license }) => !PERMISSIVE.includes(license))).toEqual([]);
});

test('a text that packages share is there once, below all of them', () => {
  const [one, two] = ['one', 'two'].map((name) => ({ name, version: '1.0.0', license: 'MIT', texts: ['the text'] }));
  expect(notices([one, two])).toContain('one 1.0.0 (MIT)\ntwo 1.0.0 (MIT)\n\nthe text\n');
});

test('the package brings the notices along', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  expect(JSON.parse(packed)[0].files.map(({ path }: { path: string }) => path)).toContain(FILE);
});
