import { Stack } from 'aws-cdk-lib';
import { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IDependable } from 'constructs';
import { FilesystemKind } from '../service/filesystems';

/** What is mounted, and what a runtime needs to mount it. */
export interface MountSource {
  readonly kind: FilesystemKind;

  /** What the API wants to know of it besides the mount path. */
  readonly members: Readonly<Record<string, string>>;

  /** Set where it is mounted over the network; without a peer where its network is not known. */
  readonly network?: { readonly peer?: IConnectable };

  /** What has to be there before the runtime. */
  readonly dependencies?: readonly IDependable[];

  /** What the execution role has to be allowed. */
  statements?(stack: Stack): PolicyStatement[];
}
