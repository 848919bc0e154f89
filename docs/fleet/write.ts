// Writes the page about fleets at scale, and its picture.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePage } from './page';

const { text, picture } = writePage((line) => process.stderr.write(`${line}\n`));
writeFileSync(join(__dirname, '../fleet-at-scale.md'), text);
writeFileSync(join(__dirname, 'at-scale.svg'), picture);
