import { UNKNOWN } from '../service/model/validate';

/** What an intrinsic function refers to, by logical id or parameter. */
export interface TemplateReference {
  readonly target: string;
  /** Absent for a `Ref`. */
  readonly attribute?: string;
}

/** The one function of an intrinsic such as `{ Ref: 'A' }`; undefined for any other value. */
export function intrinsicOf(value: unknown): { readonly name: string; readonly argument: unknown } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  return others.length === 0 && /^(Ref$|Fn::)/.test(name) ? { name, argument } : undefined;
}

/** A value with `UNKNOWN` in the place of whatever only CloudFormation can tell, and without what it leaves out. */
export function knownPart(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('{{resolve:') ? UNKNOWN : value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic) return intrinsic.argument === 'AWS::NoValue' ? undefined : UNKNOWN;
  if (Array.isArray(value)) return value.map(knownPart).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, knownPart(item)]).filter(([, item]) => item !== undefined));
}

/** What a value refers to: by `Ref`, by `Fn::GetAtt`, or in the text of an `Fn::Sub`; in all of its depth. */
export function referencesIn(value: unknown): TemplateReference[] {
  const intrinsic = intrinsicOf(value);
  if (intrinsic?.name === 'Ref') return typeof intrinsic.argument === 'string' ? [{ target: intrinsic.argument }] : [];
  if (intrinsic?.name === 'Fn::GetAtt') return [reference(Array.isArray(intrinsic.argument) ? intrinsic.argument.join('.') : String(intrinsic.argument))];
  const inner = typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencesIn) : [];
  if (intrinsic?.name !== 'Fn::Sub') return inner;
  const text: unknown = Array.isArray(intrinsic.argument) ? intrinsic.argument[0] : intrinsic.argument;
  return [...inner, ...[...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => reference(name.trim()))];
}

/** All literal texts in a value, those inside of intrinsic functions too. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const intrinsic = intrinsicOf(value);
  if (intrinsic && /^(Ref|Fn::GetAtt|Fn::ImportValue|Fn::FindInMap)$/.test(intrinsic.name)) return [];
  // the parts of a text belong together: `password=` and what follows it
  if (intrinsic?.name === 'Fn::Join') return [textOf(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** A text with `$` in the place of each part that only CloudFormation can tell. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic?.name === 'Fn::Sub') {
    const text: unknown = Array.isArray(intrinsic.argument) ? intrinsic.argument[0] : intrinsic.argument;
    return String(text).replace(/\$\{[^!}][^}]*\}/g, '$');
  }
  const [separator, parts] = intrinsic?.name === 'Fn::Join' && Array.isArray(intrinsic.argument) ? intrinsic.argument as [string, unknown] : [];
  return separator !== undefined && Array.isArray(parts) ? parts.map(textOf).join(separator) : '$';
}

function reference(text: string): TemplateReference {
  const [target, ...attribute] = text.split('.');
  return attribute.length > 0 ? { target, attribute: attribute.join('.') } : { target };
}
