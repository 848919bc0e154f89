// Draws each `*.ansi` of this folder as the SVG of the same name.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECORDINGS } from './recordings';
import { drawTerminal } from './terminal';

for (const { name, title } of RECORDINGS) {
  writeFileSync(join(__dirname, `${name}.svg`), drawTerminal(readFileSync(join(__dirname, `${name}.ansi`), 'utf8'), title));
  console.log(`${name}.svg`);
}
