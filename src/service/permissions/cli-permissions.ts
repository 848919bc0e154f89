import { permissionsOf } from '.';
import { Permission } from './permission';
import { ResourceKind } from './resources';

/** One permission that a person or a program needs for a command of the CLI. */
export interface CliPermission extends Pick<Permission, 'action' | 'source'> {
  /** It is asked for on each of these. */
  readonly resources: readonly (ResourceKind | 'stack' | 'nestedStacks')[];
  /** When the command asks for it; always if undefined. */
  readonly only?: string;
}

const CLOUDFORMATION = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html';
const NO_CIRCUMSTANCES = new Set<never>();

/** What a call of an operation asks for, as the table of operations says it. */
function of(operation: string, only?: string): CliPermission[] {
  return permissionsOf(operation, NO_CIRCUMSTANCES).map(({ action, resources, source }) => ({ action, resources, source, ...(only && { only }) }));
}

function ofStack(action: string, only?: string): CliPermission {
  return { action: `cloudformation:${action}`, resources: ['stack'], source: CLOUDFORMATION, ...(only && { only }) };
}

/** The resources of a stack are listed with those of the stacks that are nested in it. */
function listResources(only?: string): CliPermission {
  return { ...ofStack('ListStackResources', only), resources: ['stack', 'nestedStacks'] };
}

const WITHOUT_SESSION = 'without `--session`';

/** What each command of the CLI asks for once it knows the ARN of the runtime. */
export const CLI_PERMISSIONS = {
  run: [...of('InvokeAgentRuntimeCommand'), ...of('StopRuntimeSession', 'without `--session` and `--detach`')],
  attach: of('InvokeAgentRuntimeCommand'),
  cp: of('InvokeAgentRuntimeCommand'),
  ls: of('InvokeAgentRuntimeCommand'),
  shell: [...of('InvokeAgentRuntimeCommandShell'), ...of('StopRuntimeSession', WITHOUT_SESSION)],
  invoke: of('InvokeAgentRuntime'),
  stop: of('StopRuntimeSession'),
  logs: [...of('logs:FilterLogEvents'), listResources('with `--provider`')],
  doctor: [
    ...of('ListAgentRuntimes'),
    ...of('GetAgentRuntime'),
    ...of('GetAgentRuntimeEndpoint'),
    ...of('logs:FilterLogEvents'),
    ...of('InvokeAgentRuntimeCommand'),
    ...of('StopRuntimeSession'),
  ],
  sessions: [],
} as const satisfies Readonly<Record<string, readonly CliPermission[]>>;

/** What finding the runtime asks for, by how it is named. */
export const LOOKUP_PERMISSIONS: Readonly<Record<string, readonly CliPermission[]>> = {
  '`--runtime` with an ARN; `--outputs-file`': [],
  '`--runtime` with an id': [...of('GetAgentRuntime'), ...of('ListAgentRuntimes', 'for the message if there is no such runtime')],
  '`--stack`; `--runtime` with a path or a logical id': [
    listResources(), ofStack('DescribeStacks', 'if the runtime is known from an output alone'), ...of('GetAgentRuntime'),
  ],
  'not at all': of('ListAgentRuntimes'),
};

/**
 * What to do about a denied call.
 *
 * @param operation of the table of operations
 * @param on the resource, in words or by name
 */
export function remedyForDenial(operation: string, on: string): string {
  return `allow ${of(operation).map(({ action }) => action).join(' and ')} on ${on}`;
}
