// Compiles the library against the newest aws-cdk-lib and constructs, and runs the tests of the constructs with them, in a copy of the
// tree: the tree itself stays at the floor. Tests can be named, as for jest.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const MODULES = join(ROOT, 'node_modules');
const NEWEST = ['aws-cdk-lib', 'constructs'];
const TESTS = ['runtime', 'storage', 'command', 'endpoint', 'observability', 'validation', 'testing'];
const LEFT_OUT = ['.git', 'node_modules', 'coverage', 'dist', 'lib', 'test-reports', '.jsii', '.jsii.tabl.json', 'tsconfig.tsbuildinfo'];

/** The packages in a `node_modules`, those in scopes too. */
function packagesIn(modules: string): string[] {
  return readdirSync(modules).filter((name) => !name.startsWith('.'))
    .flatMap((name) => (name.startsWith('@') ? readdirSync(join(modules, name)).map((member) => `${name}/${member}`) : [name]));
}

function manifestOf(modules: string, name: string): { readonly version?: string; readonly peerDependencies?: object } {
  const file = join(modules, name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** Whether a package would find the aws-cdk-lib of the tree, were it only linked to. */
function usesCdk(name: string): boolean {
  return NEWEST.some((peer) => peer in (manifestOf(MODULES, name).peerDependencies ?? {}));
}

function run(cwd: string, program: string, args: readonly string[]): void {
  console.log(`$ ${program.split('/').pop()} ${args.join(' ')}`);
  execFileSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CDK_VALIDATION: 'false', CI: 'true' } });
}

const home = realpathSync(mkdtempSync(join(tmpdir(), 'newest-')));
try {
  const installed = join(home, 'installed');
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "private": true }');
  run(installed, 'npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', ...NEWEST.map((name) => `${name}@latest`)]);

  const copy = join(home, 'copy');
  const modules = join(copy, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(ROOT).filter((entry) => !LEFT_OUT.includes(entry))) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  const newest = packagesIn(join(installed, 'node_modules'));
  for (const name of new Set([...packagesIn(MODULES), ...newest])) {
    const target = join(modules, name);
    mkdirSync(join(target, '..'), { recursive: true });
    if (newest.includes(name)) cpSync(join(installed, 'node_modules', name), target, { recursive: true });
    else if (usesCdk(name)) cpSync(join(MODULES, name), target, { recursive: true });
    else symlinkSync(join(MODULES, name), target);
  }
  console.log(NEWEST.map((name) => `${name} ${manifestOf(MODULES, name).version} -> ${manifestOf(modules, name).version}`).join(', '));

  run(copy, process.execPath, [join(MODULES, 'jsii/bin/jsii'), '--silence-warnings=reserved-word']);
  const tests = process.argv.slice(2);
  run(copy, process.execPath, [join(MODULES, 'jest/bin/jest.js'), '--reporters=default', '--ci', ...(tests.length > 0 ? tests : TESTS.map((folder) => `test/${folder}/`))]);
} finally {
  rmSync(home, { recursive: true, force: true });
}
