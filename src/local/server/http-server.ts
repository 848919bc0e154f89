import { randomUUID } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Log } from './clock';
import { answerTo, cannotParse, ErrorAnswer, HttpError, isServiceError } from './http-error';

/** The only address that the server listens on. */
export const HOST = '127.0.0.1';

/** A request and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** As it came, percent-encoded. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** Of a request to go on by WebSocket: the bytes that came after it. */
  readonly upgradeHead?: Buffer;
}

export interface RunningHttpServer {
  readonly port: number;
  /** Cuts all connections and returns when every request is done with. */
  close(): Promise<void>;
}

// the services allow headers of 8 KB each (`baggage`)
const MAX_HEADER_BYTES = 64 * 1024;
// longer than clients keep idle connections, so that none of them writes into one that is just being closed
const KEEP_ALIVE_MILLIS = 75_000;

/**
 * Listens on 127.0.0.1 and hands each request to `serve`; whatever that throws is answered as an error.
 *
 * @param port 0 for a free one
 */
export async function startHttpServer(port: number, serve: (exchange: Exchange) => Promise<void>, log: Log): Promise<RunningHttpServer> {
  const inFlight = new Set<Promise<void>>();
  const upgraded = new Set<Duplex>();
  const answer = (respond: typeof serve) => (request: IncomingMessage, response: ServerResponse, upgradeHead?: Buffer) => {
    const done: Promise<void> = handle(request, response, respond, log, upgradeHead).finally(() => inFlight.delete(done));
    inFlight.add(done);
  };
  // what Node would refuse by itself is refused here, so that the answer has the service's shape
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MILLIS, requireHostHeader: false }, answer(serve));
  server.on('checkExpectation', answer(refuseExpectation));
  server.on('clientError', answerBrokenRequest);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(server, request, socket, head);
      return;
    }
    // the server itself keeps no account of these
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    answer(serve)(request, responseOn(request, socket), head);
  });
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
      await Promise.all(inFlight);
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)));
    server.listen({ host: HOST, port, exclusive: true }, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') return new Error(`port ${port} of ${HOST} is in use; stop what listens there, or choose another port (0 takes a free one)`);
  if (error.code === 'EACCES') return new Error(`port ${port} of ${HOST} may not be used by this user; choose a port above 1023 (0 takes a free one)`);
  return error;
}

/** Never rejects: a request that cannot be answered any more is cut off. */
async function handle(
  request: IncomingMessage, response: ServerResponse, serve: (exchange: Exchange) => Promise<void>, log: Log, upgradeHead?: Buffer,
): Promise<void> {
  const requestId = randomUUID();
  // a client that goes away is no fault of ours
  response.on('error', () => undefined);
  request.on('error', () => undefined);
  try {
    response.setHeader('x-amzn-RequestId', requestId);
    checkOrigin(request);
    const [rawPath, search = ''] = splitUrl(request.url ?? '');
    await serve({ request, response, requestId, rawPath, query: new URLSearchParams(search), upgradeHead });
  } catch (error) {
    if (!(error instanceof HttpError || isServiceError(error)) && !request.socket.destroyed) {
      log(`request ${requestId} ${request.method} ${request.url?.slice(0, 200)} failed: ${error instanceof Error ? error.stack : String(error)}`);
    }
    if (response.headersSent) response.destroy();
    else sendError(response, answerTo(error, requestId));
  }
}

/** The way to answer a request to go on by another protocol with HTTP, as long as nothing else was agreed on. */
function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  return response;
}

/** Takes a request to go on by a protocol that is not spoken here, such as `h2c`, for what it is without that wish, as HTTP has it. */
function serveWithoutUpgrade(server: Server, { method, url, httpVersion, rawHeaders }: IncomingMessage, socket: Socket, head: Buffer): void {
  const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 && !/^(?:upgrade|connection|http2-settings)$/i.test(name) ? [`${name}: ${rawHeaders[i + 1]}`] : []));
  socket.unshift(Buffer.concat([Buffer.from([`${method} ${url} HTTP/${httpVersion}`, ...lines, '', ''].join('\r\n'), 'latin1'), head]));
  server.emit('connection', socket);
}

async function refuseExpectation({ request }: Exchange): Promise<void> {
  const message = `expectation ${JSON.stringify(request.headers.expect)} cannot be met; only 100-continue can`;
  // the body that the client holds back, or not, is not read
  throw new HttpError(417, 'ExpectationFailedException', message, { connection: 'close' });
}

function splitUrl(url: string): string[] {
  if (!url.startsWith('/')) throw cannotParse(`request target ${JSON.stringify(url.slice(0, 200))} does not begin with a slash`);
  const question = url.indexOf('?');
  return question < 0 ? [url] : [url.slice(0, question), url.slice(question + 1)];
}

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?$/i;

/** Web pages must not reach the server, neither by a host name that they point at 127.0.0.1 nor by a form. */
function checkOrigin({ headers }: IncomingMessage): void {
  if (!LOOPBACK.test(headers.host ?? '')) {
    throw new HttpError(403, 'AccessDeniedException', `host ${JSON.stringify(headers.host ?? '')} is not served; use 127.0.0.1, localhost or [::1]`);
  }
  const origin = headers.origin;
  if (origin !== undefined && !LOOPBACK.test(origin.replace(/^https?:\/\//, ''))) {
    throw new HttpError(403, 'AccessDeniedException', `origin ${JSON.stringify(origin)} is not served; web pages have no access to the local AgentCore`);
  }
}

/** Sends JSON as an answer; `undefined` sends none. */
export function sendJson(response: ServerResponse, status: number, body: object | undefined, contentType = 'application/json'): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': contentType, 'content-length': text.length }).end(text);
}

function sendError(response: ServerResponse, { status, type, headers, body }: ErrorAnswer): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('x-amzn-ErrorType', type);
  sendJson(response, status, body);
}

/** Answers what is not even HTTP. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large', ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout' }[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({ message: `request is not valid HTTP/1.1: ${error.message}`, reason: 'CannotParse' });
  socket.end([
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-amzn-ErrorType: ValidationException',
    `x-amzn-RequestId: ${randomUUID()}`,
    'connection: close',
    '',
    body,
  ].join('\r\n'));
}
