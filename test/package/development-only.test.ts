import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundles, inputsOf } from '../../projenrc/third-party-notices';

// docs/decisions/iam-evaluator.md: under the AGPL, so in nothing that users get
const DEVELOPMENT_ONLY = '@cloud-copilot/';

const ROOT = join(__dirname, '../..');
const json = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
test('there are the bundles of both functions, the CLI and the client', () => {
  expect(bundles().map(([name]) => name).sort()).toEqual(['bundle:cli/main', 'bundle:client/index', 'bundle:provider/handler', 'bundle:workflow-handler/handler']);
});

test.each(bundles())('%s takes nothing of it', (_, call) => {
  const inputs = inputsOf(call);
  expect(inputs.length).toBeGreaterThan(1);
  expect(inputs.filter((input) => input.includes(DEVELOPMENT_ONLY))).toEqual([]);
});

test('no source imports it', () => {
  const importing = sources(join(ROOT, 'src')).filter((file) => readFileSync(file, 'utf8').includes(DEVELOPMENT_ONLY));
  expect(importing).toEqual([]);
});

test('the package neither holds it nor depends on it', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const paths: string[] = JSON.parse(packed)[0].files.map(({ path }: { path: string }) => path);
  expect(paths).toContain('package.json');
  expect(paths.filter((path) => path.includes(DEVELOPMENT_ONLY))).toEqual([]);
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {}, bundledDependencies = [] } = json('package.json');
  const wanted = [...Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }), ...bundledDependencies];
  expect(wanted.filter((name: string) => name.startsWith(DEVELOPMENT_ONLY))).toEqual([]);
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : /\.ts$/.test(entry.name) ? [path] : [];
  });
}
