import { Authorizer } from './authorizer';
import { requestsOf } from './call';
import { partitionOf } from '../../../service/partition';
import { resourceArn } from '../../../service/permissions/resources';
import { LOCAL_ACCOUNT } from '../../identity';
import { ObjectName, ObjectStore } from '../artifacts/object-store';

/** Why a request about an object of S3 is denied, in AWS's words; undefined if it is allowed. */
export function authorizeObject(
  iam: Authorizer, accessKeyId: string | undefined, method: string | undefined, name: ObjectName, region: string, objects: Pick<ObjectStore, 'find'>,
): string | undefined {
  const { bucket, key } = name;
  const principal = iam.identify(accessKeyId);
  if (!principal) return undefined;
  const operation = method === 'PUT' ? 's3:PutObject' : 's3:GetObject';
  const keyArn = Object.hasOwn(iam.bucketKeys, bucket) ? iam.bucketKeys[bucket] : undefined;
  const names = { partition: partitionOf(region), region, account: LOCAL_ACCOUNT, bucketName: bucket, objectKey: key, keyArn };
  const denial = iam.denialOf(principal, operation, requestsOf({ operation, names, circumstances: new Set(keyArn === undefined ? [] : ['encrypted' as const]) }), region);
  if (denial !== undefined || method === 'PUT' || objects.find(name) !== undefined) return denial;
  // whoever may not list a bucket does not learn what is not in it
  return iam.denialOf(principal, operation, [{ action: 's3:ListBucket', resource: resourceArn('bucket', names), context: {} }], region);
}
