import { Key, Subject } from './subjects';
import { IamRequest } from '../../../../src/local/iam/evaluate';
import { Conditions, PolicyDocument, Statement } from '../../../../src/local/iam/policy';
import { SeededRandom } from '../../../util/random';

/** Policies of an identity and a request that meets them. */
export interface Pair {
  readonly policies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
  readonly request: IamRequest;
}

const ACCOUNTS = ['111122223333', '444455556666'];
const REGIONS = ['us-east-1', 'eu-central-1'];
const NAMES = ['coder', 'coder-a1b2', 'reports', 'a.b_c', 'x', '2026/may.csv', 'Coder'];
const ROLES = ACCOUNTS.flatMap((account) => ['deployer', 'app/Worker'].map((role) => `arn:aws:iam::${account}:role/${role}`));

const VALUES: Readonly<Record<string, readonly string[]>> = {
  String: [...NAMES, ...ACCOUNTS, ...REGIONS, 'lambda.amazonaws.com', 'bedrock-agentcore.amazonaws.com', 'a*b', 'a?b', 'a$b', '${x}'],
  ARN: [...ROLES, 'arn:aws:lambda:us-east-1:111122223333:function:worker:live', 'arn:aws:s3:::reports', 'no-arn'],
  Numeric: ['0', '1', '10', '-3', '2.5', 'many'],
  Bool: ['true', 'false'],
  Date: ['2026-01-01T00:00:00Z', '2026-06-01T12:00:00+02:00', '1767225600', '2027-01-01'],
  IPAddress: ['203.0.113.7', '198.51.100.1', '2001:db8::1', '2001:db8:1::'],
};
const RANGES = ['203.0.113.0/24', '203.0.113.7', '198.51.100.0/31', '0.0.0.0/0', '2001:db8::/32', '2001:db8::1', '::/0'];
const ORDERED = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const TEXT_OPERATORS = ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike'];
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  String: TEXT_OPERATORS,
  ARN: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike', 'ArnEquals', 'ArnLike', ...TEXT_OPERATORS],
  Numeric: ORDERED.map((operator) => `Numeric${operator}`),
  Bool: ['Bool'],
  Date: ORDERED.map((operator) => `Date${operator}`),
  IPAddress: ['IpAddress', 'NotIpAddress'],
};

/** Random policies and requests, related so that about half of the requests are allowed. */
export class Pairs {
  constructor(private readonly random: SeededRandom, private readonly subjects: readonly Subject[]) {}

  public next(): Pair {
    const subject = this.random.pick(this.subjects);
    const request = { action: subject.action, resource: this.resource(subject), context: this.context(subject) };
    const policies = Array.from({ length: 1 + this.random.below(2) }, () => this.policy(subject, request));
    return { policies, ...this.chance(0.2) && { boundary: this.policy(subject, request) }, request };
  }

  private resource({ arns }: Subject): string {
    if (arns.length === 0) return '*';
    const arn = this.arn(this.random.pick(arns));
    if (this.chance(0.97)) return arn;
    const [before, rest] = split(arn);
    return `${before}${rest.slice(0, this.random.below(rest.length + 1))}*`;
  }

