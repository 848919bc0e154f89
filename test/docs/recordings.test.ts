import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages';
import { RECORDINGS } from '../../docs/recordings/recordings';
import { drawTerminal } from '../../docs/recordings/terminal';

const DIRECTORY = join(ROOT, 'docs/recordings');
const read = (name: string) => readFileSync(join(DIRECTORY, name), 'utf8');

test('there is a capture and a picture for each recording, and no other', () => {
  const names = readdirSync(DIRECTORY).filter((name) => !name.endsWith('.ts')).sort();
  expect(names).toEqual(RECORDINGS.flatMap(({ name }) => [`${name}.ansi`, `${name}.svg`]).sort());
});

test.each(RECORDINGS.map(({ name, title }) => [name, title]))('%s.svg is what its capture gives; if not, draw it again by docs/recordings/draw.ts', (name, title) => {
  expect(read(`${name}.svg`)).toBe(drawTerminal(read(`${name}.ansi`), title));
});

test.each(RECORDINGS.map(({ name, lines }) => [name, lines] as const))('%s shows the lines that are typed today, and no place of the machine that it was made on', (name, lines) => {
  const text = read(`${name}.ansi`).replace(/\x1b\[[\d;]*m/g, '');
  for (const line of lines) expect(text).toContain(`$ ${line}\n`);
  expect(text).not.toMatch(/\/tmp\/|127\.0\.0\.1|node:internal|Error:/);
});

test('colours, bold and dim text, and columns', () => {
  const svg = drawTerminal('\x1b[32m$\x1b[39m \x1b[1m<b>\x1b[0m  x\x1b[2my\n', 'a "title"');
  expect(svg).toContain('style="fill:#3fb950">$</text>');
  expect(svg).toContain('style="font-weight:700">&lt;b&gt;</text>');
  expect(svg).toContain('style="opacity:0.6">y</text>');
  expect(svg).toContain('<title id="title">a &quot;title&quot;</title>');
  // the sixth and seventh cell, 8.4 pixels each, after the margin
  expect([...svg.matchAll(/<text x="([\d.]+)"/g)].map(([, x]) => Number(x))).toEqual([18, 34.8, 76.8, 85.2]);
});
