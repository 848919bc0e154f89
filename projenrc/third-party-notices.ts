import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** A package of which some code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As SPDX names it. */
  readonly license: string;
  /** The texts of its licence and of its notice, as it ships them. */
  readonly texts: readonly string[];
}

/** The bundles by their tasks, each with the call of esbuild that makes it. */
export function bundles(): [string, string[]][] {
  const { tasks } = JSON.parse(readFileSync(join(ROOT, '.projen/tasks.json'), 'utf8'));
  return Object.values<any>(tasks).filter(({ name }) => /^bundle:(?!.*:watch$)/.test(name)).map(({ name, steps }) => [name, steps[0].execArgs]);
}

/** The files that a bundle is made of, relative to the root of the project. */
export function inputsOf([esbuild, ...args]: readonly string[]): string[] {
  const home = mkdtempSync(join(tmpdir(), 'bundle-'));
  try {
    const output = [`--outfile=${join(home, 'index.js')}`, `--metafile=${join(home, 'meta.json')}`, '--log-level=error'];
    execFileSync(join(ROOT, 'node_modules/.bin', esbuild), [...args.filter((arg) => !arg.startsWith('--outfile')), ...output], { cwd: ROOT });
    return Object.keys(JSON.parse(readFileSync(join(home, 'meta.json'), 'utf8')).inputs);
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** The packages that some bundle holds code of, by name and version. */
export function bundledPackages(): BundledPackage[] {
  const folders = new Set(bundles().flatMap(([, call]) => inputsOf(call)).flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const found = new Map([...folders].map((folder) => readPackage(join(ROOT, folder))).map((bundled) => [`${bundled.name} ${bundled.version}`, bundled]));
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** What THIRD-PARTY-NOTICES says: each text once, below the packages that it is of. */
export function notices(packages: readonly BundledPackage[] = bundledPackages()): string {
  const byText = new Map<string, BundledPackage[]>();
  for (const bundled of packages) {
    for (const text of bundled.texts) byText.set(text, [...byText.get(text) ?? [], bundled]);
  }
  const parts = [...byText].map(([text, its]) => `${its.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n')}\n\n${text}`);
  return [
    'The functions, the client and the command line of cdk-agentcore-runtime are bundles that hold code of the packages below.\n'
    + 'Written by `npx projen notices`.',
    ...parts,
  ].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n';
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file)).sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').replace(/\r\n/g, '\n').trim());
  const spdx: string = license ?? licenses?.map(({ type }: { type: string }) => type).join(' OR ');
  if (spdx === undefined) throw new Error(`package ${name} says nothing of its licence; look at its repository before it is bundled`);
  return { name, version, license: spdx, texts: texts.length > 0 ? texts : [`Licensed under ${spdx}; the package ships no text of it.`] };
}
