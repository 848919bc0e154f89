import { getProxyForUrl } from 'proxy-from-env';
import { ProxyError } from './error';
import { isLoopback } from '../../service/loopback';

/** A proxy, and the environment variable that names it. */
export interface Proxy {
  /** With user and password, if it has them: for no message and no log. */
  readonly url: URL;
  readonly variable: string;
}

/** The variable for each scheme of what is called; a name in capitals counts too. */
const VARIABLES: Readonly<Record<string, string>> = { 'http:': 'http_proxy', 'https:': 'https_proxy' };

const REMEDY = 'give a URL like http://proxy.example.com:3128, or unset the variable';

/**
 * The proxy that leads to a URL: that of `HTTPS_PROXY` or `HTTP_PROXY`, by the scheme of the URL. The same names in small letters
 * count too, and first.
 *
 * None leads to what `NO_PROXY` lists, separated by commas or spaces: `example.com` (that host alone), `.example.com` and
 * `*.example.com` (hosts below it), `*` (all), each with a `:port` if only that port is meant; IPv6 addresses in brackets. None leads to
 * this machine itself, whatever the variables say.
 *
 * @returns undefined for a URL that is called directly
 * @throws ProxyError for a variable that does not name a proxy
 */
export function proxyOf(url: URL): Proxy | undefined {
  const variable = variableFor(url.protocol);
  if (variable === undefined || isLoopback(url.hostname) || getProxyForUrl(url.href) === '') return undefined;
  return { variable, url: proxyUrl(variable, process.env[variable]!.trim()) };
}

/** Whether any variable names a proxy. */
export function namesProxy(): boolean {
  return Object.keys(VARIABLES).some((protocol) => variableFor(protocol) !== undefined);
}

function variableFor(protocol: string): string | undefined {
  const lower = VARIABLES[protocol];
  return lower === undefined ? undefined : [lower, lower.toUpperCase()].find((name) => process.env[name]?.trim());
}

/** No message has the value: it may hold a password. */
function proxyUrl(variable: string, value: string): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(text)) throw new ProxyError(`${variable} is not a URL; ${REMEDY}`);
  const url = new URL(text);
  if (!['http:', 'https:'].includes(url.protocol)) {
    throw new ProxyError(`${variable} has the scheme ${JSON.stringify(url.protocol.slice(0, -1))}, but only proxies of http and https are supported; ${REMEDY}`);
  }
  if (!isDecodable(url.username) || !isDecodable(url.password)) {
    throw new ProxyError(`${variable} has a user or password that is not percent-encoded; write % as %25, @ as %40, : as %3A`);
  }
  return url;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
