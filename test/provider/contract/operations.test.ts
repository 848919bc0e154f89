import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as operations from '../../../src/provider/contract/operations';
import { PERMISSIONS } from '../../../src/service/permissions';

const PROVIDER = join(__dirname, '../../../src/provider');

/** What the sources of the provider call of the control plane by itself, and of CloudWatch Logs. */
function called(): string[] {
  const sources = readdirSync(PROVIDER).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(PROVIDER, name), 'utf8'));
  return sources.flatMap((source) => [
    ...[...source.matchAll(/new (\w+?)Command\(\{|paginate(\w+)\(\{/g)].map(([, command, page]) => command ?? page),
    ...[...source.matchAll(/this\.call\('(\w+)'/g)].map(([, name]) => `logs:${name}`),
  ]);
}

test('all operations that the provider calls are named, and no others', () => {
  // by the client, which has its own tests, and by one signed call
  const elsewhere = [...operations.COMMAND_OPERATIONS, ...operations.LONG_COMMAND_OPERATIONS];
  const named = Object.values(operations).flat().filter((operation) => !elsewhere.includes(operation as never));
  expect([...new Set(named)].sort()).toEqual([...new Set(called())].sort());
});

test('all of them have a row in the table of permissions', () => {
  for (const operation of Object.values(operations).flat()) expect(PERMISSIONS).toHaveProperty([operation]);
});
