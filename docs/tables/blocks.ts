import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPermissionsTables } from './cli-permissions';
import { grantsTable, operationsTable, whoTable } from './permissions';

const ROOT = join(__dirname, '../..');

/** A part of a page that is written from the code, by the name in its marker. */
interface Block {
  readonly page: string;
  readonly name: string;
  readonly text: () => string;
}

export const BLOCKS: readonly Block[] = [
  { page: 'README.md', name: 'who', text: whoTable },
  { page: 'docs/permissions.md', name: 'operations', text: operationsTable },
  { page: 'docs/permissions.md', name: 'grants', text: grantsTable },
  { page: 'docs/permissions.md', name: 'cli', text: cliPermissionsTables },
];

/** The pages that have blocks. */
export const PAGES: readonly string[] = [...new Set(BLOCKS.map(({ page }) => page))];

/**
 * A page with its blocks as they follow from the code.
 *
 * @throws an error if the page has no marker for one of them
 */
export function withBlocks(page: string): string {
  let text = readFileSync(join(ROOT, page), 'utf8');
  for (const block of BLOCKS.filter((candidate) => candidate.page === page)) text = withBlock(text, block);
  return text;
}

/** Replaces what is between the marker of a block and the end of the block. */
export function withBlock(page: string, { name, text }: Pick<Block, 'name' | 'text'>): string {
  const [begin, end] = [`<!-- table:${name}, by npm run docs:tables -->\n`, '<!-- table:end -->'];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`the page lacks ${begin.trim()} or ${end}`);
  return `${page.slice(0, from)}${begin}\n${text().trimEnd()}\n\n${page.slice(to)}`;
}
