import type { DeploymentFault, Moment, RequestType } from './deployment-faults';
import { isObject, JsonObject } from '../deployer/json';

const REQUESTS: readonly RequestType[] = ['Create', 'Update', 'Delete'];
const STATUSES = [
  'CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'CREATE_FAILED', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE', 'UPDATE_FAILED',
  'DELETE_IN_PROGRESS', 'DELETE_COMPLETE', 'DELETE_FAILED', 'DELETE_SKIPPED',
] as const;
const BEHAVIOURS = ['status', 'reset', 'slow', 'never'] as const;
const PROPERTY_SETS = ['ResourceProperties', 'OldResourceProperties'] as const;
const MATCH_KEYS = ['kind', 'logicalId', 'resourceType', 'stack', 'request', 'skip', 'times'];
const MOMENTS = '"immediately", "siblingFailure", {"afterMillis": 500}, {"afterLogLine": "text"} or {"afterStatus": "DELETE_COMPLETE", "of": "LogicalId"}';

/** The longest delay, and the most copies, that a plan may ask for. */
const MAX_MILLIS = 3_600_000;
const MAX_COPIES = 20;

/** Reads one fault; what is wrong with it is collected, and `fault` then returns something that is not to be used. */
export class DeploymentFaultReader {
  public readonly errors: string[] = [];
  private readonly entry: JsonObject;
  private readonly known = new Set(MATCH_KEYS);

  private readonly kinds: { readonly [K in DeploymentFault['kind']]: () => Extract<DeploymentFault, { kind: K }> } = {
    cancel: () => ({ kind: 'cancel', ...this.match(['Create', 'Update'], ['Create']), at: this.moment() }),
    serviceTimeout: () => ({ kind: 'serviceTimeout', ...this.match(), at: this.moment() }),
    duplicate: () => ({ kind: 'duplicate', ...this.match(), copies: this.number('copies', 1, 1, MAX_COPIES), at: this.moment(['answer', 'end']) }),
    fail: () => ({ kind: 'fail', ...this.match(REQUESTS, ['Create', 'Update']), reason: this.text('reason') ?? 'failed by the fault plan' }),
    repeatDelete: () => ({
      kind: 'repeatDelete', ...this.match(['Delete'], ['Delete']), deletes: this.number('deletes', 2, 2, MAX_COPIES), concurrent: this.flag('concurrent', false),
    }),
    response: () => {
      const behaviour = this.oneOf('behaviour', BEHAVIOURS);
      return {
        kind: 'response',
        ...this.match(),
        behaviour,
        status: this.number('status', 503, 300, 599),
        delayMillis: this.number('delayMillis', 1_000, 0, MAX_MILLIS),
        requests: this.count('requests', 1),
        taken: this.flag('taken', behaviour === 'slow'),
      };
    },
    timeout: () => ({ kind: 'timeout', ...this.match(), seconds: this.number('seconds', undefined, 0.1, 900, false) }),
    crash: () => ({ kind: 'crash', ...this.match(), at: this.moment(['answer']) }),
    mangle: () => ({
      kind: 'mangle',
      ...this.match(),
      in: this.list('in', PROPERTY_SETS) ?? PROPERTY_SETS,
      drop: this.list('drop') ?? [],
      rename: this.map('rename', (name): name is string => typeof name === 'string' && name !== ''),
      add: this.map('add', (added): added is unknown => added !== undefined),
      stringify: this.list('stringify') ?? [],
      physicalId: this.text('physicalId'),
    }),
    modulesAbsent: () => ({ kind: 'modulesAbsent', ...this.match(REQUESTS, REQUESTS, Infinity), modules: this.list('modules') ?? ['@aws-sdk/'] }),
  };

  constructor(entry: unknown, private readonly path: string) {
    this.entry = isObject(entry) ? entry : {};
    if (!isObject(entry)) this.wrong('', entry, 'an object with a "kind"');
  }

