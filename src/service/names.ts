import { describe } from './model/validate';

/** The endpoint that every runtime has from the start and that follows its newest version. */
export const DEFAULT_ENDPOINT = 'DEFAULT';

/** Runtime names and endpoint names: a letter, then letters, digits and underscores, 48 in all. */
const NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/;

/** A runtime id: the runtime's name, a hyphen, ten characters that the service chooses. */
const RUNTIME_ID = /^[a-zA-Z][a-zA-Z0-9_]{0,99}-[a-zA-Z0-9]{10}$/;

/** What is wrong with the name of a runtime. */
export function validateRuntimeName(name: string): string[] {
  return validateName('runtime name', name);
}

/** What is wrong with the name of an endpoint. */
export function validateEndpointName(name: string): string[] {
  return validateName('endpoint name', name);
}

function validateName(kind: string, name: string): string[] {
  if (NAME.test(name)) return [];
  return [`${kind} ${describe(name)} is not a letter followed by up to 47 letters, digits or underscores; hyphens are not allowed`];
}

/** Whether a text has the form of a runtime id. */
export function isRuntimeId(text: string): boolean {
  return RUNTIME_ID.test(text);
}

/** The name of the runtime that has an id. */
export function nameOfRuntimeId(id: string): string {
  return id.slice(0, id.lastIndexOf('-'));
}
