import { App, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { AgentRuntime, RuntimeGrants } from '../../src';
import * as operations from '../../src/provider/contract/operations';
import { PERMISSIONS } from '../../src/service/permissions';
import { pairsOf } from '../../src/service/permissions/pairs';
import { Circumstance, Permission } from '../../src/service/permissions/permission';
import { ResourceKind, ResourceNames } from '../../src/service/permissions/resources';

/** In words, where the ARN would say less. */
const KINDS: Readonly<Partial<Record<ResourceKind, string>>> = {
  all: '`*`',
  anyRuntime: '`runtime/*`',
  runtime: '`runtime/<name>-??????????`',
  endpoint: 'its endpoint',
  identityDirectory: 'the directory of workload identities',
  anyIdentity: '`workload-identity/*` in it',
  identity: 'its identity in it',
  executionRole: 'the execution role',
  identityRole: 'the service-linked role of runtime identity',
  networkRole: 'that of the network',
  instancesRole: 'that of instances',
  object: 'the object with the code',
  key: 'the key',
  capacityProvider: 'the capacity provider',
  logGroup: 'its own log group',
  logStream: 'its own log group',
  function: 'itself',
};

const WHEN: Readonly<Record<Circumstance, string>> = {
  tags: 'with tags',
  code: 'with code',
  codeVersion: 'with a version of the code',
  encrypted: "under a customer's key",
  capacityProvider: 'on a capacity provider',
  vpc: 'in a VPC',
  userId: 'for a user',
};

interface Use {
  readonly who: string;
  readonly operations: readonly string[];
  readonly kinds: readonly ResourceKind[];
  readonly circumstances?: readonly Circumstance[];
  /** Where the kinds say it less well. */
  readonly on?: string;
}

const WITHOUT_ID: readonly ResourceKind[] = ['anyRuntime', 'identityDirectory', 'anyIdentity'];

/** What the provider does, as the README lists it. */
const USES: readonly Use[] = [
  { who: 'provider, always', operations: operations.LEDGER_OPERATIONS, kinds: ['logGroup', 'logStream'], on: 'its own log group' },
  { who: '', operations: operations.SEARCH_OPERATIONS, kinds: ['all'] },
  { who: 'provider, to create runtimes', operations: operations.CONFIGURATION_OPERATIONS, kinds: WITHOUT_ID },
  { who: '', operations: ['CreateAgentRuntime'], kinds: WITHOUT_ID, circumstances: ['tags'] },
  {
    who: '',
    operations: operations.CONFIGURATION_OPERATIONS,
    kinds: ['identityRole', 'networkRole', 'instancesRole'],
    circumstances: ['vpc', 'capacityProvider'],
    on: "the service's own roles for runtime identity, network and instances",
  },
  {
    who: 'provider, for code',
    operations: operations.CONFIGURATION_OPERATIONS,
    kinds: ['object'],
    circumstances: ['code', 'codeVersion'],
    on: 'the bucket of assets; with `fromS3` the one object, and its version if there is one',
  },
  { who: 'provider, per runtime', operations: operations.CONFIGURATION_OPERATIONS, kinds: ['executionRole'], on: 'the execution role, to AgentCore only' },
  { who: '', operations: operations.CONFIGURATION_OPERATIONS, kinds: ['capacityProvider'], circumstances: ['capacityProvider'], on: 'its capacity provider' },
  { who: '', operations: operations.RUNTIME_OPERATIONS, kinds: ['runtime', 'endpoint', 'identityDirectory', 'identity'] },
  { who: 'provider, per command', operations: operations.COMMAND_OPERATIONS, kinds: ['runtime', 'endpoint'], on: 'the runtime and the one endpoint' },
  { who: 'provider, per gated endpoint', operations: operations.PROMOTION_OPERATIONS, kinds: ['runtime', 'endpoint'] },
  { who: 'provider, commands over 14 minutes', operations: operations.LONG_COMMAND_OPERATIONS, kinds: ['function'] },
];

const NAMES = Object.fromEntries([
  'partition', 'region', 'account', 'runtimeId', 'bucketName', 'objectKey', 'executionRoleArn', 'capacityProviderArn', 'logGroupName', 'logStreamName', 'functionArn',
].map((name) => [name, name])) as unknown as ResourceNames;

/** What the provider may do, for the README. */
export function whoTable(): string {
  return table(['provider', 'actions', 'on'], USES.flatMap(({ who, operations: called, kinds, circumstances, on }) => {
    const pairs = pairsOf({ operations: called, kinds, names: NAMES, circumstances });
    const only = circumstances?.includes('tags') ? pairs.filter(({ action }) => action.endsWith(':TagResource')) : pairs;
    const rows = on === undefined ? byKinds(only) : [{ actions: [...new Set(only.map(({ action }) => action))], kinds: [] }];
    return rows.map(({ actions, kinds: found }, i) => [
      i === 0 ? who.replace(/^provider, /, '') : '',
      `${short(actions)}${circumstances?.includes('tags') ? ", with this stack's tag only" : ''}`,
      on ?? found.map((kind) => KINDS[kind]).join(', '),
    ]);
  }));
}

/** The actions of each set of resources, each action once. */
function byKinds(pairs: readonly { readonly action: string; readonly kind: ResourceKind }[]): { readonly actions: string[]; readonly kinds: ResourceKind[] }[] {
  const kindsOf = (action: string) => pairs.filter((pair) => pair.action === action).map(({ kind }) => kind);
  const groups = new Map<string, { readonly actions: string[]; readonly kinds: ResourceKind[] }>();
  for (const action of new Set(pairs.map((pair) => pair.action))) {
    const kinds = kindsOf(action);
    const group = groups.get(kinds.join()) ?? { actions: [], kinds };
    group.actions.push(action);
    groups.set(kinds.join(), group);
  }
  return [...groups.values()];
}

/** What each operation that the provider calls asks for. */
export function operationsTable(): string {
  const called = [...new Set(Object.values(operations).flat())];
  return table(['operation', 'asks for', 'on', 'if'], called.flatMap((operation) => PERMISSIONS[operation].map((permission: Permission, i) => [
    i === 0 ? `\`${operation}\`` : '',
    `[\`${permission.action}\`](${permission.source})`,
    permission.resources.map((kind) => KINDS[kind]!).join(', '),
    permission.when ? WHEN[permission.when] : '',
  ])));
}

/** The methods of `RuntimeGrants`. */
export function grantsTable(): string {
  const others = ['constructor', 'actions', 'granted'];
  const methods = Object.getOwnPropertyNames(RuntimeGrants.prototype).filter((name) => !others.includes(name));
  return table(['method', 'actions (`bedrock-agentcore:`)'], methods.map((method) => [`\`${method}\``, short(actionsOfGrant(method)).replace('bedrock-agentcore:', '')]));
}

function actionsOfGrant(method: string): string[] {
  const stack = new Stack(new App(), 'Stack');
  const runtime = AgentRuntime.fromAgentRuntimeArn(stack, 'Runtime', 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/coder-0123456789');
  const grants = RuntimeGrants.fromRuntime(runtime) as unknown as Readonly<Record<string, (grantee: Role) => { readonly principalStatements: { readonly actions: string[] }[] }>>;
  const { principalStatements } = grants[method](new Role(stack, 'Caller', { assumedBy: new AccountRootPrincipal() }));
  return principalStatements.flatMap(({ actions }) => actions);
}

/** Each service's name once. */
function short(actions: readonly string[]): string {
  const named = new Set<string>();
  return actions.map((action) => {
    const [service, name] = action.split(':');
    const text = named.has(service) ? name : action;
    named.add(service);
    return `\`${text}\``;
  }).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|\n`;
  return `${line(head)}|${head.map(() => '---|').join('')}\n${rows.map(line).join('')}`;
}
