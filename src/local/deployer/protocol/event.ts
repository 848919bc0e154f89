import { CustomResourceEvent } from '../../../provider/event';
import { isObject, JsonObject } from '../json';

export type { CustomResourceEvent } from '../../../provider/event';

/** An event without the address that is known only when it is sent. */
export type UnsentEvent = Omit<CustomResourceEvent, 'ResponseURL'>;

/** Properties as CloudFormation sends them: every scalar has become a string, however deep it stands. */
export function stringified(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, stringify(value)]));
}

function stringify(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stringify);
  if (isObject(value)) return stringified(value);
  return String(value);
}
