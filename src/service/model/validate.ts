import { MemberRef, Shape, Shapes } from './model';

/** One value that the service would refuse. */
export interface Violation {
  /** Where the value stands, as `agentRuntimeArtifact.codeConfiguration.entryPoint[1]`; empty for the whole input. */
  readonly path: string;
  /** What was got and what is allowed; lower case, no full stop. */
  readonly message: string;
}

/** Stands for a value that is known only at deployment; nothing can be wrong with it yet. */
export const UNKNOWN = Symbol('known only at deployment');

/**
 * Checks a value against a shape of a service model, down to its leaves.
 *
 * Unset members (`undefined` and `null`) count as absent. Members that the shape does not know are violations.
 */
export function violations(shapes: Shapes, shapeName: string, value: unknown, path = ''): Violation[] {
  if (value === UNKNOWN) return [];
  const shape = shapes[shapeName];
  const is = (message: string): Violation[] => [{ path, message }];
  switch (shape.type) {
    case 'structure':
      return isRecord(value) ? ofStructure(shapes, shape, value, path) : is(`${describe(value)} is not a structure`);
    case 'list':
      if (!Array.isArray(value)) return is(`${describe(value)} is not a list`);
      return [
        ...ofRange(shape, value.length, 'members', path),
        ...value.flatMap((item, i) => violations(shapes, shape.member!.shape, item, `${path}[${i}]`)),
      ];
    case 'map':
      if (!isRecord(value)) return is(`${describe(value)} is not a map`);
      return [
        ...ofRange(shape, Object.keys(value).length, 'entries', path),
        ...Object.entries(value).flatMap(([key, item]) => [
          ...violations(shapes, shape.key!.shape, key, `${path}.key(${key})`),
          ...violations(shapes, shape.value!.shape, item, join(path, key)),
        ]),
      ];
    case 'string':
      if (typeof value !== 'string') return is(`${describe(value)} is not a string`);
      return ofString(shape, value, path);
    case 'integer':
    case 'long':
      if (typeof value !== 'number' || !Number.isInteger(value)) return is(`${describe(value)} is not an integer`);
      return ofRange(shape, value, '', path);
    case 'double':
    case 'float':
      if (typeof value !== 'number') return is(`${describe(value)} is not a number`);
      return ofRange(shape, value, '', path);
    case 'boolean':
      return typeof value === 'boolean' ? [] : is(`${describe(value)} is not a boolean`);
    case 'blob':
    case 'timestamp':
      return [];
  }
}

function ofStructure(shapes: Shapes, shape: Shape, value: Record<string, unknown>, path: string): Violation[] {
  const members: Readonly<Record<string, MemberRef>> = shape.members ?? {};
  const present = Object.keys(value).filter((name) => value[name] !== undefined && value[name] !== null);
  const found: Violation[] = [];
  for (const name of shape.required ?? []) {
    if (!present.includes(name)) found.push({ path: join(path, name), message: 'is required and was not given' });
  }
  if (shape.union && present.length !== 1) {
    const got = present.length === 0 ? 'none' : present.join(', ');
    found.push({ path, message: `exactly one of ${Object.keys(members).join(', ')} is allowed, got ${got}` });
  }
  for (const name of present) {
    // not by lookup alone: `constructor` is no member
    if (Object.hasOwn(members, name)) found.push(...violations(shapes, members[name].shape, value[name], join(path, name)));
    else found.push({ path: join(path, name), message: `is not known here; known are ${Object.keys(members).join(', ')}` });
  }
  return found;
}

function ofString(shape: Shape, value: string, path: string): Violation[] {
  const shown = shape.sensitive ? 'the value' : describe(value);
  if (shape.enum && !shape.enum.includes(value)) return [{ path, message: `${shown} is not one of ${shape.enum.join(', ')}` }];
  const found = ofRange(shape, [...value].length, 'characters', path);
  if (shape.pattern && !new RegExp(`^(?:${shape.pattern})$`).test(value)) {
    found.push({ path, message: `${shown} does not match ${shape.pattern}` });
  }
  return found;
}

function ofRange(shape: Shape, got: number, unit: string, path: string): Violation[] {
  const { min = -Infinity, max = Infinity } = shape;
  if (got >= min && got <= max) return [];
  const allowed = max === Infinity ? `${min} or more` : min === -Infinity ? `${max} at most` : `${min} to ${max}`;
  return [{ path, message: `${[got, unit].join(' ').trim()} where ${allowed} are allowed` }];
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as shown in a message: quoted and short. */
export function describe(value: unknown): string {
  // JSON has no NaN and no Infinity
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
