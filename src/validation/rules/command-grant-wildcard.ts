import { describe } from '../../service/model/validate';
import { actionsOf } from '../../service/permissions/pairs';
import { textOf } from '../intrinsics';
import { TemplateResource } from '../template';

/** To run a command in a session is to act as the execution role of its runtime. */
const COMMAND_ACTIONS = actionsOf(['InvokeAgentRuntimeCommand', 'InvokeAgentRuntimeCommandShell']);

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
}

/** Policies that allow commands in all runtimes of an account, or of more. */
export function commandGrantWildcard({ type, properties }: TemplateResource): string[] {
  if (!type.startsWith('AWS::IAM::')) return [];
  return documentsOf(properties).flatMap(statementsOf)
    .filter(({ Effect, Action }) => Effect === 'Allow' && listOf(Action).some((action) => allowsCommands(textOf(action))))
    .flatMap(({ Resource }) => listOf(Resource).map(textOf).filter(namesNoRuntime))
    .map((resource) => `commands are allowed on ${describe(resource)}, which is every runtime and so every execution role`);
}

function documentsOf({ PolicyDocument, Policies }: TemplateResource['properties']): unknown[] {
  return [PolicyDocument, ...listOf(Policies).map((policy) => (policy as { readonly PolicyDocument?: unknown } | undefined)?.PolicyDocument)];
}

function statementsOf(document: unknown): Statement[] {
  return listOf((document as { readonly Statement?: unknown } | undefined)?.Statement) as Statement[];
}

/** Not by `*` alone: who may do everything is found by other tools. */
function allowsCommands(action: string): boolean {
  if (!action.toLowerCase().startsWith('bedrock-agentcore:')) return false;
  const pattern = action.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return COMMAND_ACTIONS.some((command) => new RegExp(`^${pattern}$`, 'i').test(command));
}

function namesNoRuntime(resource: string): boolean {
  return resource === '*' || /^arn:[^:]*:(bedrock-agentcore|\*):[^:]*:[^:]*:(\*|runtime\/?\*)/.test(resource) || /^arn:[^:]*:\*$/.test(resource);
}

function listOf(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}
