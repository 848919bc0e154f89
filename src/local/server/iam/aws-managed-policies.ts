import { PolicyDocument } from '../../iam/policy';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

function allowing(actions: readonly string[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

/** The documents of the managed policies of AWS that the CDK gives to functions, by what their ARNs end with. */
const DOCUMENTS: Readonly<Record<string, PolicyDocument>> = {
  /** @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html */
  'service-role/AWSLambdaBasicExecutionRole': allowing(LOGS),
  /** @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html */
  'service-role/AWSLambdaVPCAccessExecutionRole': allowing([
    ...LOGS,
    'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
  ]),
};

const AWS_MANAGED = /^arn:[^:]+:iam::aws:policy\/(.+)$/;

/** The document of a managed policy of AWS; undefined if it is not known here. */
export function awsManagedPolicy(arn: string): PolicyDocument | undefined {
  const name = AWS_MANAGED.exec(arn)?.[1];
  return name !== undefined && Object.hasOwn(DOCUMENTS, name) ? DOCUMENTS[name] : undefined;
}

/** In place of a policy that is not known here: what it denies cannot be known either. */
export const ALLOWS_EVERYTHING: PolicyDocument = allowing(['*']);

/** In place of a policy that is gone: as a boundary it lets nothing through. */
export const ALLOWS_NOTHING: PolicyDocument = { Version: '2012-10-17', Statement: [] };
