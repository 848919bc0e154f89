import { describe } from './model/validate';

/**
 * Where session storage is mounted unless told otherwise.
 */
export const DEFAULT_MOUNT_PATH = '/mnt/workspace';

const MIN_LENGTH = 6;
const MAX_LENGTH = 200;

/**
 * The form in which mount paths are compared and sent: without a trailing slash.
 *
 * The service takes `/mnt/data/` and `/mnt/data` for the same directory.
 */
export function normalizeMountPath(path: string): string {
  return path.replace(/^(\/mnt\/[^/]+)\/$/, '$1');
}

/**
 * What is wrong with a mount path: one level under `/mnt`, 6 to 200 characters.
 *
 * `/mnt/.` and `/mnt/..` fit the service's pattern and name no directory of their own, so they are refused too.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 */
export function validateMountPath(path: string): string[] {
  const errors: string[] = [];
  if (path.length < MIN_LENGTH || path.length > MAX_LENGTH) {
    errors.push(`mount path ${describe(path)} has ${path.length} characters, allowed are ${MIN_LENGTH} to ${MAX_LENGTH}`);
  }
  const name = /^\/mnt\/([A-Za-z0-9._-]+)\/?$/.exec(path)?.[1];
  if (name === undefined || name === '.' || name === '..') {
    errors.push(`mount path ${describe(path)} is not /mnt/ followed by one directory name of [A-Za-z0-9._-] other than . and ..; use a path like ${DEFAULT_MOUNT_PATH}`);
  }
  return errors;
}
