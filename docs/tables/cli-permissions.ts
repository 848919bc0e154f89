import { CLI_PERMISSIONS, CliPermission, LOOKUP_PERMISSIONS } from '../../src/service/permissions/cli-permissions';

const WORDS: Readonly<Partial<Record<CliPermission['resources'][number], string>>> = {
  all: '`*`',
  runtime: 'runtime',
  endpoint: 'endpoint',
  logGroup: 'log group',
  stack: 'stack',
  nestedStacks: 'those nested in it',
};

/** The part of docs/permissions.md about the CLI. */
export function cliPermissionsTables(): string {
  const commands = Object.entries(CLI_PERMISSIONS).map(([command, permissions]) => rows(`\`${command}\``, permissions));
  const lookups = Object.entries(LOOKUP_PERMISSIONS).map(([how, permissions]) => rows(how, permissions));
  const sources = [...Object.values<readonly CliPermission[]>(CLI_PERMISSIONS), ...Object.values(LOOKUP_PERMISSIONS)].flat().map(({ source }) => source);
  return [
    '| command | action | on |',
    '|---|---|---|',
    ...commands.flat(),
    '',
    '| the runtime is named by | action | on |',
    '|---|---|---|',
    ...lookups.flat(),
    '',
    `Sources: ${[...new Set(sources)].sort().map((source) => `<${source}>`).join(', ')}`,
  ].join('\n');
}

function rows(name: string, permissions: readonly CliPermission[]): string[] {
  if (permissions.length === 0) return [`| ${name} | none | |`];
  return permissions.map(({ action, resources, only }, i) => {
    const on = resources.map((resource) => WORDS[resource] ?? resource).join(' and ');
    return `| ${i === 0 ? name : ''} | \`${action}\`${only ? `, ${only}` : ''} | ${on} |`;
  });
}
