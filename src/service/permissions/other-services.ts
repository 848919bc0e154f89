import { Permission, Permissions } from './permission';
import { ResourceKind } from './resources';
import { SOURCES } from './sources';

function on(action: string, resource: ResourceKind, source: string): Permission {
  return { action, resources: [resource], source };
}

/** The permissions of the operations of other services that our functions and state machines call, by service and name. */
export const OTHER_PERMISSIONS: Permissions = {
  'logs:CreateLogStream': [on('logs:CreateLogStream', 'logGroup', SOURCES.logs)],
  'logs:PutLogEvents': [on('logs:PutLogEvents', 'logStream', SOURCES.logs)],
  'logs:GetLogEvents': [on('logs:GetLogEvents', 'logStream', SOURCES.logs)],
  'logs:FilterLogEvents': [on('logs:FilterLogEvents', 'logGroup', SOURCES.logs)],
  'logs:DescribeLogStreams': [on('logs:DescribeLogStreams', 'logGroup', SOURCES.logs)],
  'logs:CreateLogGroup': [on('logs:CreateLogGroup', 'logGroup', SOURCES.logs)],
  'logs:DeleteLogGroup': [on('logs:DeleteLogGroup', 'logGroup', SOURCES.logs)],
  'logs:DescribeLogGroups': [on('logs:DescribeLogGroups', 'all', SOURCES.logs)],
  'lambda:Invoke': [on('lambda:InvokeFunction', 'function', SOURCES.lambda)],
  's3:GetObject': [
    on('s3:GetObject', 'object', SOURCES.s3),
    { ...on('kms:Decrypt', 'key', SOURCES.s3Encryption), when: 'encrypted' },
  ],
  's3:PutObject': [
    on('s3:PutObject', 'object', SOURCES.s3),
    { ...on('kms:GenerateDataKey', 'key', SOURCES.s3Encryption), when: 'encrypted' },
  ],
  'states:StartExecution': [on('states:StartExecution', 'stateMachine', SOURCES.states)],
  'states:StartExecution.sync:2': [
    on('states:StartExecution', 'stateMachine', SOURCES.nestedStates),
    on('states:DescribeExecution', 'execution', SOURCES.nestedStates),
    // a rule that Step Functions keeps in the account, by which it hears of the end
    ...['events:PutTargets', 'events:PutRule', 'events:DescribeRule'].map((action) => on(action, 'executionRule', SOURCES.nestedStates)),
  ],
  'states:ListMapRuns': [on('states:ListMapRuns', 'execution', SOURCES.states)],
  'events:PutEvents': [on('events:PutEvents', 'eventBus', SOURCES.events)],
};
