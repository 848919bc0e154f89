import { IncomingHttpHeaders } from 'node:http';
import { parseJson } from './body';
import { cannotParse, fieldValidationFailed } from './http-error';
import { RouteMatch } from './router';
import { MemberRef, Shape, Shapes } from '../../service/model/model';
import { Violation, violations } from '../../service/model/validate';

export interface RawRequest {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Whether the body of an operation is taken as bytes, not as JSON. */
export function hasBlobPayload({ route: { shapes, inputShape } }: RouteMatch): boolean {
  const { payload, members } = shapes[inputShape];
  return payload !== undefined && shapes[members![payload].shape].type === 'blob';
}

/**
 * The input of an operation, gathered from path, query, headers and body as its model says.
 *
 * @throws ServiceError ValidationException where the service would refuse it
 */
export function gatherInput(match: RouteMatch, request: RawRequest): Record<string, unknown> {
  const { shapes, inputShape } = match.route;
  const shape = shapes[inputShape];
  const members = Object.entries(shape.members ?? {});
  const located = members.flatMap(([name, member]): [string, unknown][] => {
    const value = valueAt(shapes, member, match, request);
    return value === undefined ? [] : [[name, value]];
  });
  // entries, not assignments: a member may be called __proto__
  const input = Object.fromEntries([...fromBody(shapes, shape, request.body), ...located]);
  const found: Violation[] = violations(shapes, inputShape, input);
  if (found.length > 0) throw fieldValidationFailed(found);
  return withoutNulls(shapes, inputShape, input) as Record<string, unknown>;
}

/** A valid value whose structures lack the members that were given as null: for the service the two are the same. */
function withoutNulls(shapes: Shapes, shapeName: string, value: unknown): unknown {
  const { type, members, member, value: entry } = shapes[shapeName];
  switch (type) {
    case 'structure': {
      const given = Object.entries(value as object).filter(([, item]) => item !== null);
      return Object.fromEntries(given.map(([name, item]) => [name, withoutNulls(shapes, members![name].shape, item)]));
    }
    case 'list': return (value as unknown[]).map((item) => withoutNulls(shapes, member!.shape, item));
    case 'map': return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, withoutNulls(shapes, entry!.shape, item)]));
    default: return value;
  }
}

function valueAt(shapes: Shapes, member: MemberRef, match: RouteMatch, { query, headers }: RawRequest): unknown {
  const name = member.locationName ?? '';
  switch (member.location) {
    case 'uri':
      return match.labels.get(name);
    case 'querystring':
      if (shapes[member.shape].type === 'list') return query.has(name) ? query.getAll(name) : undefined;
      return typed(shapes[member.shape], query.get(name) ?? undefined);
    case 'header':
      return headers[name.toLowerCase()];
    default:
      return undefined;
  }
}

function typed(shape: Shape, text: string | undefined): unknown {
  const isNumber = (shape.type === 'integer' || shape.type === 'long') && text !== undefined && /^-?[0-9]{1,15}$/.test(text);
  return isNumber ? Number(text) : text;
}

function fromBody(shapes: Shapes, shape: Shape, body: Buffer): [string, unknown][] {
  const members = shape.members ?? {};
  if (shape.payload !== undefined) {
    const value = shapes[members[shape.payload].shape].type === 'blob' ? body : parseJson(body);
    return value === undefined ? [] : [[shape.payload, value]];
  }
  const value = parseJson(body) ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw cannotParse('request body is not a JSON object');
  const misplaced = Object.keys(value).filter((name) => Object.hasOwn(members, name) && members[name].location !== undefined);
  if (misplaced.length > 0) {
    throw fieldValidationFailed(misplaced.map((path) => ({ path, message: `belongs into the ${members[path].location}, not into the body` })));
  }
  return Object.entries(value);
}
