import { PolicyDocument } from './policy';

/** A call that has to be allowed. */
export interface IamRequest {
  /** Such as `s3:GetObject`. */
  readonly action: string;
  /** An ARN, or `*` for an action that has no resource. */
  readonly resource: string;
  /** Condition keys and their values; lists for keys of several values. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** What a user or a role may do. */
export interface IdentityPolicies {
  /** Inline and managed ones. */
  readonly policies: readonly PolicyDocument[];
  /** The permissions boundary, which allows nothing by itself, but has to allow what is done. */
  readonly boundary?: PolicyDocument;
}

/** Whether a call is allowed, and if not, by what. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: 'explicitDeny' | 'noAllow' | 'boundaryDeny' | 'boundaryNoAllow' };
