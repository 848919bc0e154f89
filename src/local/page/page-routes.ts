import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { filePage, FilePlace, FileView, listingPage } from './files-page';
import { Html } from './html';
import { errorPage } from './layout';
import { tellLive } from './live';
import { Overview, overviewPage } from './overview-page';
import { SCRIPT } from './script';
import { SessionDetails, sessionPage } from './session-page';
import { commandView, findSession, Observed, runtimeViews, sessionViews, SessionView } from './state-view';
import { openBelow, OpenFile, usageBelow } from './storage-files';
import { ICON, STYLE } from './style';
import { HttpError } from '../server/http-error';
import { Exchange, sendJson } from '../server/http-server';
import { decode } from '../server/router';

export interface PageServices {
  readonly observed: Observed;
  readonly stateDir: string;
  readonly health: () => object;
}

const ASSETS: Readonly<Record<string, readonly [type: string, text: string]>> = {
  'page.css': ['text/css; charset=utf-8', STYLE],
  'page.js': ['text/javascript; charset=utf-8', SCRIPT],
  'page.svg': ['image/svg+xml', ICON],
};

/** Sessions on the overview, and commands. */
const MAX_SESSIONS = 200;
const MAX_COMMANDS = 12;
/** How much is shown of a file, and of an agent's log, in bytes. */
const MAX_TEXT_BYTES = 256 * 1024;
const MAX_LOG_BYTES = 16 * 1024;

// no other page may show, read or feed these, and nothing in them runs or is fetched but our own
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
  'vary': 'accept',
};

/** Answers the pages at `/_local/`, as HTML for browsers and as JSON for all others; false where the path is none of them. */
export async function servePage(exchange: Exchange, services: PageServices, segments: readonly string[]): Promise<boolean> {
  const { request, response } = exchange;
  const [area, ...rest] = segments;
  const isPage = area === 'sessions' ? (rest[0] ?? '') !== '' : rest.length === 0 && ['', 'events', ...Object.keys(ASSETS)].includes(area);
  if (!isPage) return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new HttpError(405, 'UnknownOperationException', `method ${request.method} is not allowed here; allowed are GET, HEAD`, { allow: 'GET, HEAD' });
  }
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  try {
    await serveArea(exchange, services, area, rest);
  } catch (error) {
    if (!(error instanceof HttpError) || !wantsHtml(exchange)) throw error;
    response.writeHead(error.status, { 'content-type': 'text/html; charset=utf-8' }).end(errorPage(error.message).text);
  }
  return true;
}

async function serveArea(exchange: Exchange, services: PageServices, area: string, rest: readonly string[]): Promise<void> {
  const { request, response, query } = exchange;
  const { observed } = services;
  switch (area) {
    case '': {
      const overview = await overviewOf(services);
      return send(exchange, overview, () => overviewPage(overview, `http://${request.headers.host}`));
    }
    case 'sessions': return serveSession(exchange, services, rest);
    case 'events':
      return tellLive(response, { history: observed.history, fingerprint: () => fingerprintOf(observed), session: query.get('session') ?? undefined });
    default: {
      const [type, text] = ASSETS[area];
      response.writeHead(200, { 'content-type': type }).end(text);
    }
  }
}

async function overviewOf({ observed, health }: PageServices): Promise<Overview> {
  const sessions = await sessionViews(observed);
  return {
    service: health(),
    runtimes: runtimeViews(observed),
    sessions: sessions.slice(0, MAX_SESSIONS),
    sessionCount: sessions.length,
    commands: observed.history.recent(MAX_COMMANDS).map(commandView),
  };
}

function fingerprintOf(observed: Observed): string {
  // not when sessions were used last: that is now, as long as a command runs
  return JSON.stringify([runtimeViews(observed), observed.sessions.list().map(({ sessionId, startedAt }) => [sessionId, startedAt])]);
}

async function serveSession(exchange: Exchange, services: PageServices, [name, area, mount, ...segments]: readonly string[]): Promise<void> {
  const session = await findSession(services.observed, name);
  if (session === undefined) throw new HttpError(404, 'ResourceNotFoundException', `no session is known as ${name}; the overview at /_local/ lists those that are`);
  if (area === undefined) {
    const details = await detailsOf(session, services);
    return send(exchange, details, () => sessionPage(details));
  }
  const mountPath = session.mountPaths.find((path) => basename(path) === mount);
  if (area !== 'files' || mountPath === undefined) throw nothingThere(exchange);
  // a slash at the end makes no difference
  const below = segments[segments.length - 1] === '' ? segments.slice(0, -1) : segments;
  await serveFiles(exchange, services, { session, mountPath, href: hrefOf(session, mountPath), segments: below });
}

async function detailsOf(session: SessionView, { observed, stateDir }: PageServices): Promise<SessionDetails> {
  return {
    session,
    storage: await Promise.all(session.mountPaths.map(async (mountPath) => ({
      mountPath, href: hrefOf(session, mountPath), ...await usageBelow(join(stateDir, 'storage', session.session, 'mounts', basename(mountPath))),
    }))),
    commands: observed.history.ofSession(session.session).map((record) => (
      { ...commandView(record), output: { ...record.output.read(), omittedBytes: record.output.omitted } }
    )),
    agentLog: await endOf(join(stateDir, 'logs', 'agents', session.runtimeId, `${session.session}.log`)),
  };
}

async function serveFiles(exchange: Exchange, { stateDir }: PageServices, place: FilePlace): Promise<void> {
  const found = await openBelow(join(stateDir, 'storage'), [place.session.session, 'mounts', basename(place.mountPath), ...place.segments]);
  if (found === undefined) throw nothingThere(exchange);
  if (found.kind === 'directory') return send(exchange, found, () => listingPage(place, found));
  try {
    if (exchange.query.has('download')) return await download(exchange, found);
    const view = await viewOf(found);
    return send(exchange, view, () => filePage(place, view));
  } finally {
    await found.handle.close();
  }
}

/** As bytes that no browser shows or runs. */
async function download({ request, response }: Exchange, { handle, size }: OpenFile): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size, 'content-disposition': 'attachment' });
  if (request.method === 'HEAD' || size === 0) response.end();
  // a file that grows meanwhile is cut where its length was told
  else await pipeline(createReadStream('', { fd: handle, autoClose: false, start: 0, end: size - 1 }), response);
}

async function viewOf({ handle, size }: OpenFile): Promise<FileView> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, MAX_TEXT_BYTES)), 0, Math.min(size, MAX_TEXT_BYTES), 0);
  const bytes = buffer.subarray(0, bytesRead);
  return { kind: 'file', size, text: bytes.includes(0) ? undefined : bytes.toString('utf8'), truncated: size > bytesRead };
}

/** The end of a log; undefined where there is none. */
async function endOf(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - MAX_LOG_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

function hrefOf({ session }: SessionView, mountPath: string): string {
  return `/_local/sessions/${session}/files/${encodeURIComponent(basename(mountPath))}`;
}

function nothingThere({ rawPath }: Exchange): HttpError {
  return new HttpError(404, 'ResourceNotFoundException', `nothing can be shown at ${decode(rawPath)}; links, pipes and devices are not followed`);
}

/** The same as HTML or as JSON. */
function send(exchange: Exchange, value: object, page: () => Html): void {
  const { response } = exchange;
  if (wantsHtml(exchange)) response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page().text);
  else sendJson(response, 200, value);
}

function wantsHtml({ request }: Exchange): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? '');
}
