import { CustomResourceEvent } from './event';

/**
 * What CloudFormation takes as an answer, in bytes of the whole body.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export const MAX_RESPONSE_BYTES = 4_096;

/** What a lifecycle came to. */
export type Outcome =
  | { readonly physicalId: string; readonly attributes: Readonly<Record<string, string>> }
  | { readonly physicalId: string; readonly reason: string };

/** Attributes that may lose their beginning so that an answer fits. */
const CUT_FROM_THE_START = ['Stdout', 'Stderr'] as const;

/** The attribute that says so. */
const TRUNCATED = 'Truncated';

/** The body of an answer, never longer than CloudFormation takes. */
export function responseBody(event: CustomResourceEvent, outcome: Outcome): string {
  const base = {
    PhysicalResourceId: outcome.physicalId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  };
  if ('reason' in outcome) {
    const without = { Status: 'FAILED', Reason: '', ...base };
    return JSON.stringify({ ...without, Reason: head(outcome.reason, MAX_RESPONSE_BYTES - jsonBytes(without)) });
  }
  return successBody({ Status: 'SUCCESS', ...base }, outcome.attributes);
}

function successBody(base: object, attributes: Readonly<Record<string, string>>): string {
  const data: Record<string, string> = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, wellFormed(value)]));
  const cuttable = CUT_FROM_THE_START.filter((key) => key in data);
  const without = { ...data, ...Object.fromEntries(cuttable.map((key) => [key, ''])) };
  if (cuttable.length > 0) without[TRUNCATED] = 'false'; // the longer of its two values
  let room = MAX_RESPONSE_BYTES - jsonBytes({ ...base, Data: without });

  // the shorter one first: what it leaves of its share goes to the longer one
  const byLength = [...cuttable].sort((a, b) => jsonBytes(data[a]) - jsonBytes(data[b]));
  byLength.forEach((key, i) => {
    const cut = tail(data[key], Math.floor(room / (byLength.length - i)));
    if (cut !== data[key]) data[TRUNCATED] = 'true';
    data[key] = cut;
    room -= jsonBytes(cut) - 2;
  });
  return JSON.stringify({ ...base, Data: data });
}

/** The longest beginning of a text that takes no more than so many bytes inside a JSON string. */
export function head(text: string, bytes: number): string {
  return fitting([...wellFormed(text)], bytes).join('');
}

/** The longest end of a text that takes no more than so many bytes inside a JSON string. */
export function tail(text: string, bytes: number): string {
  // no character takes less than a byte: what is further from the end than that cannot fit
  const end = wellFormed(text.slice(-Math.max(bytes, 1)));
  return fitting([...end].reverse(), bytes).reverse().join('');
}

function fitting(characters: readonly string[], bytes: number): string[] {
  let used = 0;
  const end = characters.findIndex((character) => {
    used += jsonBytes(character) - 2;
    return used > bytes;
  });
  return end < 0 ? [...characters] : characters.slice(0, end);
}

/** Half of a surrogate pair cannot be encoded in UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8');
}
