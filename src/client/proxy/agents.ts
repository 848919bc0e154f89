import { ClientRequest, STATUS_CODES, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv6 } from 'node:net';
import { Duplex } from 'node:stream';
import { Agent, AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { ProxyError } from './error';
import { Proxy, proxyOf } from './variables';
import { describeError } from '../errors';

/** How long a proxy may take to open a tunnel, in milliseconds. */
const TUNNEL_MILLIS = 60_000;

/** Connections are kept for the next call, as those of the SDK's own agents are. */
const KEPT = { keepAlive: true };

/** How many connections the SDK's own agents have to one host. */
const MAX_SOCKETS = 50;

/** Opens TLS connections through the proxy that the environment names for their host, or directly. */
export class TlsAgent extends Agent {
  private readonly direct = new HttpsAgent({ ...KEPT, maxSockets: MAX_SOCKETS });

  constructor() {
    super(KEPT);
  }

  public isSecureEndpoint(): boolean {
    return true;
  }

  public async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Duplex | HttpAgent> {
    const proxy = proxyOf(urlOf('https:', options));
    return proxy ? openTunnel(proxy, request, options) : this.direct;
  }

  public destroy(): void {
    this.direct.destroy();
    super.destroy();
  }
}

/** Sends plain HTTP to the proxy that the environment names for its host, or directly. */
export class PlainAgent extends Agent {
  private readonly direct = new HttpAgent({ ...KEPT, maxSockets: MAX_SOCKETS });
  private readonly proxies = new Map<string, PlainProxyAgent>();

  constructor() {
    super(KEPT);
  }

  public isSecureEndpoint(): boolean {
    return false;
  }

  public async connect(_: ClientRequest, options: AgentConnectOpts): Promise<HttpAgent> {
    const proxy = proxyOf(urlOf('http:', options));
    if (!proxy) return this.direct;
    const agent = this.proxies.get(proxy.url.href) ?? new PlainProxyAgent(proxy);
    this.proxies.set(proxy.url.href, agent);
    return agent;
  }

  public destroy(): void {
    for (const agent of [this.direct, ...this.proxies.values()]) agent.destroy();
    super.destroy();
  }
}

/** Opens one tunnel through a proxy to any host, for TLS or a WebSocket of whichever scheme. */
export class TunnelAgent extends Agent {
  constructor(private readonly proxy: Proxy) {
    super();
  }

  public async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Duplex> {
    return openTunnel(this.proxy, request, options);
  }
}

class PlainProxyAgent extends HttpProxyAgent<string> {
  constructor(private readonly named: Proxy) {
    super(named.url.href, KEPT);
  }

  public async connect(...call: Parameters<HttpProxyAgent<string>['connect']>) {
    return super.connect(...call).catch((error) => { throw unreachable(this.named, error); });
  }
}

/**
 * A connection to a host through a tunnel of a proxy.
 *
 * @throws ProxyError when there is none; nothing was sent to the host then
 */
async function openTunnel(proxy: Proxy, request: ClientRequest, options: AgentConnectOpts): Promise<Duplex> {
  const closing = new AbortController();
  const timer = setTimeout(() => closing.abort(new Error(`no answer within ${TUNNEL_MILLIS / 1_000} s`)), TUNNEL_MILLIS);
  let status = 0;
  request.once('proxyConnect', ({ statusCode }) => { status = statusCode; });
  try {
    // an agent of its own: the signal is for this one connection
    const agent = new HttpsProxyAgent(proxy.url.href, { ...KEPT, signal: closing.signal } as object);
    const socket = await agent.connect(request, options);
    if (status === 200) return socket;
    socket.destroy();
  } catch (error) {
    throw unreachable(proxy, closing.signal.aborted ? closing.signal.reason : error);
  } finally {
    clearTimeout(timer);
  }
  throw refused(proxy, status, options);
}

function unreachable({ url, variable }: Proxy, error: unknown): ProxyError {
  return Object.assign(
    new ProxyError(`the proxy ${shown(url)} of ${variable} did not open a connection (${describeError(error)}); look at ${variable} and NO_PROXY`),
    { cause: error },
  );
}

function refused({ url, variable }: Proxy, status: number, { host, port }: AgentConnectOpts): ProxyError {
  const remedy = status === 407
    ? `put user and password into ${variable}, percent-encoded, as http://user:password@proxy.example.com:3128`
    : 'have the proxy allow this host, or list it in NO_PROXY';
  return new ProxyError(`the proxy ${shown(url)} of ${variable} answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd() + ` when asked for ${host}:${port}; ${remedy}`);
}

/** Without user and password. */
function shown({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

function urlOf(protocol: string, { host = '', port }: AgentConnectOpts): URL {
  return new URL(`${protocol}//${isIPv6(host) ? `[${host}]` : host}:${port}`);
}
