import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages';
import { PAGES, withBlock, withBlocks } from '../../docs/tables/blocks';
import { whoTable } from '../../docs/tables/permissions';
import * as operations from '../../src/provider/contract/operations';
import { actionsOf } from '../../src/service/permissions/pairs';

test.each(PAGES)('%s has the tables as they follow from the code; `npm run docs:tables` writes them', (page) => {
  expect(readFileSync(join(ROOT, page), 'utf8')).toBe(withBlocks(page));
});

test('a page without the marker is no page to write to', () => {
  expect(() => withBlock('# Permissions', { name: 'cli', text: () => '' })).toThrow('the page lacks <!-- table:cli, by npm run docs:tables -->');
});

test('the README names each action that the provider may be allowed', () => {
  const named = [...whoTable().matchAll(/`(?:[\w-]+:)?(\w+)`/g)].map(([, name]) => name);
  const allowed = actionsOf(Object.values(operations).flat(), ['tags', 'code', 'codeVersion', 'capacityProvider', 'vpc']);
  expect(allowed.map((action) => action.split(':')[1]).filter((name) => !named.includes(name))).toEqual([]);
});
