import { createHash } from 'node:crypto';

/**
 * What the names of partial files for one target begin with: hidden, short whatever the name of the target is, and after it comes
 * what tells contents apart, so that a source that has changed starts afresh.
 */
export function partialPrefix(name: string): string {
  return `.agentcore-${createHash('sha256').update(name).digest('hex').slice(0, 16)}-`;
}
