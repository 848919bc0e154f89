import { TemplateJson } from '../util/stacks';

/** A statement of a policy in a template, of a role of a function or of a state machine. */
export interface WrittenStatement {
  /** The same for statements that differ in the names of one app only. */
  readonly kind: string;
  /** Without the prefix that some share. */
  readonly actions: readonly string[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Document {
  Statement: Statement[];
}

/** In the place of a statement that is taken out: a policy without any would not be valid. */
const NOTHING: Statement = { Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' };

/** The statements of all roles that functions and state machines of a template have. */
export function statementsIn(template: TemplateJson): WrittenStatement[] {
  return documentsIn(template).flatMap(({ caller, document }) =>
    document.Statement.map((statement) => ({ kind: kindOf(caller, statement), actions: [statement.Action].flat() })));
}

/** Takes all statements of a kind out of a template. */
export function takeOut(template: TemplateJson, kind: string): void {
  for (const { caller, document } of documentsIn(template)) {
    document.Statement = document.Statement.map((statement) => (kindOf(caller, statement) === kind ? NOTHING : statement));
  }
}

/** The policies of the roles of functions and state machines. */
function documentsIn(template: TemplateJson): { readonly caller: string; readonly document: Document }[] {
  const callers = callersIn(template);
  return Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties }]) => {
    const roles: string[] = Type === 'AWS::IAM::Role' ? [logicalId] : (Properties?.Roles ?? []).map((role: any) => role.Ref);
    const caller = roles.map((role) => callers.get(role)).find((found) => found !== undefined);
    if (caller === undefined) return [];
    const documents = Type === 'AWS::IAM::Role' ? (Properties.Policies ?? []).map((policy: any) => policy.PolicyDocument) : [Properties.PolicyDocument];
    return documents.map((document: Document) => ({ caller, document }));
  });
}

/** The roles of functions and of state machines, with what they are the roles of. */
function callersIn({ Resources: resources }: TemplateJson): Map<string, string> {
  return new Map(Object.values(resources).flatMap(({ Type, Properties }) => {
    const arn = { 'AWS::Lambda::Function': Properties?.Role, 'AWS::StepFunctions::StateMachine': Properties?.RoleArn }[Type];
    const role: string | undefined = arn?.['Fn::GetAtt']?.[0];
    const caller = role === undefined ? undefined : callerOf(role);
    return caller === undefined ? [] : [[role!, caller] as const];
  }));
}

/** What has a role of this library, by the name or the logical id of the role; undefined for other roles. */
export function callerOf(role: string): string | undefined {
  if (/CdkAgentCoreRuntimeProvider/.test(role)) return 'provider';
  if (/CdkAgentCoreRuntimeWorkflow/.test(role)) return 'workflow function';
  return /StateMachineRole/.test(role) ? 'state machine' : undefined;
}

/** A statement with the names of one app taken out of it. */
function kindOf(caller: string, statement: Statement): string {
  const text = JSON.stringify(statement)
    .replace(/(runtime|workload-identity)\/\w+-(\?{10}|\w{10})/g, '$1/NAME')
    .replace(/runtime-endpoint\/(?!DEFAULT)\w+/g, 'runtime-endpoint/NAME')
    .replace(/"Fn::GetAtt":\["\w+?(Provider|Workflow)?(LogGroup|Function|Role|StateMachine)?[0-9A-F]{8}\w*"/g, '"Fn::GetAtt":["$1$2"')
    .replace(/"Ref":"\w+?(StateMachine)?[0-9A-F]{8}\w*"/g, '"Ref":"$1"');
  return `${caller}: ${text}`;
}
