import * as fc from 'fast-check';
import { namesProxy, proxyOf } from '../../../src/client/proxy/variables';
import { useProxyVariables } from '../../util/proxy-variables';

const variables = useProxyVariables();
const TARGET = new URL('https://bedrock-agentcore.us-east-1.amazonaws.com/');
const PROXY = 'http://proxy.example.com:3128';

test('no variable, no proxy', () => {
  expect(namesProxy()).toBe(false);
  expect(proxyOf(TARGET)).toBeUndefined();
});

test.each(['HTTPS_PROXY', 'https_proxy'])('%s is for https alone', (variable) => {
  variables({ [variable]: PROXY });
  expect(namesProxy()).toBe(true);
  expect(proxyOf(TARGET)).toMatchObject({ variable, url: new URL(PROXY) });
  expect(proxyOf(new URL('http://elsewhere.test'))).toBeUndefined();
});

test.each(['HTTP_PROXY', 'http_proxy'])('%s is for http alone', (variable) => {
  variables({ [variable]: PROXY });
  expect(namesProxy()).toBe(true);
  expect(proxyOf(TARGET)).toBeUndefined();
  expect(proxyOf(new URL('http://elsewhere.test'))).toMatchObject({ variable });
});

test('small letters count first, and a blank variable is none', () => {
  variables({ https_proxy: 'http://small:1', HTTPS_PROXY: 'http://capital:2' });
  expect(proxyOf(TARGET)?.url.host).toBe('small:1');
  variables({ https_proxy: ' ' });
  expect(proxyOf(TARGET)?.url.host).toBe('capital:2');
});

test('ALL_PROXY alone names none', () => {
  variables({ ALL_PROXY: 'socks5://127.0.0.1:1080' });
  expect(namesProxy()).toBe(false);
  expect(proxyOf(TARGET)).toBeUndefined();
});

test.each([
  ['proxy.example.com:3128', 'http://proxy.example.com:3128/'],
  ['user:secret@proxy.example.com:3128', 'http://user:secret@proxy.example.com:3128/'],
  ['https://proxy.example.com', 'https://proxy.example.com/'],
  ['http://[fd00::1]:3128', 'http://[fd00::1]:3128/'],
])('%s is %s', (value, url) => {
  variables({ HTTPS_PROXY: value });
  expect(proxyOf(TARGET)?.url.href).toBe(url);
});

test.each([
  ['http://', /^HTTPS_PROXY is not a URL; give a URL like http:\/\/proxy\.example\.com:3128, or unset the variable$/],
  ['http://user:hunter2@proxy:port', /^HTTPS_PROXY is not a URL; /],
  ['socks5://user:hunter2@proxy:1080', /^HTTPS_PROXY has the scheme "socks5", but only proxies of http and https are supported; /],
  ['http://user:hunter2%@proxy:3128', /^HTTPS_PROXY has a user or password that is not percent-encoded; /],
])('%s cannot be used, and no message has a password', (value, message) => {
  variables({ HTTPS_PROXY: value });
  expect(() => proxyOf(TARGET)).toThrow(expect.objectContaining({ name: 'ProxyError', code: 'EPROXY', message: expect.stringMatching(message) }));
  expect(() => proxyOf(TARGET)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
});

test.each(['https://127.0.0.1:8585', 'https://localhost', 'https://[::1]:8585', 'https://127.1.2.3'])('none leads to %s', (url) => {
  variables({ HTTPS_PROXY: PROXY });
  expect(proxyOf(new URL(url))).toBeUndefined();
});

describe('NO_PROXY', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
  const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
  const port = fc.constantFrom(443, 8443);
  const urlOf = (name: string, at: number) => new URL(`https://${name}:${at}`);
  const isDirect = (noProxy: string, url: URL) => {
    variables({ HTTPS_PROXY: PROXY, NO_PROXY: noProxy });
    return proxyOf(url) === undefined;
  };

  test('lists hosts, hosts below them, and ports', () => {
    fc.assert(fc.property(host, label, port, port, fc.constantFrom('', '.', '*.'), fc.boolean(), (name, below, at, listedPort, prefix, withPort) => {
      const entry = `${prefix}${name}${withPort ? `:${listedPort}` : ''}`;
      const isPort = !withPort || listedPort === at;
      expect(isDirect(entry, urlOf(name, at))).toBe(prefix === '' && isPort);
      expect(isDirect(entry, urlOf(`${below}.${name}`, at))).toBe(prefix !== '' && isPort);
      // no label ends in the middle of another one
      expect(isDirect(entry, urlOf(`${below}${name}`, at))).toBe(false);
    }));
  });

  test('takes commas, spaces and any case, and one entry is enough', () => {
    const separator = fc.constantFrom(',', ', ', ' ', ' , ', ',,');
    fc.assert(fc.property(host, fc.array(host, { maxLength: 4 }), separator, fc.nat(4), fc.boolean(), (name, others, between, position, capital) => {
      const entries = others.filter((other) => other !== name);
      expect(isDirect(entries.join(between), urlOf(name, 443))).toBe(false);
      entries.splice(position, 0, capital ? name.toUpperCase() : name);
      expect(isDirect(entries.join(between), urlOf(name, 443))).toBe(true);
    }));
  });

  test('* lists all, alone or among others', () => {
    fc.assert(fc.property(host, host, port, (name, other, at) => {
      expect(isDirect('*', urlOf(name, at))).toBe(true);
      expect(isDirect(`${other}, *`, urlOf(name, at))).toBe(true);
    }));
  });

  test('lists IPv6 addresses in brackets', () => {
    const address = fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 }).map((parts) => `[${parts.map((part) => part.toString(16)).join(':')}]`);
    fc.assert(fc.property(address, address, port, port, (listed, other, at, listedPort) => {
      fc.pre(listed !== other);
      expect(isDirect(listed, urlOf(listed, at))).toBe(true);
      expect(isDirect(listed, urlOf(other, at))).toBe(false);
      expect(isDirect(`${listed}:${listedPort}`, urlOf(listed, at))).toBe(at === listedPort);
    }));
  });

  test('no_proxy counts too', () => {
    variables({ https_proxy: PROXY, no_proxy: '.amazonaws.com' });
    expect(proxyOf(TARGET)).toBeUndefined();
  });
});
