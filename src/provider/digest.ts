import { createHash } from 'node:crypto';

/** 32 hexadecimal characters that stand for all the parts. */
export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}
