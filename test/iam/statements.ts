import { TemplateJson } from '../util/stacks';

/** Where a statement stands in a template. */
export interface StatementSite {
  /** The logical id of the policy, or of the role that has it inline. */
  readonly logicalId: string;
  /** The logical ids of the roles that have it. */
  readonly roles: readonly string[];
  readonly statement: Statement;
  /** The same for statements of one kind: without the names that differ from app to app. */
  readonly kind: string;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

interface Document {
  Statement: Statement[];
}

/** In the place of a statement that is taken out: a policy without any would not be valid. */
const NOTHING: Statement = { Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' };

/** The statements of all roles that functions and state machines of a template have. */
export function statementsIn(template: TemplateJson): StatementSite[] {
  const callers = callersIn(template);
  return documentsIn(template).flatMap(({ logicalId, roles, document }) => {
    const judged = roles.filter((role) => callers.has(role));
    if (judged.length === 0) return [];
    return document.Statement.map((statement) => ({ logicalId, roles: judged, statement, kind: kindOf(callers.get(judged[0])!, statement) }));
  });
}

/** Takes one statement out of a template, wherever it stands in the policies of these roles. */
export function takeOut(template: TemplateJson, { roles, statement }: StatementSite): void {
  const text = JSON.stringify(statement);
  for (const { roles: holders, document } of documentsIn(template)) {
    if (!holders.some((role) => roles.includes(role))) continue;
    document.Statement = document.Statement.map((each) => (JSON.stringify(each) === text ? NOTHING : each));
  }
}

/** The roles of functions and of state machines, with what they are the roles of. */
function callersIn({ Resources: resources }: TemplateJson): Map<string, string> {
  return new Map(Object.entries(resources).flatMap(([logicalId, { Type, Properties }]) => {
    const arn = { 'AWS::Lambda::Function': Properties?.Role, 'AWS::StepFunctions::StateMachine': Properties?.RoleArn }[Type];
    const role = arn?.['Fn::GetAtt']?.[0];
    return role === undefined ? [] : [[role, Type === 'AWS::Lambda::Function' ? functionKind(logicalId) : 'state machine'] as const];
  }));
}

function functionKind(logicalId: string): string {
  return logicalId.includes('Provider') ? 'provider' : 'workflow function';
}

function documentsIn({ Resources: resources }: TemplateJson): { readonly logicalId: string; readonly roles: readonly string[]; readonly document: Document }[] {
  return Object.entries(resources).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::Role') return (Properties.Policies ?? []).map(({ PolicyDocument: document }: any) => ({ logicalId, roles: [logicalId], document }));
    if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::ManagedPolicy') return [];
    return [{ logicalId, roles: (Properties.Roles ?? []).map((role: any) => role.Ref ?? role), document: Properties.PolicyDocument }];
  });
}

/** A statement with the names of one app taken out of it. */
function kindOf(caller: string, statement: Statement): string {
  const text = JSON.stringify(statement)
    .replace(/runtime\/trial\w*-/g, 'runtime/NAME-')
    .replace(/workload-identity\/trial\w*-/g, 'workload-identity/NAME-')
    .replace(/runtime-endpoint\/(?!DEFAULT)\w+/g, 'runtime-endpoint/NAME')
    .replace(/\{"(Ref|Fn::GetAtt)":(\["(\w+?)[0-9A-F]{8}\w*",("\w+")\]|"(\w+?)[0-9A-F]{8}\w*")\}/g, (_, how, __, resource, attribute, ref) => `<${how} ${resource ?? ref} ${attribute ?? ''}>`);
  return `${caller}: ${text}`;
}
