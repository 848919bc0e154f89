/** Tags that AWS itself sets begin with this prefix; nobody else may set or remove them. */
export const RESERVED_TAG_PREFIX = 'aws:';

/** How many tags a resource may have. */
export const MAX_TAGS = 50;

/** How many tags count towards the limit: those that AWS itself sets do not. */
export function countedTags(tags: Readonly<Record<string, string>>): number {
  return Object.keys(tags).filter((key) => !isReserved(key)).length;
}

/** What is wrong with the keys of tags that a user sets or removes. */
export function validateTagKeys(keys: readonly string[]): string[] {
  return keys
    .filter(isReserved)
    .map((key) => `tag key ${JSON.stringify(key)} begins with ${RESERVED_TAG_PREFIX}, which only AWS may use; choose another key`);
}

function isReserved(key: string): boolean {
  return key.toLowerCase().startsWith(RESERVED_TAG_PREFIX);
}
