import { cannotParse, HttpError } from './http-error';
import { Operations, Shapes } from '../../service/model/model';

/** Where an operation of a service model is found. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  /** The path's segments; a label's is its name in braces. */
  readonly segments: readonly string[];
  readonly responseCode: number;
  readonly inputShape: string;
  readonly shapes: Shapes;
}

export interface RouteMatch {
  readonly route: Route;
  /** The labels' values, decoded. */
  readonly labels: ReadonlyMap<string, string>;
}

/** The routes of all operations of a model. */
export function routesOf(operations: Operations, shapes: Shapes): Route[] {
  return Object.entries(operations).map(([operation, { http, input }]) => ({
    operation,
    method: http.method,
    segments: split(http.requestUri),
    responseCode: http.responseCode,
    inputShape: input.shape,
    shapes,
  }));
}

/**
 * The route of a request.
 *
 * @param rawPath as it came: a slash inside of a label is still percent-encoded
 * @throws HttpError where no operation has this path, or none with this method
 */
export function findRoute(routes: readonly Route[], method: string, rawPath: string): RouteMatch {
  const segments = split(rawPath);
  const there = routes.filter((route) => fits(route.segments, segments));
  const route = there.find((candidate) => candidate.method === method);
  if (route) return { route, labels: labelsOf(route.segments, segments) };
  if (there.length === 0) {
    throw new HttpError(404, 'UnknownOperationException', `no operation has the path ${shorten(rawPath)}; an ARN in a path must be percent-encoded`);
  }
  const allowed = there.map((candidate) => candidate.method).join(', ');
  throw new HttpError(405, 'UnknownOperationException', `method ${method} is not allowed for ${shorten(rawPath)}; allowed are ${allowed}`, { allow: allowed });
}

/** A path's segments; a trailing slash makes no difference. */
function split(path: string): string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/');
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.length === segments.length && pattern.every((part, i) => isLabel(part) ? segments[i] !== '' : part === segments[i]);
}

function labelsOf(pattern: readonly string[], segments: readonly string[]): Map<string, string> {
  return new Map(pattern.flatMap((part, i) => isLabel(part) ? [[part.slice(1, -1), decode(segments[i])] as const] : []));
}

function isLabel(part: string): boolean {
  return part.startsWith('{');
}

/** A percent-encoded segment as text; throws a ValidationException where the encoding is broken. */
export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw cannotParse(`path segment ${shorten(segment)} is not percent-encoded UTF-8`);
  }
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
