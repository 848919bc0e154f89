import { randomUUID } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { partitionOf } from '../../../service/partition';
import { LOCAL_ACCOUNT } from '../../identity';
import { messageOf } from '../errors';
import { LocalFunction } from './function';

/** The most that Lambda takes for an asynchronous invocation, in bytes. */
const MAX_EVENT_BYTES = 1024 * 1024;

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

export interface InvokeServerOptions {
  /** @param region where the caller asks, as its signature says */
  readonly find: (reference: string, region: string | undefined) => LocalFunction | undefined;
  /**
   * Why the holder of an access key may not call a function, in AWS's words; undefined if it may. Nothing is judged without this.
   *
   * @param functionArn as the caller names it, with a qualifier if it has one
   */
  readonly denialOf?: (accessKeyId: string, functionArn: string, region: string) => Promise<string | undefined>;
  /**
   * Begins an invocation.
   *
   * @param requestId the request that the caller works for, or a new one
   */
  readonly invoke: (target: LocalFunction, event: unknown, requestId: string) => void;
}

/**
 * Lambda's operation Invoke for functions that call functions without waiting for them; it listens from the first time that
 * somebody asks for its address.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class InvokeServer {
  private opened?: Promise<Server>;

  constructor(private readonly options: InvokeServerOptions) {}

  public async url(): Promise<string> {
    this.opened ??= this.open();
    return `http://127.0.0.1:${((await this.opened).address() as AddressInfo).port}`;
  }

  public async close(): Promise<void> {
    const server = await this.opened;
    await new Promise<void>((resolve) => {
      if (!server) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  private async open(): Promise<Server> {
    const server = createServer((request, response) => {
      this.serve(request, response).catch((error) => fail(response, 500, 'ServiceException', messageOf(error)));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const reference = INVOKE_PATH.exec(request.url!.split('?')[0])?.[1];
    if (request.method !== 'POST' || reference === undefined) {
      return fail(response, 404, 'UnknownOperationException', 'of Lambda, only Invoke is served locally: POST /2015-03-31/functions/{name}/invocations');
    }
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type !== 'Event') {
      return fail(response, 400, 'InvalidParameterValueException', `invocation type ${String(type)} is not served locally; invoke with InvocationType Event`);
    }
    const name = decodeURIComponent(reference);
    const { accessKeyId, region } = signedWith(request.headers.authorization);
    if (accessKeyId !== undefined && region !== undefined) {
      const denial = await this.options.denialOf?.(accessKeyId, functionArn(name, region), region);
      if (denial !== undefined) return fail(response, 403, 'AccessDeniedException', denial);
    }
    const target = this.options.find(name, region);
    if (!target) return fail(response, 404, 'ResourceNotFoundException', `Function not found: ${name}; deploy the stack that holds it first`);
    if (body === undefined) return fail(response, 413, 'RequestTooLargeException', `the event is longer than ${MAX_EVENT_BYTES} bytes; make it shorter`);
    let event: unknown;
    try {
      event = body === '' ? {} : JSON.parse(body);
    } catch (error) {
      return fail(response, 400, 'InvalidRequestContentException', `Could not parse request body into json: ${messageOf(error)}`);
    }
    // before the answer: whoever has got it may end, and something has to be running for its request then
    this.options.invoke(target, event, String(request.headers['x-amz-security-token'] ?? randomUUID()));
    response.writeHead(202, { 'x-amzn-requestid': randomUUID() }).end();
  }
}

/** The key that a request was signed with, and the region. */
function signedWith(authorization: string | undefined): { readonly accessKeyId?: string; readonly region?: string } {
  const [, accessKeyId, region] = /Credential=([^/,]*)\/\d{8}\/([^/,]+)\/lambda\//.exec(authorization ?? '') ?? [];
  return { accessKeyId, region };
}

/** The ARN of what a caller names by an ARN, by name, or by an ARN that begins with the account. */
function functionArn(reference: string, region: string): string {
  if (reference.startsWith('arn:')) return reference;
  const name = reference.replace(/^\d{12}:function:/, '');
  return `arn:${partitionOf(region)}:lambda:${region}:${LOCAL_ACCOUNT}:function:${name}`;
}

/** Undefined where there is too much of it. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_EVENT_BYTES) chunks.push(chunk);
  }
  return length > MAX_EVENT_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

function fail(response: ServerResponse, status: number, error: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': error })
    .end(JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message }));
}
