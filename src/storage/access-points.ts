import { Fn, Stack } from 'aws-cdk-lib';
import { Connections, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnAccessPoint, IAccessPoint, IAccessPointRef, IFileSystem } from 'aws-cdk-lib/aws-efs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IAccessPointRef as IS3FilesAccessPointRef } from 'aws-cdk-lib/aws-s3files';
import { IDependable } from 'constructs';
import { MountSource } from './mount-source';

interface EfsOptions {
  readonly readOnly: boolean;
  readonly fileSystem?: IFileSystem;
}

/** An access point of Amazon EFS. */
export function efsAccessPointSource(accessPoint: IAccessPointRef, options: EfsOptions): MountSource {
  const { accessPointRef: { accessPointArn } } = accessPoint;
  const fileSystem = options.fileSystem ?? fileSystemOf(accessPoint);
  return {
    kind: 'efsAccessPoint',
    members: { accessPointArn },
    network: { peer: fileSystem },
    dependencies: fileSystem ? [fileSystem.mountTargetsAvailable] : [],
    statements: (stack) => {
      const fileSystemArn = fileSystem?.fileSystemArn ?? fileSystemArnOf(stack, accessPoint);
      return [
        mountStatement('elasticfilesystem', fileSystemArn, accessPointArn, options.readOnly),
        // asked for when the runtime is created or updated, to see whether it can be mounted at all
        new PolicyStatement({
          actions: ['elasticfilesystem:DescribeAccessPoints', 'elasticfilesystem:DescribeMountTargets'],
          resources: [fileSystemArn, accessPointArn],
        }),
      ];
    },
  };
}

interface S3FilesOptions {
  readonly readOnly: boolean;
  readonly securityGroups: readonly ISecurityGroup[];
  readonly mountTargets: readonly IDependable[];
}

/** An access point of Amazon S3 Files. */
export function s3FilesAccessPointSource({ accessPointRef: { accessPointArn } }: IS3FilesAccessPointRef, options: S3FilesOptions): MountSource {
  const fileSystemArn = Fn.select(0, Fn.split('/access-point/', accessPointArn));
  const securityGroups = [...options.securityGroups];
  return {
    kind: 's3FilesAccessPoint',
    members: { accessPointArn },
    network: { peer: securityGroups.length > 0 ? { connections: new Connections({ securityGroups }) } : undefined },
    dependencies: options.mountTargets,
    statements: () => [
      mountStatement('s3files', fileSystemArn, accessPointArn, options.readOnly),
      new PolicyStatement({
        actions: ['s3files:GetAccessPoint', 's3files:GetFileSystem', 's3files:GetMountTarget', 's3files:ListMountTargets'],
        resources: [fileSystemArn, accessPointArn],
      }),
    ],
  };
}

/** Allowed on the file system, as the services want it, but through this access point only. */
function mountStatement(service: 'elasticfilesystem' | 's3files', fileSystemArn: string, accessPointArn: string, readOnly: boolean): PolicyStatement {
  return new PolicyStatement({
    actions: [`${service}:ClientMount`, ...readOnly ? [] : [`${service}:ClientWrite`]],
    resources: [fileSystemArn],
    conditions: { ArnEquals: { [`${service}:AccessPointArn`]: accessPointArn } },
  });
}

function fileSystemOf(accessPoint: IAccessPointRef): IFileSystem | undefined {
  try {
    return (accessPoint as Partial<IAccessPoint>).fileSystem;
  } catch {
    // an imported access point throws where it was not told its file system, and there is no other way to ask
    return undefined;
  }
}

/** The file system's ARN; that of any where the access point does not tell, which the condition on the access point narrows down. */
function fileSystemArnOf(stack: Stack, accessPoint: IAccessPointRef): string {
  const id = CfnAccessPoint.isCfnAccessPoint(accessPoint) && typeof accessPoint.fileSystemId === 'string' ? accessPoint.fileSystemId : '*';
  // where a runtime can reach it, it is in the account and the region of the runtime
  return stack.formatArn({ service: 'elasticfilesystem', resource: 'file-system', resourceName: id });
}
