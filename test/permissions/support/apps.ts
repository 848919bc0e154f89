import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemplateJson } from '../../util/stacks';

const ROOT = join(__dirname, '../../..');

/** Files that are apps: the examples, and what is compared with committed templates. */
export function apps(): string[] {
  const examples = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(ROOT, 'examples', entry.name)).includes('app.ts'))
    .map(({ name }) => `examples/${name}/app.ts`);
  const integrations = readdirSync(join(ROOT, 'test/integ')).filter((file) => /^integ\..*\.ts$/.test(file)).map((file) => `test/integ/${file}`);
  return [...examples, ...integrations];
}

/** Runs an app in this process, and returns its templates by the names of their files. */
export function synthesize(app: string): Record<string, TemplateJson> {
  const outdir = mkdtempSync(join(tmpdir(), 'written-policies-'));
  // an app in a file of its own is synthesized when its process ends
  const atEnd: (() => void)[] = [];
  const once = jest.spyOn(process, 'once').mockImplementation((event, listener) => {
    if (event === 'beforeExit') atEnd.push(listener as () => void);
    return process;
  });
  process.env.CDK_OUTDIR = outdir;
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    require(join(ROOT, app));
    atEnd.forEach((synth) => synth());
    return Object.fromEntries(templates(outdir).map((file) => [file.slice(outdir.length + 1), JSON.parse(readFileSync(file, 'utf8'))]));
  } finally {
    delete process.env.CDK_OUTDIR;
    once.mockRestore();
    rmSync(outdir, { recursive: true });
  }
}

function templates(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name)).flatMap((path) => {
    if (statSync(path).isDirectory()) return /asset\./.test(path) ? [] : templates(path);
    return path.endsWith('.template.json') ? [path] : [];
  });
}
