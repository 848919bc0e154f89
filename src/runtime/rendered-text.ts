import { Stack } from 'aws-cdk-lib';
import { render } from './render';

/**
 * A text as the template has it, with something in the place of each intrinsic function that is no join of its parts.
 *
 * @param stand gets the function, such as `{ Ref: 'AWS::Region' }`
 */
export function renderedText(stack: Stack, text: string, stand: (intrinsic: unknown) => string): string {
  return flatten(render(stack, text), stand);
}

/** The same for text that is resolved already. */
export function flatten(value: unknown, stand: (intrinsic: unknown) => string): string {
  if (typeof value === 'string') return value;
  const [separator, parts] = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? [];
  return Array.isArray(parts) ? parts.map((part) => flatten(part, stand)).join(separator) : stand(value);
}
