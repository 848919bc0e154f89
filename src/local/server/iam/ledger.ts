import { evaluate, IamRequest } from '../../iam/evaluate';
import { listOf, PolicyDocument, Statement } from '../../iam/policy';

/** How many statements, roles and denials are kept; the oldest go first. */
const MOST_STATEMENTS = 5_000;
const MOST_ROLES = 1_000;
const MOST_DENIALS = 200;

/** A policy of a role by its name, or by its ARN. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** What a statement allows of one action on one resource, as it names them, and how many requests needed that. */
export interface GrantUse {
  readonly action: string;
  readonly resource: string;
  readonly used: number;
}

interface StatementUse {
  readonly role: string;
  readonly policy: string;
  readonly statement: Statement;
  readonly pairs: { readonly action: string; readonly resource: string; readonly document: PolicyDocument; used: number }[];
  readonly document: PolicyDocument;
}

/** A call that was denied. */
export interface Denial {
  readonly at: string;
  readonly principal: string;
  readonly operation: string;
  readonly action: string;
  readonly resource: string;
  readonly message: string;
}

/** What was judged, since the server has started. */
export class IamLedger {
  private calls = 0;
  private requests = 0;
  private denied = 0;
  private readonly denials: Denial[] = [];
  private readonly statements = new Map<string, StatementUse>();
  /** How many calls of each role were judged. */
  private readonly roles = new Map<string, number>();

  public countCall(role: string): void {
    this.calls++;
    this.roles.set(role, (this.roles.get(role) ?? 0) + 1);
    if (this.roles.size > MOST_ROLES) this.roles.delete(this.roles.keys().next().value!);
  }

  /** Notes the statements that a role has, used or not. */
  public learn(role: string, policies: readonly NamedPolicy[]): void {
    for (const { name, document } of policies) {
      for (const statement of listOf(document.Statement)) {
        if (statement.Effect === 'Allow') this.entry(role, name, document, statement);
      }
    }
  }

  public countDenial(denial: Denial): void {
    this.denied++;
    this.denials.push(denial);
    if (this.denials.length > MOST_DENIALS) this.denials.shift();
  }

  /** Notes which statements of a role allow a request. */
  public note(role: string, policies: readonly NamedPolicy[], request: IamRequest): void {
    this.requests++;
    for (const { name, document } of policies) {
      for (const statement of listOf(document.Statement)) {
        if (statement.Effect !== 'Allow') continue;
        const entry = this.entry(role, name, document, statement);
        if (!evaluate({ policies: [entry.document] }, request).allowed) continue;
        for (const pair of entry.pairs) {
          if (evaluate({ policies: [pair.document] }, request).allowed) pair.used++;
        }
      }
    }
  }

  public report(): object {
    return {
      calls: this.calls,
      requests: this.requests,
      denied: this.denied,
      denials: this.denials,
      roles: Object.fromEntries(this.roles),
      statements: [...this.statements.values()].map(({ role, policy, statement, pairs }) => ({
        role,
        policy,
        ...(statement.Sid === undefined ? {} : { sid: statement.Sid }),
        statement,
        used: pairs.some(({ used }) => used > 0),
        grants: pairs.map(({ action, resource, used }): GrantUse => ({ action, resource, used })),
      })),
    };
  }

  private entry(role: string, policy: string, { Version }: PolicyDocument, statement: Statement): StatementUse {
    const key = JSON.stringify([role, policy, statement]);
    const known = this.statements.get(key);
    if (known) return known;
    const alone = (part: Statement): PolicyDocument => ({ ...(Version === undefined ? {} : { Version }), Statement: [part] });
    const entry: StatementUse = {
      role,
      policy,
      statement,
      document: alone(statement),
      pairs: partsOf(statement).map(({ action, resource, part }) => ({ action, resource, document: alone(part), used: 0 })),
    };
    this.statements.set(key, entry);
    if (this.statements.size > MOST_STATEMENTS) this.statements.delete(this.statements.keys().next().value!);
    return entry;
  }
}

/** Each action of a statement on each of its resources; exclusions stay whole. */
function partsOf(statement: Statement): { readonly action: string; readonly resource: string; readonly part: Statement }[] {
  const { Action, Resource } = statement;
  const actions = Action === undefined ? ['(all but NotAction)'] : listOf(Action);
  const resources = Resource === undefined ? ['(all but NotResource)'] : listOf(Resource);
  return actions.flatMap((action) => resources.map((resource) => ({
    action,
    resource,
    part: { ...statement, ...(Action === undefined ? {} : { Action: action }), ...(Resource === undefined ? {} : { Resource: resource }) },
  })));
}
