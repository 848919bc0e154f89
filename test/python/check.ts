// Synthesizes the Python examples and the TypeScript ones, in several contexts, and compares the templates. The Python bindings are the
// generated ones, of this library as of aws-cdk-lib. They need the jsii runtime of Python: where that is not installed, a stand-in
// takes its place. Takes the compiled library.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { Kernel } from './kernel';

const ROOT = join(__dirname, '../..');
const MODULES = join(ROOT, 'node_modules');
const EXAMPLES = join(ROOT, 'examples');
const BOUND = ['aws-cdk-lib', 'constructs', '@aws-cdk/cloud-assembly-schema', '@aws-cdk/asset-awscli-v1', '@aws-cdk/asset-node-proxy-agent-v6'];

/** An app in both languages, and the contexts that it reads. */
interface Example {
  readonly folder: string;
  readonly stack: string;
  readonly contexts: readonly object[];
}

const APPS: readonly Example[] = [
  { folder: 'coding-agent', stack: 'CodingAgent', contexts: [{}, { team: 'agents', mood: 'eager', check: 'true' }] },
  { folder: 'overnight-agent', stack: 'OvernightAgent', contexts: [{ remote: 'https://git.example.com/other.git' }] },
];
const CASES = APPS.flatMap((app) => app.contexts.map((context) => ({ app, context })));

function python(...args: string[]): boolean {
  return spawnSync('python3', args, { cwd: tmpdir(), stdio: 'ignore' }).status === 0;
}

/** Generates the bindings of a package; gives the folder to import them from. */
async function bindings(folder: string, home: string): Promise<string> {
  const outdir = join(home, relative(ROOT, folder).replace(/\W/g, '_') || 'own');
  const args = ['--target', 'python', '--code-only', '--no-npmignore', '--no-runtime-type-checking', '--outdir', outdir, folder];
  await promisify(execFile)(process.execPath, [join(MODULES, 'jsii-pacmak/bin/jsii-pacmak'), ...args]);
  return join(outdir, 'python', 'src');
}

function assembly(outdir: string, { stack }: Example): { readonly template: object; readonly assets: string[] } {
  const json = (file: string) => JSON.parse(readFileSync(join(outdir, file), 'utf8'));
  return { template: json(`${stack}.template.json`), assets: Object.keys(json(`${stack}.assets.json`).files).filter((hash) => !hash.includes('template')) };
}

async function synthTypeScript(outdir: string, { folder }: Example, context: object): Promise<void> {
  await promisify(execFile)(process.execPath, [join(MODULES, 'ts-node/dist/bin.js'), '--transpile-only', '--project', '../tsconfig.json', 'app.ts'], {
    cwd: join(EXAMPLES, folder),
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
}

async function synthPython(outdir: string, { folder }: Example, context: object, imports: readonly string[], real: boolean): Promise<void> {
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    PYTHONPATH: [...imports, ...(real ? [] : [join(__dirname, 'stand-in')])].join(delimiter),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const program = spawn('python3', ['app.py'], { cwd: join(EXAMPLES, 'python', folder), env, stdio: real ? 'inherit' : ['pipe', 'pipe', 'inherit'] });
  if (real) {
    const code = await new Promise((done, fail) => program.once('exit', done).once('error', fail));
    if (code !== 0) throw new Error(`the Python example ends with ${code}`);
    return;
  }
  // the app of the example is made in this process
  Object.assign(process.env, { CDK_OUTDIR: env.CDK_OUTDIR, CDK_CONTEXT_JSON: env.CDK_CONTEXT_JSON });
  const load = createRequire(join(ROOT, 'lib/index.js'));
  const code = await new Kernel((name) => load(name === 'cdk-agentcore-runtime' ? ROOT : name)).serve(program);
  if (code !== 0) throw new Error(`the Python example ends with ${code}`);
}

async function main(home: string): Promise<void> {
  const own = await bindings(ROOT, home);
  console.log('the Python bindings are generated');
  if (!python('--version')) {
    console.log('NOT DONE: there is no python3, so neither the bindings nor the Python example were compiled, nor templates compared');
    return;
  }
  execFileSync('python3', ['-m', 'compileall', '-q', own], { stdio: 'inherit' });
  console.log('the Python bindings compile');
  const real = python('-c', 'import jsii, publication, typing_extensions');
  if (!real) console.log("NOT DONE: Python's own jsii runtime is not installed; a stand-in takes its place, which does not check the types of arguments");
  const outdirs = (index: number) => ['typescript', 'python'].map((language) => join(home, `${language}-${index}`));
  const [imports] = await Promise.all([
    Promise.all(BOUND.map(async (name) => bindings(join(MODULES, name), home))),
    ...CASES.map(async ({ app, context }, index) => synthTypeScript(outdirs(index)[0], app, context)),
  ]);
  for (const [index, { app, context }] of CASES.entries()) {
    const [typescript, inPython] = outdirs(index);
    await synthPython(inPython, app, context, [own, ...imports], real);
    if (!isDeepStrictEqual(assembly(typescript, app), assembly(inPython, app))) {
      spawnSync('diff', ['-u', ...[typescript, inPython].map((outdir) => join(outdir, `${app.stack}.template.json`))], { stdio: 'inherit' });
      throw new Error(`the templates of ${app.folder} differ with the context ${JSON.stringify(context)}`);
    }
    console.log(`${app.folder} in TypeScript and Python synthesizes the same template with the context ${JSON.stringify(context)}`);
  }
}

const home = mkdtempSync(join(tmpdir(), 'python-'));
main(home)
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => rmSync(home, { recursive: true, force: true }));
