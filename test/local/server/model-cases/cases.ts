import { Values } from './values';
import { MemberRef, Operation } from '../../../../src/service/model/model';

/** One input of an operation: everything in it is as it has to be, but for one place at most. */
export interface Case {
  readonly operation: string;
  /** The place, as `fieldList` names it; empty for the whole input. */
  readonly path: string;
  readonly constraint: string;
  readonly verdict: 'met' | 'violated';
  readonly input: Readonly<Record<string, unknown>>;
}

type Place = (value: unknown) => Record<string, unknown>;

/** Where a member of the input travels; what is inside of one travels with it. */
type Location = NonNullable<MemberRef['location']> | 'body';

/** Every constraint of an operation's input violated once, and every edge met once. */
export function casesOf(operation: string, { input }: Operation, values: Values): Case[] {
  const found: Case[] = [];
  const add = (verdict: Case['verdict'], path: string, constraint: string, made: Record<string, unknown>) => {
    found.push({ operation, path, constraint, verdict, input: made });
  };
  const { shapes } = values;

  function walk(shapeName: string, path: string, location: Location, place: Place): void {
    const shape = shapes[shapeName];
    const { met, violated } = values.edges(shapeName);
    for (const { constraint, value } of met) if (canTravel(value, location)) add('met', path, constraint, place(value));
    for (const { constraint, value } of violated) if (canTravel(value, location)) add('violated', path, constraint, place(value));
    if (location === 'body' && shape.type !== 'blob') add('violated', path, `is a ${shape.type}`, place(shape.type === 'string' ? 7 : 'text'));
    switch (shape.type) {
      case 'structure': return walkStructure(shapeName, path, location, place);
      case 'list': return walk(shape.member!.shape, `${path}[0]`, location, (value) => place([value, ...values.list(shapeName, Math.max((shape.min ?? 0) - 1, 0))]));
      case 'map':
        walkKeys(shape.key!.shape, path, place, values.plain(shape.value!.shape));
        return walk(shape.value!.shape, `${path}.k0`, location, (value) => place({ k0: value }));
    }
  }

  function walkKeys(shapeName: string, path: string, place: Place, value: unknown): void {
    const { met, violated } = values.edges(shapeName);
    for (const { constraint, value: key } of met) add('met', path, `key: ${constraint}`, place({ [key as string]: value }));
    for (const { constraint, value: key } of violated) add('violated', `${path}.key(${key as string})`, `key: ${constraint}`, place({ [key as string]: value }));
  }

  function walkStructure(shapeName: string, path: string, location: Location, place: Place): void {
    const { members = {}, required = [], union = false } = shapes[shapeName];
    const plain = values.plain(shapeName, path) as Record<string, unknown>;
    const at = (name: string) => (path ? `${path}.${name}` : name);
    for (const name of required) {
      const { [name]: dropped, ...rest } = plain;
      if (canBeLeftOut(members[name], shapes[members[name].shape].type)) add('violated', at(name), 'required', place(rest));
    }
    const names = Object.keys(members);
    if (union) {
      add('violated', path, 'exactly one: none', place({}));
      const both = Object.fromEntries(names.slice(0, 2).map((name) => [name, values.plain(members[name].shape, at(name))]));
      if (names.length > 1) add('violated', path, 'exactly one: two', place(both));
    }
    if (location === 'body' && names.some((name) => !members[name].location && name !== shapes[shapeName].payload)) {
      add('violated', at('unheardOf'), 'members', place({ ...plain, unheardOf: 'text' }));
    }
    for (const [name, member] of Object.entries(members)) {
      const placed: Place = (value) => place({ ...(union ? {} : plain), [name]: value });
      // an edge of it shows the same
      if (!required.includes(name) && values.edges(member.shape).met.length === 0) add('met', at(name), 'may be given', placed(values.plain(member.shape, at(name))));
      walk(member.shape, at(name), location === 'body' ? member.location ?? 'body' : location, placed);
    }
  }

  add('met', '', 'what is required alone', values.plain(input.shape) as Record<string, unknown>);
  walkStructure(input.shape, '', 'body', (value) => value as Record<string, unknown>);
  return found;
}

/** A path has all of its labels, and a body of bytes is there though it be empty. */
function canBeLeftOut({ location }: MemberRef, type: string): boolean {
  return location !== 'uri' && type !== 'blob';
}

/** What HTTP cannot carry at a place: an empty label, an empty list in a query, a line break in a header. */
function canTravel(value: unknown, location: Location): boolean {
  if (location === 'uri') return value !== '';
  if (location === 'querystring') return !(Array.isArray(value) && value.length === 0);
  return location !== 'header' || !/[\r\n]/.test(String(value));
}
