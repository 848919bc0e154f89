/** What `code` says of a call that has not got past a proxy. */
export const PROXY_ERROR_CODE = 'EPROXY';

/** A call was not sent, because the proxy before it did not let it through, or could not be used. */
export class ProxyError extends Error {
  public readonly name = 'ProxyError';
  public readonly code = PROXY_ERROR_CODE;
}
