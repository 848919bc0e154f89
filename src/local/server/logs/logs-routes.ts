import { ServiceError } from '../../service-error';
import { BODY_LIMIT, parseJson, readBody } from '../body';
import { HttpError } from '../http-error';
import { Exchange, sendJson } from '../http-server';
import { MissingLogError } from './log-store';
import { LogsApi, LogsError } from './logs-api';

const TARGET_PREFIX = 'Logs_20140328.';
const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** Whether a request is one to CloudWatch Logs. */
export function isLogsRequest({ request }: Exchange): boolean {
  return String(request.headers['x-amz-target'] ?? '').startsWith(TARGET_PREFIX);
}

/** Answers a request to CloudWatch Logs in AWS JSON 1.1. */
export async function serveLogsRequest({ request, response }: Exchange, logs: LogsApi, region: string): Promise<void> {
  try {
    if (request.method !== 'POST') throw new HttpError(405, 'UnknownOperationException', `method ${request.method} is not allowed here; allowed is POST`, { allow: 'POST' });
    const operation = String(request.headers['x-amz-target']).slice(TARGET_PREFIX.length);
    const input = parseJson(await readBody(request, BODY_LIMIT.logs)) ?? {};
    sendJson(response, 200, await logs.run(operation, input, region), CONTENT_TYPE);
  } catch (error) {
    const type = typeOf(error);
    if (type === undefined) throw error;
    for (const [name, value] of Object.entries(error instanceof HttpError ? error.headers : {})) response.setHeader(name, value);
    sendJson(response, error instanceof HttpError ? error.status : 400, { __type: type, message: (error as Error).message }, CONTENT_TYPE);
  }
}

function typeOf(error: unknown): string | undefined {
  if (error instanceof LogsError || error instanceof HttpError) return error.type;
  if (error instanceof MissingLogError) return 'ResourceNotFoundException';
  // the body could not be read
  if (error instanceof ServiceError) return 'SerializationException';
  return undefined;
}
