import { TemplateJson } from './stacks';

/** A statement as IAM gets it, with texts such as `<Region>` for what only CloudFormation knows. */
export interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy of the provider's role: the id of its resource, and its statements. */
export interface Policy {
  readonly id: string;
  readonly managed: boolean;
  readonly statements: readonly Statement[];
}

/** All policies that the provider's role has, its own inline ones among them. */
export function providerPolicies({ Resources }: TemplateJson): Policy[] {
  const role = Object.keys(Resources).find((id) => id.startsWith('CdkAgentCoreRuntimeProviderRole'));
  if (role === undefined) return [];
  const own: Policy[] = (Resources[role].Properties.Policies ?? [])
    .map(({ PolicyDocument }: any) => ({ id: role, managed: false, statements: statementsOf(PolicyDocument) }));
  const attached = Object.entries(Resources)
    .filter(([, { Type, Properties }]) => /^AWS::IAM::(Managed)?Policy$/.test(Type) && (Properties.Roles ?? []).some(({ Ref }: { Ref?: string }) => Ref === role))
    .map(([id, { Type, Properties }]) => ({ id, managed: Type === 'AWS::IAM::ManagedPolicy', statements: statementsOf(Properties.PolicyDocument) }));
  return [...own, ...attached];
}

/** Each action on each resource that statements allow, as `action resource`. */
export function pairsIn(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ Action, Resource }) => listOf(Action).flatMap((action) => listOf(Resource).map((resource) => `${action} ${resource}`)));
}

const known = new WeakMap<object, Statement[]>();

/** Written once for each document: simulations ask again and again. */
function statementsOf(document: any): Statement[] {
  const statements: Statement[] = known.get(document)
    ?? document.Statement.map((statement: unknown) => JSON.parse(JSON.stringify(statement, (_key, value) => written(value))));
  known.set(document, statements);
  return statements;
}

function written(value: any): unknown {
  if (value?.['Fn::Join']) return value['Fn::Join'][1].map(written).join('');
  if (value?.['Fn::Sub']) return value['Fn::Sub'].replace(/\$\{(?:AWS::)?([^}]*)\}/g, '<$1>');
  if (value?.['Fn::GetAtt']) return `<${value['Fn::GetAtt'].join('.')}>`;
  if (value?.['Fn::ImportValue']) return `<${value['Fn::ImportValue']}>`;
  if (value?.Ref) return `<${value.Ref.replace('AWS::', '')}>`;
  return value;
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
