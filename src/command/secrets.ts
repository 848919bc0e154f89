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
  return tokens.some((token) => SecretValue.isSecretValue(token) || isHiddenParameter(token))
    // an unwrapped secret is a token that looks like any other until it is resolved
    || JSON.stringify(stack.resolve(text) ?? '').includes('{{resolve:');
}

function isHiddenParameter(token: unknown): boolean {
  return Reference.isReference(token) && token.target instanceof CfnParameter && token.target.noEcho;
}
