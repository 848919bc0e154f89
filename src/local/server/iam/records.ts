import { Timed } from './timed';
import { PolicyDocument } from '../../iam/policy';

/** A role and what it may do. */
export interface RoleRecord {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  tags: Readonly<Record<string, string>>;
  /** The ARN of the managed policy that bounds it. */
  boundary?: Timed<string>;
  /** Inline policies by their names. */
  inline: Readonly<Record<string, Timed<PolicyDocument>>>;
  /** The ARNs of the managed policies that are attached. */
  attached: Readonly<Record<string, Timed<true>>>;
}

export interface ManagedPolicyRecord {
  readonly arn: string;
  document: Timed<PolicyDocument>;
}

/** Stands for a session of a role: what its requests are signed with. */
export interface CredentialRecord {
  readonly accessKeyId: string;
  readonly roleArn: string;
  readonly sessionName: string;
}

/** All that is known of who may do what. */
export interface IamState {
  readonly format: 1;
  roles: RoleRecord[];
  policies: ManagedPolicyRecord[];
  credentials: CredentialRecord[];
  /** The keys of KMS under which buckets are, by the buckets' names. */
  bucketKeys: Readonly<Record<string, string>>;
}
