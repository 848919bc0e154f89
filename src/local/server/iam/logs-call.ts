import { CallFacts } from './call';
import { partitionOf } from '../../../service/partition';
import { PERMISSIONS } from '../../../service/permissions';
import { LOCAL_ACCOUNT } from '../../identity';

/** What a call of CloudWatch Logs depends on; undefined for what the service refuses anyway. */
export function logsCall(name: string, input: object, region: string): CallFacts | undefined {
  const { logGroupName, logStreamName } = input as { readonly logGroupName?: unknown; readonly logStreamName?: unknown };
  const operation = `logs:${name}`;
  if (!Object.hasOwn(PERMISSIONS, operation) || (logGroupName !== undefined && typeof logGroupName !== 'string')) return undefined;
  const needsStream = PERMISSIONS[operation].some(({ resources }) => resources.includes('logStream'));
  const needsGroup = needsStream || PERMISSIONS[operation].some(({ resources }) => resources.includes('logGroup'));
  if ((needsGroup && logGroupName === undefined) || (needsStream && typeof logStreamName !== 'string')) return undefined;
  const names = { partition: partitionOf(region), region, account: LOCAL_ACCOUNT, logGroupName, logStreamName: logStreamName as string | undefined };
  return { operation, names, circumstances: new Set() };
}
