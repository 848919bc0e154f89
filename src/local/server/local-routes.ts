import { pipeline } from 'node:stream/promises';
import { ObjectName, ObjectStore } from './artifacts/object-store';
import { tooLarge } from './body';
import { HttpError } from './http-error';
import { Exchange, sendJson } from './http-server';
import { decode } from './router';
import { CODE_BYTES } from '../../service/quotas';

const PREFIX = '/_local/';

/** Whether a path is one of the local AgentCore's own, which AWS does not have. */
export function isLocalPath(rawPath: string): boolean {
  return rawPath.startsWith(PREFIX);
}

/**
 * Answers what AWS does not have: `GET /_local/health`, and PUT, GET and HEAD of `/_local/objects/{bucket}/{key}`.
 */
export async function serveLocalPath(exchange: Exchange, objects: ObjectStore, health: () => object): Promise<void> {
  const { request, response, rawPath } = exchange;
  const [area, bucket, ...key] = rawPath.slice(PREFIX.length).split('/').map(decode);
  if (area === 'health' && (bucket === undefined || bucket === '')) {
    allow(request.method, ['GET', 'HEAD']);
    sendJson(response, 200, health());
    return;
  }
  if (area !== 'objects' || !bucket || key.join('/') === '') {
    throw new HttpError(404, 'UnknownOperationException', 'the local AgentCore serves /_local/health and /_local/objects/{bucket}/{key} here');
  }
  await serveObject(exchange, objects, { bucket, key: key.join('/') });
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
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': object.size });
  if (request.method === 'HEAD') response.end();
  else await pipeline(object.content(), response);
}

function allow(method: string | undefined, allowed: readonly string[]): void {
  if (allowed.includes(method ?? '')) return;
  throw new HttpError(405, 'UnknownOperationException', `method ${method} is not allowed here; allowed are ${allowed.join(', ')}`, { allow: allowed.join(', ') });
}
