import { describe } from './model/validate';

/** The smallest and the largest size of session storage that can be declared, in GiB. */
export const STORAGE_SIZE_GIB = { min: 1, max: 100 } as const;

/**
 * What managed session storage holds per session, in GiB; the service fixes it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
 */
export const MANAGED_STORAGE_GIB = 1;

/** The longest name of a volume of a capacity provider, in characters. */
export const MAX_VOLUME_NAME = 48;

/** What is wrong with a declared size: a whole number of GiB, 1 to 100. */
export function validateSizeInGiB(size: number): string[] {
  const { min, max } = STORAGE_SIZE_GIB;
  if (Number.isInteger(size) && size >= min && size <= max) return [];
  return [`size of ${typeof size === 'number' ? size : describe(size)} GiB is not a whole number from ${min} to ${max}; choose one, ${MANAGED_STORAGE_GIB} is what managed session storage holds`];
}
