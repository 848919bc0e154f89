import { pipeline } from 'node:stream/promises';
import { ObjectName, ObjectStore } from './artifacts/object-store';
import { BODY_LIMIT, parseJson, readBody, tooLarge } from './body';
import { ClockApi } from './clock-routes';
import { FaultLayer } from './faults/fault-layer';
import { HttpError } from './http-error';
import { Exchange, sendJson } from './http-server';
import { accessKeyOf } from './iam/access-key';
import { Authorizer } from './iam/authorizer';
import { serveIam } from './iam/iam-routes';
import { authorizeObject } from './iam/object-call';
import { decode } from './router';
import { CODE_BYTES } from '../../service/quotas';
import { FaultPlan, FaultPlanError, parseFaultPlan } from '../faults/plan';
import { PageServices, servePage } from '../page/page-routes';

const PREFIX = '/_local/';

/** Whether a request is to the local AgentCore itself, not to what it stands for. */
export function isLocalRequest({ request, rawPath }: Exchange): boolean {
  return rawPath.startsWith(PREFIX) || (request.method === 'GET' && ['/', '/_local'].includes(rawPath));
}

interface LocalServices extends PageServices {
  readonly objects: ObjectStore;
  readonly faults: FaultLayer;
  readonly clock: ClockApi;
  readonly iam: Authorizer;
  readonly health: () => object;
  /** The sessions that run. */
  readonly sessions: () => object;
}

/**
 * Answers what AWS does not have: the pages at `/_local/`, GET of `/_local/health` and `/_local/sessions`, PUT and GET of
 * `/_local/faults`, POST and GET of `/_local/clock`, PUT, GET and HEAD of `/_local/objects/{bucket}/{key}`, and `/_local/iam`.
 *
 * @param region that the request was signed for, or the server's
 */
export async function serveLocalPath(exchange: Exchange, services: LocalServices, region: string): Promise<void> {
  const { request, response, rawPath, query } = exchange;
  const { objects, faults, clock, iam, health, sessions } = services;
  if (!rawPath.startsWith(PREFIX)) {
    // for whoever opens the endpoint in a browser
    response.writeHead(302, { location: PREFIX }).end();
    return;
  }
  if (await servePage(exchange, services, rawPath.slice(PREFIX.length).split('/').map(decode))) return;
  const [area, bucket, ...key] = rawPath.slice(PREFIX.length).split('/').map(decode);
  const isWhole = bucket === undefined || bucket === '';
  if (isWhole && (area === 'health' || area === 'sessions')) {
    allow(request.method, ['GET', 'HEAD']);
    sendJson(response, 200, area === 'health' ? health() : sessions());
    return;
  }
  if (isWhole && area === 'faults') return serveFaults(exchange, faults);
  if (isWhole && area === 'clock') {
    allow(request.method, ['POST', 'GET', 'HEAD']);
    return clock.serve(exchange);
  }
  if (area === 'iam') return serveIam(exchange, iam, isWhole ? [] : [bucket, ...key], region);
  if (area !== 'objects' || !bucket || key.join('/') === '') {
    throw new HttpError(404, 'UnknownOperationException', 'the local AgentCore serves /_local/health, /_local/sessions, /_local/faults, /_local/clock, /_local/iam and /_local/objects/{bucket}/{key} here');
  }
  const name = { bucket, key: key.join('/') };
  const denial = authorizeObject(iam, accessKeyOf(request.headers, query), request.method, name, region, objects);
  if (denial) return sendS3Denial(exchange, denial);
  await serveObject(exchange, objects, name);
}

async function serveFaults({ request, response }: Exchange, faults: FaultLayer): Promise<void> {
  allow(request.method, ['PUT', 'GET', 'HEAD']);
  if (request.method === 'PUT') await faults.replace(planOf(parseJson(await readBody(request, BODY_LIMIT.json))).service);
  sendJson(response, 200, { version: 1, service: faults.report() });
}

function planOf(value: unknown): FaultPlan {
  try {
    return parseFaultPlan(value);
  } catch (error) {
    throw error instanceof FaultPlanError ? new HttpError(400, 'ValidationException', error.message) : error;
  }
}

async function serveObject({ request, response }: Exchange, objects: ObjectStore, name: ObjectName): Promise<void> {
  allow(request.method, ['PUT', 'GET', 'HEAD']);
  if (request.method === 'PUT') {
    if (Number(request.headers['content-length'] ?? 0) > CODE_BYTES.zip) throw tooLarge(CODE_BYTES.zip);
    const { size } = await objects.put(name, request);
    sendJson(response, 200, { ...name, size });
    return;
  }
  const object = await objects.read(name);
  if (!object) throw new HttpError(404, 'ResourceNotFoundException', `object s3://${name.bucket}/${name.key} is not here; upload it with PUT`);
  try {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': object.size });
    if (request.method === 'HEAD') response.end();
    else await pipeline(object.content(), response);
  } finally {
    await object.close();
  }
}

/** In XML, as S3 answers. */
function sendS3Denial({ response, requestId }: Exchange, message: string): void {
  const text = message.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${text}</Message><RequestId>${requestId}</RequestId></Error>`;
  response.writeHead(403, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) }).end(body);
}

function allow(method: string | undefined, allowed: readonly string[]): void {
  if (allowed.includes(method ?? '')) return;
  throw new HttpError(405, 'UnknownOperationException', `method ${method} is not allowed here; allowed are ${allowed.join(', ')}`, { allow: allowed.join(', ') });
}
