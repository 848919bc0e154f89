import { Stack, Token } from 'aws-cdk-lib';
import { AddToPrincipalPolicyResult, IPrincipal, IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { render } from './render';
import { renderedText } from './rendered-text';
import { ruleId } from './rule-id';
import { addWarning } from './warning';

/** What a role is for. */
export interface RolePurpose {
  /** Such as "execution role". */
  readonly name: string;
  /** What the role needs besides statements of ours, as a part of a sentence. */
  readonly besides?: string;
}

/** The statements that a construct's role did not take, by the construct and what the role is for. */
const missing = new WeakMap<IConstruct, Map<string, (() => object[])[]>>();

/**
 * Gives a role statements that a construct needs. Where the role does not take them, one warning of the construct lists them
 * all, since what lacks them fails only when it is deployed or used.
 */
export function addToRole(
  scope: IConstruct, purpose: RolePurpose, principal: IPrincipal, statements: readonly PolicyStatement[],
): AddToPrincipalPolicyResult[] {
  const results = statements.map((statement) => principal.addToPrincipalPolicy(statement));
  const refused = statements.filter((_statement, i) => !results[i].statementAdded || isImmutable(principal));
  if (refused.length > 0) warnOfMissing(scope, purpose, principal, () => refused.map((statement) => statement.toStatementJson()));
  return results;
}

/**
 * Whether a role drops each statement that it is given and says that it took it, as `Role.fromRoleArn` with `mutable: false` or
 * of another account does, and `withoutPolicyUpdates`.
 */
export function isImmutable(principal: IPrincipal): boolean {
  return (principal as { readonly addGrantsToResources?: unknown }).addGrantsToResources !== undefined;
}

/**
 * Lists statements, once for all that a construct has found missing, in a warning at synth.
 *
 * @param statements gives them as JSON at synth, when the app has added all
 */
export function warnOfMissing(scope: IConstruct, { name, besides }: RolePurpose, principal: IPrincipal, statements: () => object[]): void {
  const known = missing.get(scope) ?? new Map<string, (() => object[])[]>();
  missing.set(scope, known);
  const before = known.get(name);
  known.set(name, [...before ?? [], statements]);
  if (before) return;
  scope.node.addValidation({
    validate: () => {
      const all = known.get(name)!.flatMap((some) => some());
      addWarning(scope, ruleId('rolePermissionsNotAdded'),
        `the ${name} ${nameOf(scope, principal)}takes no statements from this app; see to it that its policies have these${besides ? `, ${besides}` : ''}: `
        + `${asJson(scope, all)}.`);
      return [];
    },
  });
}

function nameOf(scope: IConstruct, principal: IPrincipal): string {
  const { roleArn } = principal as Partial<IRole>;
  return roleArn === undefined || Token.isUnresolved(Stack.of(scope).resolve(roleArn)) ? '' : `${textForSub(scope, roleArn)} `;
}

/** Ready to be copied into a policy; what only CloudFormation knows is written as for `Fn::Sub`. */
export function statementsAsJson(scope: IConstruct, statements: readonly PolicyStatement[]): string {
  return asJson(scope, statements.map((statement) => statement.toStatementJson()));
}

function asJson(scope: IConstruct, statements: readonly object[]): string {
  return JSON.stringify(render(Stack.of(scope), statements), (_key, value: unknown) => (isIntrinsic(value) ? flat(scope, value) : value));
}

function isIntrinsic(value: unknown): boolean {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return keys.length === 1 && /^(Ref$|Fn::)/.test(keys[0]);
}

/** A text as it would be written for `Fn::Sub`. */
export function textForSub(scope: IConstruct, text: string): string {
  return renderedText(Stack.of(scope), text, substitution);
}

function flat(scope: IConstruct, intrinsic: unknown): string {
  return textForSub(scope, Token.asString(intrinsic));
}

function substitution(intrinsic: unknown): string {
  const [[name, reference]] = Object.entries(intrinsic as Record<string, unknown>);
  if (name === 'Ref') return `\${${String(reference)}}`;
  if (name === 'Fn::Sub' && typeof reference === 'string') return reference;
  return name === 'Fn::GetAtt' ? `\${${(reference as readonly string[]).join('.')}}` : JSON.stringify(intrinsic);
}
