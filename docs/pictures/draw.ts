// Draws each `*.txt` of this folder as the SVG of the same name.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draw } from './picture';

for (const name of readdirSync(__dirname).filter((file) => file.endsWith('.txt'))) {
  const target = name.replace(/txt$/, 'svg');
  writeFileSync(join(__dirname, target), draw(readFileSync(join(__dirname, name), 'utf8')));
  console.log(target);
}