  private arn(pattern: string): string {
    return pattern.replace(/\$\{([^}]*)\}/g, (_, part: string) => ({
      Partition: 'aws', Account: this.random.pick(ACCOUNTS), Region: this.random.pick(REGIONS), BucketName: this.random.pick(['reports', 'coder']), QueueName: this.random.pick(['jobs', 'Jobs.fifo']),
    })[part] ?? this.random.pick(NAMES));
  }

  private context({ keys, globalKeys, foreignKeys }: Subject): IamRequest['context'] {
    const context: Record<string, string | readonly string[]> = {};
    for (const [among, most] of [[keys, 3], [globalKeys, 4], [foreignKeys, 1]] as const) {
      for (let count = this.random.below(most + 1); count > 0 && among.length > 0; count--) {
        const { name, type } = this.random.pick(among);
        const element = elementType(type);
        context[name] = element === type ? this.value(type) : Array.from({ length: 1 + this.random.below(3) }, () => this.value(element));
      }
    }
    return context;
  }

  private policy(subject: Subject, request: IamRequest): PolicyDocument {
    const statements = Array.from({ length: 1 + this.random.below(3) }, () => this.statement(subject, request));
    const version = this.chance(0.9) ? { Version: '2012-10-17' } : this.chance(0.5) ? { Version: '2008-10-17' } : {};
    return { ...version, Statement: statements.length === 1 && this.chance(0.5) ? statements[0] : statements };
  }

  private statement(subject: Subject, request: IamRequest): Statement {
    const actions = this.oneOrMore(() => this.action(request.action));
    const resources = this.oneOrMore(() => this.element(subject, request.resource));
    return {
      Effect: this.chance(0.8) ? 'Allow' : 'Deny',
      ...this.chance(0.9) ? { Action: actions } : { NotAction: actions },
      ...this.chance(0.9) ? { Resource: resources } : { NotResource: resources },
      ...this.chance(0.5) && { Condition: this.condition(subject, request) },
    };
  }

  private action(action: string): string {
    const [service, name] = action.split(':');
    const cut = this.random.below(name.length);
    return this.random.pick([
      action, action, action, action.toLowerCase(), '*', `${service}:*`, `${service}:${name.slice(0, cut)}*`, `${service.toUpperCase()}:*${name.slice(cut)}`,
      `${service}:${name.slice(0, cut)}?${name.slice(cut + 1)}`, `${service}:${name.slice(0, cut)}?${name.slice(cut)}`, this.random.pick(this.subjects).action,
    ]);
  }

  private element(subject: Subject, resource: string): string {
    if (this.chance(0.2) || (resource === '*' && this.chance(0.7))) return '*';
    const other = this.random.pick(this.random.pick(this.subjects).arns);
    const arn = resource !== '*' && this.chance(0.85) ? resource : this.arn(this.random.pick(subject.arns) ?? other ?? 'arn:aws:s3:::reports');
    const [before, rest] = split(arn);
    const at = this.random.below(rest.length + 1);
    const end = at + this.random.below(rest.length - at + 1);
    const segments = before.split(':');
    const changed = this.random.pick([1, 3, 4]);
    const instead = this.random.pick(['*', `${segments[changed].slice(0, 3)}*`, segments[changed].replace(/.$/, '?'), 'x', segments[changed].toUpperCase()]);
    return this.random.pick([
      () => arn,
      () => `${before}${rest.slice(0, at)}*`,
      () => `${before}${rest.slice(0, at)}*${rest.slice(end)}`,
      () => `${before}${rest.slice(0, at)}?${rest.slice(at + 1)}`,
      () => `${before}*${rest.slice(at)}`,
      () => `${before}${rest.slice(0, at)}${this.variable()}${rest.slice(end)}`,
      () => [...segments.slice(0, changed), instead, ...segments.slice(changed + 1)].join(':') + rest,
      () => arn.split(':').slice(0, 3 + this.random.below(3)).join(':'),
      () => this.arn(other ?? arn),
    ])();
  }

  private condition(subject: Subject, { context }: IamRequest): Conditions {
    const conditions: Record<string, Record<string, string | string[]>> = {};
    const candidates = [...subject.keys, ...subject.globalKeys, ...subject.foreignKeys];
    for (let count = 1 + this.random.below(2); count > 0; count--) {
      const inRequest = candidates.filter(({ name }) => name in context);
      const key = inRequest.length > 0 && this.chance(0.7) ? this.random.pick(inRequest) : this.random.pick(candidates);
      const operator = this.operator(key);
      const name = this.chance(0.9) ? key.name : key.name.toUpperCase();
      const values = this.oneOrMore(() => this.conditionValue(operator, key, context[key.name]));
      conditions[operator] = { ...conditions[operator], [name]: values };
    }
    return conditions;
  }

  private operator({ type }: Key): string {
    if (this.chance(0.08)) return 'Null';
    const element = elementType(type);
    // only numbers and dates meet their operators: the simulator reads 2026/may as 2026, and seconds as milliseconds
    const others = [...TEXT_OPERATORS, ...OPERATORS.Bool, ...OPERATORS.IPAddress, ...element === 'String' ? OPERATORS.ARN : []];
    const base = this.random.pick(element === 'Date' || this.chance(0.95) ? OPERATORS[element] : others);
    const set = this.chance(element === type ? 0.05 : 0.85) ? this.random.pick(['ForAllValues:', 'ForAnyValue:']) : '';
    return `${set}${base}${this.chance(0.15) ? 'IfExists' : ''}`;
  }

  private conditionValue(operator: string, { type }: Key, inRequest: string | readonly string[] | undefined): string {
    if (operator === 'Null' || /Bool/.test(operator)) return this.random.pick(VALUES.Bool);
    if (/Numeric/.test(operator)) return this.random.pick(VALUES.Numeric.filter((value) => value !== 'many'));
    if (/Date/.test(operator)) return this.random.pick(VALUES.Date);
    if (/IpAddress/.test(operator)) return this.random.pick(RANGES);
    const value = inRequest === undefined || this.chance(0.3) ? this.value(/Arn/.test(operator) ? 'ARN' : elementType(type)) : [inRequest].flat()[0];
    const at = this.random.below(value.length + 1);
    return this.random.pick([
      () => value, () => value, () => value.toUpperCase(), () => `${value.slice(0, at)}*`, () => `*${value.slice(at)}`,
      () => `${value.slice(0, at)}?${value.slice(at + 1)}`, () => `${value.slice(0, at)}${this.variable()}${value.slice(at)}`,
      () => value.replace(/[*?$]/g, '${$&}'),
    ])();
  }

  private variable(): string {
    return this.random.pick(['${aws:PrincipalAccount}', '${aws:username}', '${AWS:PrincipalTag/team}', '${aws:TagKeys}', "${aws:username, 'coder'}", '${*}', '${?}', '${$}']);
  }

  private value(type: string): string {
    return this.random.pick(VALUES[type]);
  }

  private oneOrMore(make: () => string): string | string[] {
    const made = Array.from({ length: 1 + this.random.below(2) }, make);
    return made.length === 1 && this.chance(0.5) ? made[0] : made;
  }

  private chance(probability: number): boolean {
    return this.random.next() < probability;
  }
}

function elementType(type: string): string {
  return type.replace(/^ArrayOf/, '');
}

/** The segments of an ARN before its resource part, and the resource part. */
function split(arn: string): [string, string] {
  const segments = arn.split(':');
  return [`${segments.slice(0, 5).join(':')}:`, segments.slice(5).join(':')];
}
