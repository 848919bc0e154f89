import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { BUNDLE } from '../util/bundle';

interface Machine {
  readonly folder: string;
  /** What the clock shows. */
  readonly now: Date;
  readonly env: NodeJS.ProcessEnv;
}

const ROOT = path.join(__dirname, '../..');
let scratch: string;
let machines: Machine[];

beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'same-'));
  machines = [
    { folder: path.join(scratch, 'a'), now: new Date('2024-02-29T23:59:59Z'), env: { TZ: 'UTC', LANG: 'C', USER: 'alice', HOME: path.join(scratch, 'alice') } },
    {
      folder: path.join(scratch, 'some', 'where else'),
      now: new Date('2031-07-01T04:05:06Z'),
      env: { TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8', USER: 'bob', HOME: path.join(scratch, 'bob'), CI: 'true' },
    },
  ];
  machines.forEach(install);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Puts app and library into the folder of a machine, in the layout of the package: the code two levels deep, assets beside it. */
function install({ folder, now }: Machine): void {
  buildSync({
    entryPoints: [path.join(__dirname, 'app.ts')],
    outfile: path.join(folder, 'lib', 'app', 'app.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['aws-cdk-lib', 'constructs'],
    logLevel: 'error',
  });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  cpSync(BUNDLE, path.join(folder, 'assets', 'provider', 'handler'), { recursive: true });
  mkdirSync(path.join(folder, 'agent'));
  writeFileSync(path.join(folder, 'agent', 'main.js'), 'require("node:http").createServer().listen(8080);\n');
  writeFileSync(path.join(folder, 'setup.sh'), '#!/bin/sh\nset -e\nnpm ci\n');
  for (const file of filesIn(path.join(folder, 'assets')).concat(filesIn(path.join(folder, 'agent')))) utimesSync(file, now, now);
  writeFileSync(path.join(folder, 'clock.js'), `
    const offset = ${now.getTime()} - Date.now();
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...args) { super(...(args.length > 0 ? args : [Real.now() + offset])); }
      static now() { return Real.now() + offset; }
    };
  `);
}

function synth({ folder, env }: Machine): void {
  const [home, temporary] = [env.HOME!, path.join(folder, 'tmp')];
  [home, temporary].forEach((directory) => mkdirSync(directory, { recursive: true }));
  execFileSync(process.execPath, ['--require', path.join(folder, 'clock.js'), path.join(folder, 'lib', 'app', 'app.js'), folder], {
    cwd: folder,
    env: { PATH: process.env.PATH, TMPDIR: temporary, CDK_VALIDATION: 'false', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
  });
}

/** All files below a directory. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(directory, name))
    .filter((name) => statSync(name).isFile())
    .sort();
}

function assembly({ folder }: Machine): Map<string, string> {
  const directory = path.join(folder, 'cdk.out');
  return new Map(filesIn(directory).map((file) => {
    const content = readFileSync(file, 'latin1');
    return [path.relative(directory, file), file.endsWith('.metadata.json') ? withoutCreation(content) : content];
  }));
}

/** CDK itself notes, beside the templates, in which line of which file a construct was created. */
function withoutCreation(metadata: string): string {
  const entries = Object.entries<{ readonly type: string }[]>(JSON.parse(metadata));
  return JSON.stringify(Object.fromEntries(entries.map(([id, notes]) => [id, notes.filter(({ type }) => type !== 'aws:cdk:creationStack')])), undefined, 2);
}

test('an app is the same cloud assembly in every folder, at every time, for everyone, byte for byte', () => {
  machines.forEach(synth);
  const [first, second] = machines.map(assembly);
  expect([...first.keys()].filter((name) => name.endsWith('.template.json'))).toHaveLength(3);
  expect([...second.keys()]).toEqual([...first.keys()]);
  for (const [name, content] of first) {
    if (second.get(name) !== content) throw new Error(`${name} differs:\n${differenceOf(content, second.get(name)!)}`);
  }
  for (const content of first.values()) {
    expect(content).not.toContain(scratch);
    expect(content).not.toContain(ROOT);
    expect(content).not.toContain('2024-02-29');
    expect(content).not.toContain('alice');
  }
});

function differenceOf(one: string, other: string): string {
  const [lines, others] = [one, other].map((text) => text.split('\n'));
  const at = lines.findIndex((line, i) => line !== others[i]);
  return `line ${at + 1}: ${lines[at]?.slice(0, 300)}\n     and: ${others[at]?.slice(0, 300)}`;
}
