import { RequestContext } from './request-context';
import { Pattern, wildcards } from './wildcard';

/** The version of the policy language that knows variables; in older policies they are text. */
export const VERSION_WITH_VARIABLES = '2012-10-17';

const VARIABLE = /\$\{([^}]*)\}/g;
const KEY_AND_DEFAULT = /^\s*([^\s,']+)\s*(?:,\s*'([^']*)'\s*)?$/;
const CHARACTERS = ['*', '?', '$'];

/**
 * Puts the request's values in for the variables of a text. What a value or a default brings along is text, wildcards
 * among it, too.
 *
 * @returns undefined where a variable has neither a single value nor a default; such a text equals nothing
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function substitute(text: string, context: RequestContext, version: string | undefined): Pattern | undefined {
  if (version !== VERSION_WITH_VARIABLES) return wildcards(text);
  const parts: Pattern[] = [];
  let end = 0;
  for (const variable of text.matchAll(VARIABLE)) {
    const value = valueOf(variable[1], context);
    if (value === undefined) return undefined;
    parts.push(wildcards(text.slice(end, variable.index)), [...value]);
    end = variable.index! + variable[0].length;
  }
  return [...parts.flat(), ...wildcards(text.slice(end))];
}

function valueOf(variable: string, context: RequestContext): string | undefined {
  if (CHARACTERS.includes(variable)) return variable;
  const [, key, otherwise] = KEY_AND_DEFAULT.exec(variable) ?? [];
  const value = key === undefined ? undefined : context.valueOf(key);
  return typeof value === 'string' ? value : otherwise;
}
