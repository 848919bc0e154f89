import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalCli, SESSION } from './support/local-cli';
import { LOGS_OPERATIONS } from '../../src/local/server/logs/logs-model';
import { CONTROL_PLANE_OPERATIONS } from '../../src/service/model/control-plane';
import { DATA_PLANE_OPERATIONS } from '../../src/service/model/data-plane';
import { permissionsOf } from '../../src/service/permissions';
import { CLI_PERMISSIONS, CliPermission, LOOKUP_PERMISSIONS } from '../../src/service/permissions/cli-permissions';
import { SHELL_OPERATION } from '../../src/service/shell';

// what each command really calls, as the local AgentCore counts it

let cli: LocalCli;
let id: string;
let arn: string;
beforeAll(async () => {
  cli = new LocalCli();
  await cli.start();
  id = await cli.createRuntime('coder');
  arn = `arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/${id}`;
});
afterAll(async () => cli.end());

const OPERATIONS = [...Object.keys(CONTROL_PLANE_OPERATIONS), ...Object.keys(DATA_PLANE_OPERATIONS), SHELL_OPERATION, ...LOGS_OPERATIONS];

/** The actions that the calls of a command ask for. A fault that never strikes counts the calls of its operation. */
async function actionsOf(args: readonly string[], input = ''): Promise<string[]> {
  const service = OPERATIONS.map((operation) => ({ kind: 'loseRequest', operation, skip: 1_000_000 }));
  const set = await fetch(`${cli.endpoint}/_local/faults`, { method: 'PUT', body: JSON.stringify({ version: 1, service }) });
  expect(set.status).toBe(200);
  cli.run(args, {}, input);
  const counted = await (await fetch(`${cli.endpoint}/_local/faults`)).json() as { service: { fault: { operation: string }; calls: number }[] };
  const called = counted.service.flatMap(({ calls }, i) => (calls > 0 ? [OPERATIONS[i]] : []));
  const rows = called.map((operation) => (LOGS_OPERATIONS.includes(operation) ? `logs:${operation}` : operation));
  return rows.flatMap((operation) => permissionsOf(operation, new Set()).map(({ action }) => action)).sort();
}

const actionsIn = (permissions: readonly CliPermission[], only: boolean) => [...new Set(
  permissions.filter((permission) => only || permission.only === undefined).map(({ action }) => action).filter((action) => !action.startsWith('cloudformation:')),
)].sort();

const onRuntime = () => ['--runtime', arn, '--session', SESSION];

test.each<[keyof typeof CLI_PERMISSIONS, string, boolean, () => string[]]>([
  ['run', 'in a session', false, () => ['run', ...onRuntime(), '--', 'true']],
  ['run', 'without one', true, () => ['run', '--runtime', arn, '--', 'true']],
  ['run', 'detached', false, () => ['run', '--runtime', arn, '--detach', '--', 'true']],
  ['attach', '', false, () => ['attach']],
  ['ls', '', false, () => ['ls', ...onRuntime(), '/']],
  ['cp', '', false, () => ['cp', ...onRuntime(), join(__dirname, 'cli.test.ts'), ':/tmp/copied']],
  ['shell', 'in a session', false, () => ['shell', ...onRuntime()]],
  ['shell', 'without one', true, () => ['shell', '--runtime', arn]],
  ['invoke', '', false, () => ['invoke', ...onRuntime(), '{}']],
  ['stop', '', false, () => ['stop', ...onRuntime()]],
  ['logs', '', false, () => ['logs', '--runtime', arn]],
  ['doctor', '', false, () => ['doctor', '--runtime', arn]],
  ['sessions', '', false, () => ['sessions']],
])('%s %s asks for what the table says', async (command, _, only, args) => {
  expect(await actionsOf(args(), 'exit\n')).toEqual(actionsIn(CLI_PERMISSIONS[command], only));
});

test.each([
  ['`--runtime` with an id', false, () => ['logs', '--runtime', id]],
  ['`--runtime` with an id', true, () => ['logs', '--runtime', 'gone-a1b2c3d4e5']],
  ['not at all', false, () => ['logs']],
])('a runtime named by %s is found by what the table says', async (how, only, args) => {
  const actions = await actionsOf(args());
  expect(actions.filter((action) => action !== 'logs:FilterLogEvents')).toEqual(actionsIn(LOOKUP_PERMISSIONS[how], only));
});

test('the table has each command that calls a service', () => {
  const commands = [...readFileSync(join(__dirname, '../../src/cli/main.ts'), 'utf8').matchAll(/addCommand\((\w+)Program\(/g)].map(([, name]) => name);
  expect(Object.keys(CLI_PERMISSIONS).sort()).toEqual(commands.filter((name) => !['local', 'completion'].includes(name)).sort());
});

test('the resources of a stack are listed in the stacks that are nested in it, too', () => {
  const rows = [...Object.values<readonly CliPermission[]>(CLI_PERMISSIONS), ...Object.values(LOOKUP_PERMISSIONS)].flat();
  const resources = rows.filter(({ action }) => action === 'cloudformation:ListStackResources').map((row) => row.resources);
  expect(resources).toEqual([['stack', 'nestedStacks'], ['stack', 'nestedStacks']]);
});
