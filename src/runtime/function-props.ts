import { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';

/** How a function of this library is made, of which there is one per stack. */
export interface AgentCoreFunctionProps {
  /**
   * The VPC that the function is connected to. It has to reach the endpoints of AgentCore, CloudWatch Logs, Amazon S3 and, for
   * commands over 14 minutes, AWS Lambda; the guide "In a regulated account" lists them.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
   * @default - none
   */
  readonly vpc?: IVpc;

  /**
   * Its subnets in the VPC.
   *
   * @default - the private subnets, as for each function
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Its security groups in the VPC.
   *
   * @default - a new one for each stack, which lets everything out
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Its role, which `lambda.amazonaws.com` has to be trusted to assume. It is given all permissions that the function needs; where it
   * takes none, as one that is imported as immutable, a warning lists them.
   *
   * @default - a new one for each stack
   */
  readonly role?: IRole;

  /**
   * The log group that it writes to. Results of commands are kept there, and are there no longer than its retention.
   *
   * @default - a new one for each stack, which keeps its events for a month and goes with the stack
   */
  readonly logGroup?: ILogGroup;

  /**
   * The key that the log group of the function is encrypted with. Its key policy is extended for CloudWatch Logs; for a key whose
   * policy the app does not own, a warning has the statement.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   * @default - the key of CloudWatch Logs
   */
  readonly logEncryptionKey?: IKey;

  /**
   * Its memory in MiB, from 128 to 10240.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * Variables of its environment, such as `HTTPS_PROXY` and `NO_PROXY`. They are no place for secrets.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
   * @default - none
   */
  readonly environment?: { [key: string]: string };

  /**
   * How many of its calls may run at once, 1 or more. CloudFormation works on many resources at once, and a call lasts as long as
   * its command, up to 15 minutes; calls above the number wait, and their resources fail when they wait too long.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   * @default - as many as the account has left
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * The architecture that it runs on.
   *
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;
}
