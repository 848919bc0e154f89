import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { Check, failed, failedBy, ok, skipped } from './check';
import { queryCall } from '../../client/stacks/query-call';
import { textOf } from '../../client/stacks/xml-text';
import { validateRegion } from '../../service/regions';

/** Which region is asked, and whether the service is there. */
export async function checkRegion(control: BedrockAgentCoreControlClient): Promise<Check> {
  const name = 'region';
  try {
    const region = await control.config.region();
    const [fault] = validateRegion(region);
    return fault === undefined ? ok(name, region) : failed(name, fault.split('; ')[0], 'name the region of the runtime with --region or AWS_REGION');
  } catch (error) {
    return failedBy(name, error);
  }
}

/** Who we are: STS tells everybody, whatever their permissions. */
export async function checkCredentials(control: BedrockAgentCoreControlClient, isLocal: boolean): Promise<Check> {
  const name = 'credentials';
  if (isLocal) return ok(name, 'none needed, the AgentCore is local');
  try {
    const { expiration } = await control.config.credentials();
    const xml = await queryCall(control, { service: 'sts', action: 'GetCallerIdentity', version: '2011-06-15' });
    return ok(name, `${textOf(xml, 'Arn')}${expiration ? `, until ${expiration.toISOString()}` : ''}`);
  } catch (error) {
    return failedBy(name, error);
  }
}

/** A harmless call for a permission that has no other check. */
export async function checkPermission(action: string, call: () => Promise<unknown>, remedy: string): Promise<Check> {
  const name = `may ${action}`;
  try {
    await call();
    return ok(name, 'allowed');
  } catch (error) {
    const { name: type } = error as Error;
    // what is not there was looked for
    if (type === 'ResourceNotFoundException') return ok(name, 'allowed');
    if (/AccessDenied|Unauthorized/.test(type)) return failed(name, 'denied', remedy);
    return skipped(name, `could not be tried (${type})`);
  }
}
