import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages';
import { RULES } from '../../src/validation/rules';

const PAGE = readFileSync(join(ROOT, 'docs/validation.md'), 'utf8');
const rowsOf = (text: string) => text.split('\n').filter((line) => /^\| `\w+` \|/.test(line));
const nameOf = (row: string) => /^\| `(\w+)`/.exec(row)![1];

test('the page has each rule of templates as it is', () => {
  const [, table] = /^<!-- rules:.*\n([^]*?)^<!-- end of rules -->$/m.exec(PAGE)!;
  expect(rowsOf(table)).toEqual(RULES.map(({ name, severity, fix }) => `| \`${name}\` | ${severity} | ${fix} |`));
});

test('the page has each rule that the code names, once, and no other', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'));
  const named = sources.flatMap((source) => [
    ...source.matchAll(/\b(?:byRule|ruleId)\('(\w+)'/g), ...source.matchAll(/^const RULE = '(\w+)'/gm), ...source.matchAll(/'cdk-agentcore-runtime:([a-z]\w+)'/g),
  ].map(([, name]) => name));
  // which is the key of a context
  const rules = new Set([...RULES.map(({ name }) => name), ...named.filter((name) => name !== 'availabilityZoneIds')]);
  expect(rowsOf(PAGE).map(nameOf).sort()).toEqual([...rules].sort());
});
