import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundledCode } from './bundled-code';
import { AgentCoreFunctionProps } from './function-props';
import { FunctionRole, givenRole, ownRole } from './function-role';
import { allowLogEncryption } from './log-encryption';
import { LEDGER_OPERATIONS } from '../provider/contract/operations';
import { actionsOf } from '../service/permissions/pairs';

/** What a function of this library is, whoever configures it. */
export interface FunctionDefinition {
  readonly description: string;
  /** The directory of its bundle. */
  readonly bundle: string;
  readonly timeout: Duration;
  readonly ephemeralStorageSize?: Size;
  /** What it may do besides writing and reading its own log. */
  readonly statements: readonly PolicyStatement[];
}

/** A function with its role and its log group. */
export interface ConfiguredFunction extends FunctionRole {
  readonly handler: LambdaFunction;
  /** What the role has as long as the function is there; statements may be added. */
  readonly basics: PolicyDocument;
  readonly logGroup: ILogGroup;
}

/**
 * What Lambda does for a function in a VPC, by the function's role. No network interface has a name before it is made, and Lambda
 * does not document less.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
 */
const VPC_ACTIONS = [
  'CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets', 'DeleteNetworkInterface', 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses',
].map((name) => `ec2:${name}`);

/** Declares a function by what it is and how it is configured. */
export function configuredFunction(scope: Construct, definition: FunctionDefinition, props: AgentCoreFunctionProps = {}): ConfiguredFunction {
  const { description, bundle, timeout, ephemeralStorageSize, statements } = definition;
  const { vpc, vpcSubnets, securityGroups, memorySize = 256, environment, reservedConcurrentExecutions, architecture = Architecture.ARM_64 } = props;
  const logGroup = props.logGroup ?? ownLogGroup(scope, props);
  const basics = new PolicyDocument({
    statements: [
      new PolicyStatement({ actions: actionsOf(LEDGER_OPERATIONS), resources: [logGroup.logGroupArn] }),
      ...statements,
      ...(vpc ? [new PolicyStatement({ actions: VPC_ACTIONS, resources: ['*'] })] : []),
    ],
  });
  const functionRole = props.role ? givenRole(scope, props.role, basics) : ownRole(scope, description, basics);
  const handler = new LambdaFunction(scope, 'Function', {
    description,
    // pinned: what `NODEJS_LATEST` means changes with the version of aws-cdk-lib, and would change users' snapshots
    runtime: Runtime.NODEJS_24_X,
    architecture,
    handler: 'index.handler',
    code: bundledCode(bundle),
    memorySize,
    ephemeralStorageSize,
    timeout,
    role: props.role ?? functionRole.role,
    logGroup,
    vpc,
    vpcSubnets,
    securityGroups,
    environment,
    reservedConcurrentExecutions,
  });
  if (functionRole.policy) handler.node.addDependency(functionRole.policy);
  return { ...functionRole, handler, basics, logGroup };
}

function ownLogGroup(scope: Construct, { logEncryptionKey }: AgentCoreFunctionProps): LogGroup {
  if (logEncryptionKey) allowLogEncryption(scope, logEncryptionKey);
  return new LogGroup(scope, 'LogGroup', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY, encryptionKey: logEncryptionKey });
}
