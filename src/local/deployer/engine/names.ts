import { randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A physical name as CloudFormation makes them up: `<stack>-<logical id>-<suffix>`, cut to what the service takes. */
export function generatedName(stackName: string, logicalId: string, maxLength = 255): string {
  const suffix = Array.from({ length: 12 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const room = maxLength - suffix.length - 2;
  const id = logicalId.slice(0, Math.max(Math.floor(room / 2), room - stackName.length));
  return `${stackName.slice(0, room - id.length)}-${id}-${suffix}`;
}
