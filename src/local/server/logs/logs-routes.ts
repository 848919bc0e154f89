import { ServiceError } from '../../service-error';
import { BODY_LIMIT, parseJson, readBody } from '../body';
import { FaultLayer } from '../faults/fault-layer';
import { HttpError } from '../http-error';
import { Exchange, sendJson } from '../http-server';
import { MissingLogError } from './log-store';
import { LogsApi, LogsError } from './logs-api';
import { accessKeyOf } from '../iam/access-key';
import { Authorizer } from '../iam/authorizer';
import { logsCall } from '../iam/logs-call';

const TARGET_PREFIX = 'Logs_20140328.';
const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** Whether a request is one to CloudWatch Logs. */
export function isLogsRequest({ request }: Exchange): boolean {
  return String(request.headers['x-amz-target'] ?? '').startsWith(TARGET_PREFIX);
}

interface LogsServices {
  readonly logs: LogsApi;
  readonly faults: FaultLayer;
  readonly iam: Authorizer;
}

/** Answers a request to CloudWatch Logs in AWS JSON 1.1. */
export async function serveLogsRequest(exchange: Exchange, { logs, faults, iam }: LogsServices, region: string): Promise<void> {
  const { request, response, query } = exchange;
  try {
    if (request.method !== 'POST') throw new HttpError(405, 'UnknownOperationException', `method ${request.method} is not allowed here; allowed is POST`, { allow: 'POST' });
    const operation = String(request.headers['x-amz-target']).slice(TARGET_PREFIX.length);
    const input = parseJson(await readBody(request, BODY_LIMIT.logs)) ?? {};
    iam.require(iam.identify(accessKeyOf(request.headers, query)), logsCall(operation, input, region));
    await faults.around({ operation, input }, exchange, async () => sendJson(response, 200, await logs.run(operation, input, region), CONTENT_TYPE));
  } catch (error) {
    const type = typeOf(error);
    if (type === undefined) throw error;
    for (const [name, value] of Object.entries(error instanceof HttpError ? error.headers : {})) response.setHeader(name, value);
    sendJson(response, statusOf(error), { __type: type, message: (error as Error).message }, CONTENT_TYPE);
  }
}

function typeOf(error: unknown): string | undefined {
  if (error instanceof LogsError || error instanceof HttpError) return error.type;
  if (error instanceof MissingLogError) return 'ResourceNotFoundException';
  // the body could not be read, or a fault plan says so
  if (error instanceof ServiceError) return error.detail.reason === 'CannotParse' ? 'SerializationException' : error.name;
  return undefined;
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  return error instanceof ServiceError && error.name === 'ServiceUnavailableException' ? 503 : 400;
}
