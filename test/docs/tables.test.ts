import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPermissionsTables } from '../../docs/tables/cli-permissions';
import { withMarked } from '../../docs/tables/marked';

const PERMISSIONS = readFileSync(join(__dirname, '../../docs/permissions.md'), 'utf8');

test('docs/permissions.md has the tables of the CLI; `npm run docs:tables` writes them', () => {
  expect(PERMISSIONS).toBe(withMarked(PERMISSIONS, 'cli-permissions', cliPermissionsTables()));
});

test('a page without the marks is no page to write to', () => {
  expect(() => withMarked('# Permissions', 'cli-permissions', '')).toThrow('the page lacks <!-- cli-permissions:begin -->');
});