  public fault(): DeploymentFault | undefined {
    if (this.errors.length > 0) return undefined;
    const kinds = Object.keys(this.kinds);
    const { kind } = this.entry;
    if (typeof kind !== 'string' || !kinds.includes(kind)) {
      this.wrong('kind', kind, `one of ${kinds.join(', ')}`);
      return undefined;
    }
    const fault = this.kinds[kind as DeploymentFault['kind']]();
    const unknown = Object.keys(this.entry).filter((key) => !this.known.has(key));
    unknown.forEach((key) => this.errors.push(`${this.path}.${key}: not a key of kind ${kind}; its keys are ${[...this.known].join(', ')}`));
    return fault;
  }

  private match(allowed: readonly RequestType[] = REQUESTS, usual = allowed, times = 1) {
    return {
      logicalId: this.text('logicalId'),
      resourceType: this.text('resourceType'),
      stack: this.text('stack'),
      request: typeof this.entry.request === 'string' ? [this.oneOf('request', allowed)] : this.list('request', allowed) ?? usual,
      skip: this.number('skip', 0, 0, 1_000_000),
      times: this.count('times', times),
    };
  }

  private moment(more: readonly ('answer' | 'end')[] = []): Moment {
    const value = this.take('at') ?? 'immediately';
    const words: readonly unknown[] = ['immediately', 'siblingFailure', ...more];
    if (words.includes(value)) return value as Moment;
    if (isObject(value) && Object.keys(value).length === 1) {
      const { afterMillis, afterLogLine } = value;
      if (typeof afterMillis === 'number' && afterMillis >= 0 && afterMillis <= MAX_MILLIS) return { afterMillis };
      if (typeof afterLogLine === 'string' && afterLogLine !== '') return { afterLogLine };
    }
    if (isObject(value) && Object.keys(value).every((key) => ['afterStatus', 'of'].includes(key))) {
      const status = STATUSES.find((known) => known === value.afterStatus);
      if (status && (value.of === undefined || typeof value.of === 'string')) return { afterStatus: status, of: value.of };
    }
    this.wrong('at', value, [...more.map((word) => `"${word}"`), MOMENTS].join(', '));
    return 'immediately';
  }

  private text(key: string): string | undefined {
    const value = this.take(key);
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    this.wrong(key, value, 'a text that is not empty');
    return undefined;
  }

  private flag(key: string, usual: boolean): boolean {
    const value = this.take(key) ?? usual;
    if (typeof value === 'boolean') return value;
    this.wrong(key, value, 'true or false');
    return usual;
  }

  private count(key: string, usual: number): number {
    return this.take(key) === 'always' ? Infinity : this.number(key, usual, 1, Infinity, true, ' or "always"');
  }

  private number(key: string, usual: number | undefined, least: number, most: number, whole = true, otherwise = ''): number {
    const value = this.take(key) ?? usual;
    if (typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value) || value === usual)) return value;
    const upTo = most === Infinity ? ` from ${least}` : ` from ${least} to ${most}`;
    this.wrong(key, value, `a ${whole ? 'whole ' : ''}number${upTo}${otherwise}`);
    return least;
  }

  private oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.take(key);
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.wrong(key, value, `one of ${allowed.join(', ')}`);
    return found ?? allowed[0];
  }

  private list<T extends string>(key: string, allowed?: readonly T[]): readonly T[] | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    const isRight = (item: unknown) => typeof item === 'string' && item !== '' && (allowed === undefined || (allowed as readonly string[]).includes(item));
    if (Array.isArray(value) && value.length > 0 && value.every(isRight)) return value;
    this.wrong(key, value, allowed ? `a list out of ${allowed.join(', ')}` : 'a list of texts');
    return undefined;
  }

  private map<T>(key: string, isRight: (value: unknown) => value is T): Readonly<Record<string, T>> {
    const value = this.take(key) ?? {};
    if (isObject(value) && Object.values(value).every(isRight)) return value as Readonly<Record<string, T>>;
    this.wrong(key, value, 'an object of paths and what they become');
    return {};
  }

  private take(key: string): unknown {
    this.known.add(key);
    return this.entry[key];
  }

  private wrong(key: string, value: unknown, wanted: string): void {
    this.errors.push(`${this.path}${key && `.${key}`}: got ${JSON.stringify(value) ?? 'nothing'}; use ${wanted}`);
  }
}
