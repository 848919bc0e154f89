import { denialMessage, evaluate, IamRequest } from '../../iam/evaluate';
import { ServiceError } from '../../service-error';
import { Log, ServerClock } from '../clock';
import { HttpError } from '../http-error';
import { IamAccount, ROLE_KEY_PREFIX } from './account';
import { ALLOWS_EVERYTHING, ALLOWS_NOTHING, awsManagedPolicy } from './aws-managed-policies';
import { CallFacts, requestsOf, withPrefix } from './call';
import { IamLedger, NamedPolicy } from './ledger';
import { RoleRecord } from './records';
import { IamStore } from './store';
import { isOver, lastValue, valueAt } from './timed';
import { LOCAL_ACCOUNT } from '../../identity';

/** Policies that would be here if they had not been deleted, or had ever been made. */
const LOCAL_POLICY = new RegExp(`^arn:[^:]+:iam::${LOCAL_ACCOUNT}:policy/`);

/** A session of a role, whose calls are judged. */
export interface Principal {
  readonly role: RoleRecord;
  readonly sessionName: string;
  /** As messages name it. */
  readonly arn: string;
}

export interface AuthorizerOptions {
  readonly store: IamStore;
  readonly account: IamAccount;
  readonly clock: ServerClock;
  readonly log: Log;
  /** Whether anything is judged. */
  readonly isOn: boolean;
  readonly delaySeconds: number;
}

/** Judges the calls of roles by the policies that are in force at that moment. */
export class Authorizer {
  public readonly account: IamAccount;
  private readonly ledger = new IamLedger();

  constructor(private readonly options: AuthorizerOptions) {
    this.account = options.account;
  }

  /** What the server says of itself. */
  public get settings(): object {
    return { judged: this.options.isOn, delaySeconds: this.options.delaySeconds };
  }

  /** The keys of KMS by the names of the buckets that are under them. */
  public get bucketKeys(): Readonly<Record<string, string>> {
    return this.options.store.state.bucketKeys;
  }

  /**
   * Whose call a request is by its access key; undefined for the account's administrator, who is never judged.
   *
   * @throws HttpError for the key of a role that is gone
   */
  public identify(accessKeyId: string | undefined): Principal | undefined {
    if (!this.options.isOn || !accessKeyId?.startsWith(ROLE_KEY_PREFIX)) return undefined;
    const credential = this.options.store.state.credentials.find((known) => known.accessKeyId === accessKeyId);
    const principal = credential && this.principalOf(credential.roleArn, credential.sessionName);
    if (!principal) throw new HttpError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    return principal;
  }

  /** A session of a role; undefined if nothing is judged, or the role is not known here. */
  public principalOf(roleArn: string, sessionName: string): Principal | undefined {
    const role = this.options.isOn ? this.options.store.state.roles.find(({ arn }) => arn === roleArn) : undefined;
    const partition = roleArn.split(':')[1];
    return role && { role, sessionName, arn: `arn:${partition}:sts::${LOCAL_ACCOUNT}:assumed-role/${role.name}/${sessionName}` };
  }

  /**
   * Lets a call go on that is allowed all that it asks for.
   *
   * @throws ServiceError AccessDeniedException for the first that is denied
   */
  public require(principal: Principal | undefined, call: CallFacts | undefined): void {
    if (!principal || !call) return;
    const denial = this.denialOf(principal, call.operation, requestsOf(call), call.names.region);
    if (denial !== undefined) throw new ServiceError('AccessDeniedException', denial);
  }

  /** Why a call is denied, in AWS's words; undefined if it is allowed. */
  public denialOf(principal: Principal, operation: string, requests: readonly IamRequest[], region: string): string | undefined {
    const policies = this.policiesOf(principal.role, valueAt);
    const bound = this.boundaryOf(principal.role);
    this.ledger.countCall(principal.role.name);
    for (const asked of requests) {
      const request = { ...asked, context: { ...this.contextOf(principal, region), ...asked.context } };
      const decision = evaluate({ policies: policies.map(({ document }) => document), ...(bound ? { boundary: bound } : {}) }, request);
      this.ledger.note(principal.role.name, policies, request);
      if (decision.allowed) continue;
      const message = denialMessage(principal.arn, request, decision);
      const { action, resource } = request;
      const at = new Date(this.options.clock.now()).toISOString();
      this.ledger.countDenial({ at, principal: principal.arn, operation, action, resource, message });
      this.options.log(`iam: denied ${operation} of ${principal.arn}: ${action} on ${resource}`);
      return message;
    }
    return undefined;
  }

  /** The managed policies of a role that are not known here, and are taken as if they allowed everything. */
  public unknownPolicies({ attached, boundary }: RoleRecord): string[] {
    const now = this.options.clock.now();
    const bounds = (boundary ?? []).flatMap(({ value }) => value ?? []);
    const arns = [...Object.keys(attached).filter((arn) => lastValue(attached[arn])), ...bounds];
    return [...new Set(arns)].filter((arn) => this.managedPolicy(arn, now) === ALLOWS_EVERYTHING);
  }

  /** What was judged since the server has started. */
  public report(): object {
    return { ...this.settings, ...this.ledger.report() };
  }

  /** Notes the policies that roles have now, whether they are ever needed or not. */
  public learn(): void {
    for (const role of this.options.store.state.roles) this.ledger.learn(role.name, this.policiesOf(role, lastValue));
  }

  private policiesOf({ inline, attached }: RoleRecord, value: typeof valueAt): NamedPolicy[] {
    const now = this.options.clock.now();
    return [
      ...Object.entries(inline).map(([name, timed]) => ({ name, document: value(timed, now) })),
      ...Object.keys(attached).filter((arn) => value(attached[arn], now))
        .map((arn) => ({ name: arn, document: this.managedPolicy(arn, now, value) })),
    ].filter((policy): policy is NamedPolicy => policy.document !== undefined);
  }

  private boundaryOf({ boundary }: RoleRecord) {
    const now = this.options.clock.now();
    const arn = valueAt(boundary, now);
    // one that does not count yet bounds nothing
    return arn === undefined ? undefined : this.managedPolicy(arn, now);
  }

  private managedPolicy(arn: string, now: number, value: typeof valueAt = valueAt) {
    const own = this.options.store.state.policies.find((policy) => policy.arn === arn);
    if (own && !isOver(own.document, now)) return value(own.document, now);
    return own || LOCAL_POLICY.test(arn) ? ALLOWS_NOTHING : awsManagedPolicy(arn) ?? ALLOWS_EVERYTHING;
  }

  /** The condition keys that every request has. */
  private contextOf({ role, sessionName }: Principal, region: string): IamRequest['context'] {
    const now = this.options.clock.now();
    return {
      'aws:PrincipalArn': role.arn,
      'aws:PrincipalAccount': LOCAL_ACCOUNT,
      'aws:PrincipalType': 'AssumedRole',
      'aws:userid': `${role.id}:${sessionName}`,
      ...withPrefix('aws:PrincipalTag/', role.tags),
      'aws:RequestedRegion': region,
      'aws:CurrentTime': new Date(now).toISOString(),
      'aws:EpochTime': String(Math.floor(now / 1000)),
      'aws:SecureTransport': 'true',
      'aws:ViaAWSService': 'false',
    };
  }
}
