import { CfnParameter, Reference, SecretValue, Stack, Tokenization } from 'aws-cdk-lib';

/**
 * What is wrong with a text that holds a secret, and so would write it to a log.
 *
 * @param what names the property in the message
 * @param text may hold tokens
 */
export function validateNoSecret(stack: Stack, what: string, text: string): string[] {
  if (!holdsSecret(stack, text)) return [];
  return [`${what} holds a secret or a dynamic reference, but the service writes the text of commands to the runtime's log group; `
    + 'let the command itself read the secret in the session, with the permissions of the execution role'];
}

function holdsSecret(stack: Stack, text: string): boolean {
  const { tokens } = Tokenization.reverseString(text);
  if (tokens.some((token) => SecretValue.isSecretValue(token) || isHiddenParameter(token))) return true;
  // an unwrapped secret, or a parameter behind another token, looks like any other token until it is resolved
  const resolved: unknown = stack.resolve(text) ?? '';
  return JSON.stringify(resolved).includes('{{resolve:') || refersToHiddenParameter(stack, resolved);
}

function isHiddenParameter(token: unknown): boolean {
  return Reference.isReference(token) && token.target instanceof CfnParameter && token.target.noEcho;
}

function refersToHiddenParameter(stack: Stack, resolved: unknown): boolean {
  const names = namesIn(resolved);
  if (names.size === 0) return false;
  return stack.node.findAll().some((node) => node instanceof CfnParameter && node.noEcho && names.has(stack.resolve(node.logicalId)));
}

/** What a resolved value refers to by `Ref`, or in the text of an `Fn::Sub`. */
function namesIn(value: unknown): Set<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(Object.entries(value).flatMap(([key, inner]) => [
    ...(key === 'Ref' && typeof inner === 'string' ? [inner] : []),
    ...(key === 'Fn::Sub' ? namesInSub(Array.isArray(inner) ? inner[0] : inner) : []),
    ...namesIn(inner),
  ]));
}

function namesInSub(template: unknown): string[] {
  return typeof template === 'string' ? [...template.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name.trim()) : [];
}
