// Writes the tables that the documentation takes from the code.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGES, withBlocks } from './blocks';

for (const page of PAGES) writeFileSync(join(__dirname, '../..', page), withBlocks(page));
