/** Keys as CloudFormation has them in place of those of the API, at every depth; tokens and texts stay as they are. */
export function pascalCaseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascalCaseKeys);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => [key[0].toUpperCase() + key.slice(1), pascalCaseKeys(inner)]));
}
