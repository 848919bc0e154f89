import { describe } from './model/validate';

/** The versions of a runtime are numbered from 1. */
const VERSION = /^[1-9][0-9]{0,4}$/;

/** What is wrong with the number of a runtime's version. */
export function validateVersion(version: string): string[] {
  if (VERSION.test(version)) return [];
  return [`version ${describe(version)} is not a whole number from 1 to 99999; give the number of a version that the runtime has`];
}
