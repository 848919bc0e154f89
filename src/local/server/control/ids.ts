import { randomInt } from 'node:crypto';
import { partitionOf } from '../../../service/partition';
import { LOCAL_ACCOUNT } from '../../identity';

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** An id as the service makes it: a name and ten letters and digits. */
export function newId(name: string): string {
  return `${name}-${Array.from({ length: 10 }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('')}`;
}

export function workloadIdentityArn(region: string, name: string): string {
  return `arn:${partitionOf(region)}:bedrock-agentcore:${region}:${LOCAL_ACCOUNT}:workload-identity-directory/default/workload-identity/${name}`;
}

/** The region that a request was signed for; undefined where it was not signed with Signature Version 4. */
export function signedRegion(authorization: string | undefined): string | undefined {
  return /^AWS4-[^ ]+ .*Credential=[^/ ,]+\/[0-9]{8}\/([a-z]{2,}(?:-[a-z]+)+-[0-9]+)\//.exec(authorization ?? '')?.[1];
}
