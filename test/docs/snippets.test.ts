import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, blocksOf, pages } from './pages';

// All `ts` blocks of the pages, type-checked as one program: each in the place that the fixture of the README has for it.

/** What only pages need that are deeper than the README. */
const MORE = `
import { CfnResource, FileSystem } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { AgentRuntimeProps } from 'cdk-agentcore-runtime';
declare const props: AgentRuntimeProps;
declare function migrate(endpoint: string): Promise<void>;
`;

const [BEFORE, AFTER] = readFileSync(join(ROOT, 'rosetta/default.ts-fixture'), 'utf8').split('/// here');
const SNIPPETS = pages().flatMap((page) => blocksOf(page, 'ts').map(({ line, code }) => ({ name: `${page.name}:${line}`, code })));
const FOLDER = join(ROOT, 'test/docs/snippets');

/** The text of a module for a snippet; imports come before all else. */
function moduleOf(code: string): string {
  const lines = code.split('\n');
  const isImport = (line: string) => line.startsWith('import ');
  return [...lines.filter(isImport), MORE, BEFORE, ...lines.filter((line) => !isImport(line)), AFTER].join('\n');
}

function faults(snippets: readonly { readonly name: string; readonly code: string }[]): string[] {
  const files = new Map(snippets.map(({ name, code }, i) => [join(FOLDER, `${i}.ts`), { name, text: moduleOf(code) }]));
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson({
    ...config.compilerOptions,
    rootDir: '.',
    noEmit: true,
    noUnusedLocals: false,
    paths: {
      'cdk-agentcore-runtime': ['./src/index.ts'],
      'cdk-agentcore-runtime/client': ['./src/client/api/index.ts'],
      'cdk-agentcore-runtime/testing': ['./src/testing/index.ts'],
    },
  }, ROOT);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const own = files.get(file);
    return own ? ts.createSourceFile(file, own.text, version) : getSourceFile(file, version, ...rest);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([file, { name }]) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ start, messageText }) => {
      const { line } = ts.getLineAndCharacterOfPosition(source, start!);
      return `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}: ${source.text.split('\n')[line].trim()}`;
    });
  });
}

test('all snippets compile, and one that does not is found', () => {
  const wrong = { name: 'wrong', code: "new SessionStorage(stack, 'Workspace', { mountpath: '/mnt/workspace' });" };
  const [last, ...others] = faults([...SNIPPETS, wrong]).reverse();
  expect(others).toEqual([]);
  expect(last).toContain("wrong: Object literal may only specify known properties, but 'mountpath' does not exist");
});

test('there are snippets', () => {
  expect(SNIPPETS.length).toBeGreaterThan(20);
});
