// Writes the tables that the documentation takes from the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPermissionsTables } from './cli-permissions';
import { withMarked } from './marked';

const page = join(__dirname, '../permissions.md');
writeFileSync(page, withMarked(readFileSync(page, 'utf8'), 'cli-permissions', cliPermissionsTables()));
