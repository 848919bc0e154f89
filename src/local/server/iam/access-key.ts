import { IncomingHttpHeaders } from 'node:http';

/** The access key that a request was signed with, in its header or, if it was signed beforehand, in its query; undefined if it was not signed. */
export function accessKeyOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined {
  const signed = /Credential=([^/ ,]+)\//.exec(headers.authorization ?? '')?.[1];
  return signed ?? query.get('X-Amz-Credential')?.split('/')[0];
}
