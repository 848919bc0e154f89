import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');

/** A page of the documentation; its name is its path from the root. */
export interface Page {
  readonly name: string;
  readonly text: string;
}

/** All pages that people write; API.md is generated. */
export function pages(): Page[] {
  const below = (directory: string) => readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' }).map((name) => `${directory}/${name}`);
  return [...readdirSync(ROOT), ...below('docs'), ...below('examples')]
    .map((name) => name.replace(/\\/g, '/'))
    .filter((name) => name.endsWith('.md') && name !== 'API.md' && !/node_modules|cdk\.out/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));
}

/** The blocks of code of a language in a page, with the line that each begins at. */
export function blocksOf({ text }: Page, language: string): { readonly line: number; readonly code: string }[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(({ index, 2: code }) => ({ line: text.slice(0, index).split('\n').length + 1, code }));
}

/** A page without its blocks of code. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```[^]*?^```$/gm, '');
}
