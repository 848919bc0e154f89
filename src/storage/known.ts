import { Token } from 'aws-cdk-lib';
import { UNKNOWN } from '../service/model/validate';

/** A value in which `UNKNOWN` stands for each token, as the service's model can check it. */
export function known(value: unknown): unknown {
  if (Token.isUnresolved(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, known(inner)]));
}
