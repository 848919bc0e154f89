import { permissionsOf } from '../../../service/permissions';
import { Circumstance, Permission } from '../../../service/permissions/permission';
import { resourceArn, ResourceKind, ResourceNames } from '../../../service/permissions/resources';
import { IamRequest } from '../../iam/evaluate';

type Context = IamRequest['context'];

/** What is known of a call of an operation, as far as its permission depends on it. */
export interface CallFacts {
  readonly operation: string;
  readonly names: ResourceNames;
  readonly circumstances: ReadonlySet<Circumstance>;
  /** The ARN of a resource that the caller names as a whole, in place of what the names make of its kind. */
  readonly arns?: Readonly<Partial<Record<ResourceKind, string>>>;
  /** Tags of the resources that are there, by their ARNs. */
  readonly tagsOf?: (arn: string) => Readonly<Record<string, string>> | undefined;
  /** Condition keys that the call has for the permissions that name them, or all of an action. */
  readonly context?: (permission: Permission, kind: ResourceKind) => Context;
}

/** What a call has to be allowed, in the order in which it is asked for. */
export function requestsOf(facts: CallFacts): IamRequest[] {
  const { operation, names, circumstances, arns = {}, tagsOf, context } = facts;
  return permissionsOf(operation, circumstances).flatMap((permission) => permission.resources.map((kind) => {
    const resource = arns[kind] ?? resourceArn(kind, names);
    return {
      action: permission.action,
      resource,
      context: { ...resourceTags(tagsOf?.(resource)), ...forwarded(permission.action, names.region), ...context?.(permission, kind) },
    };
  }));
}

/** The keys of a request that has tags. */
export function requestTags(tags: Readonly<Record<string, string>>): Context {
  return { ...withPrefix('aws:RequestTag/', tags), 'aws:TagKeys': Object.keys(tags) };
}

/** Tags as the values of keys that have them as their last part. */
export function withPrefix(prefix: string, tags: Readonly<Record<string, string>>): Context {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [prefix + key, value]));
}

function resourceTags(tags: Readonly<Record<string, string>> = {}): Context {
  return withPrefix('aws:ResourceTag/', tags);
}

/** S3 asks KMS in the name of whoever calls S3. */
function forwarded(action: string, region: string): Context {
  return action.startsWith('kms:') ? { 'aws:ViaAWSService': 'true', 'kms:ViaService': `s3.${region}.amazonaws.com` } : {};
}
