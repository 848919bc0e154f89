import { SnapshotOptions } from './snapshot-options';
import { COMMAND_RESOURCE_TYPE } from '../provider/contract';

/** The start of the logical ids of what the provider consists of. */
const PROVIDER = /^CdkAgentCoreRuntimeProvider/;

const HASH = /[0-9a-f]{64}/g;

/**
 * A template, or a part of one, without what changes with the version of this library alone: the hash of the provider's
 * code, those of the templates of nested stacks, which may hold a provider, and CDK's list of library versions; and without
 * the random value by which a command runs in every deployment.
 *
 * What a new version really changes, such as a permission, stays in sight.
 *
 * @returns a copy where there is something to mask, else the value itself
 */
export function maskSnapshot(value: unknown, options: SnapshotOptions = {}): unknown {
  const masked = transform(value, (inner, key) => {
    if (!isPlain(inner) || key === undefined) return inner;
    if (inner.Type === 'AWS::CDK::Metadata' && inner.Properties !== VERSIONS) return { ...inner, Properties: VERSIONS };
    if (inner.Type === COMMAND_RESOURCE_TYPE && isPlain(inner.Properties) && ![undefined, NONCE].includes(inner.Properties.Nonce as string)) {
      return { ...inner, Properties: { ...inner.Properties, Nonce: NONCE } };
    }
    const hashed = inner.Type === 'AWS::CloudFormation::Stack' || (inner.Type === 'AWS::Lambda::Function' && PROVIDER.test(key));
    return hashed ? maskHashes(inner) : inner;
  });
  return options.allAssets ? maskHashes(masked) : masked;
}

const VERSIONS = '<versions of libraries>';
const NONCE = '<another one each time>';

function maskHashes(value: unknown): unknown {
  return transform(value, (inner) => (typeof inner === 'string' ? inner.replace(HASH, '<asset hash>') : inner));
}

type Replace = (value: unknown, key: string | undefined) => unknown;

/** Replaces parts of a value, from the outside in; what has nothing to replace stays the same object, also where it contains itself. */
function transform(original: unknown, replace: Replace, key?: string, around: readonly unknown[] = []): unknown {
  if (around.includes(original)) return original;
  const value = replace(original, key);
  const inside = [...around, original, value];
  if (Array.isArray(value)) {
    const items = value.map((item) => transform(item, replace, undefined, inside));
    return items.some((item, i) => !Object.is(item, value[i])) ? items : value;
  }
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, transform(item, replace, name, inside)] as const);
  return entries.some(([name, item]) => !Object.is(item, value[name])) ? Object.fromEntries(entries) : value;
}

/** Whether a value is of the kind that templates are made of, and no class's instance. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  // test runners have several realms, each with an `Object` of its own
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
