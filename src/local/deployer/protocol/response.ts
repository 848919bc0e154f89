import { MAX_RESPONSE_BYTES } from '../../../provider/response';
import { isObject } from '../json';
import { UnsentEvent } from './event';

/** How long a physical id may be, in characters. */
const MAX_PHYSICAL_ID_LENGTH = 1_024;

/** An answer as CloudFormation understands it. */
export type CheckedResponse =
  | { readonly status: 'SUCCESS'; readonly physicalId: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly status: 'FAILED'; readonly physicalId?: string; readonly reason: string };

/**
 * Checks the body of an answer as CloudFormation does; whatever is wrong with it makes it a failure.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export function checkResponse(body: Buffer, event: UnsentEvent): CheckedResponse {
  if (body.length > MAX_RESPONSE_BYTES) {
    return invalid(`Response object is too long. (${body.length} bytes, allowed are ${MAX_RESPONSE_BYTES})`);
  }
  let response: unknown;
  try {
    response = JSON.parse(body.toString('utf8'));
  } catch {
    return invalid('Response is not valid JSON.');
  }
  if (!isObject(response)) return invalid('Response is not a JSON object.');

  const { Status: status, PhysicalResourceId: id, Reason: reason, Data: data } = response;
  const physicalId = typeof id === 'string' && id.length > 0 && id.length <= MAX_PHYSICAL_ID_LENGTH ? id : undefined;
  for (const key of ['StackId', 'RequestId', 'LogicalResourceId'] as const) {
    if (response[key] !== event[key]) {
      return invalid(`Invalid ${key} in the response: ${JSON.stringify(response[key]) ?? 'none'} where ${JSON.stringify(event[key])} is needed.`, physicalId);
    }
  }
  if (physicalId === undefined) {
    return invalid(`Invalid PhysicalResourceId (${describeId(id)}, needed is a string of 1 to ${MAX_PHYSICAL_ID_LENGTH} characters).`);
  }
  if (status === 'FAILED') {
    if (typeof reason !== 'string' || reason === '') return invalid('Response of status FAILED has no Reason.', physicalId);
    return { status, physicalId, reason: `Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: ${event.RequestId})` };
  }
  if (status !== 'SUCCESS') return invalid(`Invalid response status ${JSON.stringify(status) ?? 'none'}, needed is SUCCESS or FAILED.`, physicalId);
  const nested = nestedKey(data);
  if (nested !== undefined) return invalid(`Invalid Data in the response: ${nested}, needed is a flat map of strings.`, physicalId);
  return { status, physicalId, data: isObject(data) ? data : {} };
}

function invalid(reason: string, physicalId?: string): CheckedResponse {
  return { status: 'FAILED', physicalId, reason };
}

function describeId(id: unknown): string {
  if (typeof id === 'string') return `${id.length} characters`;
  return JSON.stringify(id) ?? 'none';
}

/** What keeps data from being flat: attributes are strings, or lists of them. */
function nestedKey(data: unknown): string | undefined {
  if (data === undefined || data === null) return undefined;
  if (!isObject(data)) return 'it is not an object';
  const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);
  const wrong = Object.keys(data).find((key) => {
    const value = data[key];
    return !(Array.isArray(value) ? value.every(isScalar) : isScalar(value));
  });
  return wrong === undefined ? undefined : `${wrong} is ${data[wrong] === null ? 'null' : 'an object'}`;
}
