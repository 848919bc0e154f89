import { actionData, conditionKeyType, listsKey } from '../../../util/iam-data';

/** What the constructs and their users write: the actions that random policies and requests are about. */
const ACTIONS = [
  ...['CreateAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'GetAgentRuntime', 'ListAgentRuntimes', 'CreateAgentRuntimeEndpoint',
    'InvokeAgentRuntime', 'InvokeAgentRuntimeCommand', 'StopRuntimeSession', 'TagResource', 'PassCapacityProvider', 'PutResourcePolicy',
    'CreateWorkloadIdentity', 'CreateCapacityProvider'].map((name) => `bedrock-agentcore:${name}`),
  ...['PassRole', 'CreateServiceLinkedRole', 'GetRole'].map((name) => `iam:${name}`),
  ...['GetObject', 'GetObjectVersion', 'PutObject', 'ListBucket', 'ListAllMyBuckets', 'AbortMultipartUpload'].map((name) => `s3:${name}`),
  ...['CreateLogStream', 'PutLogEvents', 'GetLogEvents', 'DescribeLogGroups', 'CreateLogDelivery'].map((name) => `logs:${name}`),
  ...['InvokeFunction', 'GetFunction', 'ListFunctions', 'TagResource'].map((name) => `lambda:${name}`),
  ...['Decrypt', 'GenerateDataKey', 'CreateGrant', 'DescribeKey'].map((name) => `kms:${name}`),
  ...['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces', 'CreateTags'].map((name) => `ec2:${name}`),
  ...['StartExecution', 'DescribeMapRun', 'ListMapRuns', 'SendTaskSuccess'].map((name) => `states:${name}`),
  ...['PutEvents', 'PutRule', 'PutTargets'].map((name) => `events:${name}`),
  ...['SendMessage', 'ReceiveMessage', 'CreateQueue'].map((name) => `sqs:${name}`),
];

/** Keys that AWS has with every request, or with many. */
const GLOBAL_KEYS = [
  'aws:PrincipalAccount', 'aws:PrincipalArn', 'aws:PrincipalTag/team', 'aws:username', 'aws:userid', 'aws:SourceIp', 'aws:SourceAccount', 'aws:SourceArn',
  'aws:CurrentTime', 'aws:EpochTime', 'aws:SecureTransport', 'aws:MultiFactorAuthAge', 'aws:RequestedRegion', 'aws:CalledVia', 'aws:ViaAWSService',
  'aws:RequestTag/team', 'aws:TagKeys', 'aws:ResourceAccount',
];

/** Keys of one service; where an action does not list them, its requests do not have them. */
const FOREIGN_KEYS = ['iam:PassedToService', 's3:prefix', 'ec2:Vpc', 'kms:ViaService', 'lambda:FunctionArn', 'bedrock-agentcore:runtimeSessionId', 'aws:ResourceTag/team'];

export interface Key {
  readonly name: string;
  readonly type: string;
}

export interface Subject {
  readonly action: string;
  /** Patterns of ARNs; none for an action that is allowed on `*` alone. */
  readonly arns: readonly string[];
  /** That the action lists. */
  readonly keys: readonly Key[];
  readonly globalKeys: readonly Key[];
  /** That it does not list. */
  readonly foreignKeys: readonly Key[];
}

export async function subjects(): Promise<readonly Subject[]> {
  const [globalKeys, foreignKeys] = await Promise.all([GLOBAL_KEYS, FOREIGN_KEYS].map((names) => Promise.all(names.map(key))));
  return Promise.all(ACTIONS.map(async (action) => {
    const data = (await actionData(action))!;
    const names = data.conditionKeys.map((name) => name.replace(/\$\{[^}]*\}|<[^>]*>/, 'team'));
    return {
      action,
      arns: data.resourceTypes.map(({ arn }) => arn),
      keys: await Promise.all(names.map(key)),
      globalKeys,
      foreignKeys: foreignKeys.filter(({ name }) => !listsKey(data.conditionKeys, name)),
    };
  }));
}

async function key(name: string): Promise<Key> {
  return { name, type: (await conditionKeyType(name))! };
}
