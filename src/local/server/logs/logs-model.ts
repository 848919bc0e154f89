import { MemberRef, Shapes } from '../../../service/model/model';
import { Violation, violations } from '../../../service/model/validate';

const GROUP: Readonly<Record<string, MemberRef>> = { logGroupName: { shape: 'LogGroupName' } };
const STREAM: Readonly<Record<string, MemberRef>> = { ...GROUP, logStreamName: { shape: 'LogStreamName' } };

/** What the operations that are served take, as the model of CloudWatch Logs has it. */
export const LOGS_SHAPES: Shapes = {
  CreateLogGroupRequest: {
    type: 'structure',
    required: ['logGroupName'],
    members: { ...GROUP, kmsKeyId: { shape: 'String' }, tags: { shape: 'Tags' }, logGroupClass: { shape: 'String' }, deletionProtectionEnabled: { shape: 'Boolean' } },
  },
  DeleteLogGroupRequest: { type: 'structure', required: ['logGroupName'], members: GROUP },
  CreateLogStreamRequest: { type: 'structure', required: ['logGroupName', 'logStreamName'], members: STREAM },
  PutLogEventsRequest: {
    type: 'structure',
    required: ['logGroupName', 'logStreamName', 'logEvents'],
    members: { ...STREAM, logEvents: { shape: 'InputLogEvents' }, sequenceToken: { shape: 'String' }, entity: { shape: 'Entity' } },
  },
  GetLogEventsRequest: {
    type: 'structure',
    required: ['logGroupName', 'logStreamName'],
    members: {
      ...STREAM,
      startTime: { shape: 'Timestamp' },
      endTime: { shape: 'Timestamp' },
      nextToken: { shape: 'Token' },
      limit: { shape: 'EventsLimit' },
      startFromHead: { shape: 'Boolean' },
      unmask: { shape: 'Boolean' },
    },
  },
  FilterLogEventsRequest: {
    type: 'structure',
    required: ['logGroupName'],
    members: {
      ...GROUP,
      logStreamNamePrefix: { shape: 'LogStreamName' },
      startTime: { shape: 'Timestamp' },
      endTime: { shape: 'Timestamp' },
      nextToken: { shape: 'Token' },
      limit: { shape: 'EventsLimit' },
    },
  },
  DescribeLogStreamsRequest: {
    type: 'structure',
    required: ['logGroupName'],
    members: {
      ...GROUP,
      logStreamNamePrefix: { shape: 'LogStreamName' },
      orderBy: { shape: 'OrderBy' },
      descending: { shape: 'Boolean' },
      nextToken: { shape: 'Token' },
      limit: { shape: 'DescribeLimit' },
    },
  },
  Boolean: { type: 'boolean' },
  DescribeLimit: { type: 'integer', min: 1, max: 50 },
  Entity: { type: 'map', key: { shape: 'String' }, value: { shape: 'Tags' } },
  EventMessage: { type: 'string', min: 1 },
  EventsLimit: { type: 'integer', min: 1, max: 10_000 },
  InputLogEvent: { type: 'structure', required: ['timestamp', 'message'], members: { timestamp: { shape: 'Timestamp' }, message: { shape: 'EventMessage' } } },
  InputLogEvents: { type: 'list', member: { shape: 'InputLogEvent' }, min: 1, max: 10_000 },
  LogGroupName: { type: 'string', min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' },
  LogStreamName: { type: 'string', min: 1, max: 512, pattern: '[^:*]*' },
  OrderBy: { type: 'string', enum: ['LogStreamName', 'LastEventTime'] },
  String: { type: 'string' },
  Tags: { type: 'map', key: { shape: 'String' }, value: { shape: 'String' } },
  Timestamp: { type: 'long', min: 0 },
  Token: { type: 'string', min: 1 },
};

/** The operations that are served. */
export const LOGS_OPERATIONS: readonly string[] = Object.keys(LOGS_SHAPES).filter((name) => name.endsWith('Request')).map((name) => name.replace(/Request$/, ''));

/** What CloudWatch Logs would refuse in the input of an operation. */
export function logsInputViolations(operation: string, input: unknown): Violation[] {
  return violations(LOGS_SHAPES, `${operation}Request`, input);
}
