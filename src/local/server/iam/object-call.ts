import { Authorizer } from './authorizer';
import { requestsOf } from './call';
import { partitionOf } from '../../../service/partition';
import { LOCAL_ACCOUNT } from '../../identity';
import { ObjectName } from '../artifacts/object-store';

/** Why a request about an object of S3 is denied, in AWS's words; undefined if it is allowed. */
export function authorizeObject(
  iam: Authorizer, accessKeyId: string | undefined, method: string | undefined, { bucket, key }: ObjectName, region: string,
): string | undefined {
  const principal = iam.identify(accessKeyId);
  if (!principal) return undefined;
  const operation = method === 'PUT' ? 's3:PutObject' : 's3:GetObject';
  const keyArn = Object.hasOwn(iam.bucketKeys, bucket) ? iam.bucketKeys[bucket] : undefined;
  const names = { partition: partitionOf(region), region, account: LOCAL_ACCOUNT, bucketName: bucket, objectKey: key, keyArn };
  return iam.denialOf(principal, operation, requestsOf({ operation, names, circumstances: new Set(keyArn === undefined ? [] : ['encrypted' as const]) }), region);
}
