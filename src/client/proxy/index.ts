import { Agent } from 'node:http';
import type * as Agents from './agents';
import { namesProxy, proxyOf } from './variables';

/** What the SDK's clients take for their connections. */
export interface Transport {
  readonly requestHandler?: { readonly httpAgent: Agent; readonly httpsAgent: Agent };
}

/**
 * The part of a client's configuration by which its calls go through the proxies that the environment names; empty if it names none.
 *
 * Which proxy leads to a host is looked up for each connection; see `proxyOf`.
 */
export function proxied(): Transport {
  if (!namesProxy()) return {};
  const { PlainAgent, TlsAgent } = agents();
  return { requestHandler: { httpAgent: new PlainAgent(), httpsAgent: new TlsAgent() } };
}

/**
 * The agent for one connection to a URL of any scheme, a WebSocket's included; undefined for one that is called directly.
 *
 * @throws ProxyError for a variable that does not name a proxy
 */
export function tunnelTo(url: URL): Agent | undefined {
  const seen = new URL(url);
  seen.protocol = url.protocol.replace(/^ws/, 'http');
  const proxy = proxyOf(seen);
  return proxy && new (agents().TunnelAgent)(proxy);
}

/** Loaded by the few who have a proxy; all others would pay for it at each start. */
function agents(): typeof Agents {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./agents') as typeof Agents;
}
