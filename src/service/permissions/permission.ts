import { ResourceKind } from './resources';

/** What a call must have for a permission to be asked for. */
export type Circumstance =
  /** The request has tags. */
  | 'tags'
  /** The runtime runs code of an object in S3. */
  | 'code'
  /** A version of that object is named. */
  | 'codeVersion'
  /** That object, or another one that is read or written, is under a customer's key. */
  | 'encrypted'
  /** The runtime runs on a capacity provider. */
  | 'capacityProvider'
  /** The runtime is in a VPC. */
  | 'vpc'
  /** The request names a user. */
  | 'userId';

/** One permission that an operation asks its caller for. */
export interface Permission {
  /** With its service's prefix. */
  readonly action: string;
  /** It is asked for on each of these. */
  readonly resources: readonly ResourceKind[];
  /** It is asked for only then; always if undefined. */
  readonly when?: Circumstance;
  /** The condition keys of the request that our policies name, beside those that every request has. */
  readonly conditionKeys?: readonly string[];
  /** The page of AWS that documents it. */
  readonly source: string;
  /** True if that page does not name the resources, and they are known from denials that users of the service have published. */
  readonly resourcesObserved?: boolean;
}

/** The permissions of each operation, by the operation's name. */
export type Permissions = Readonly<Record<string, readonly Permission[]>>;
