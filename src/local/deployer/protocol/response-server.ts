import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

/** What the server does with a request that is otherwise in order: the seam for faults of the network. */
export type ResponseBehaviour = 'accept' | 'reset' | { readonly status: number } | ResponseFault;

/** What the sender of a body meets, and whether the body counts all the same. */
export interface ResponseFault {
  /** `never`: the request stays open until its sender gives up. */
  readonly reply: number | 'reset' | 'never';
  /** Whether the body has arrived for whoever waits for it, before any reply. */
  readonly taken: boolean;
  /** What the reply waits for; told when its sender has gone, who then neither gets one nor is believed any more. */
  readonly delay?: (gone: AbortSignal) => Promise<void>;
}

export interface ResponseServerOptions {
  /** Named in the path, as S3's object key does. */
  readonly label: string;
  /** Asked for each request, counted from 0. */
  readonly behaviour?: (request: number) => ResponseBehaviour | Promise<ResponseBehaviour>;
  /** Takes each body that is taken, also those after the first, which change nothing. */
  readonly onBody?: (body: Buffer) => void;
}

/** A body of more than this, in bytes, is not read: no answer is that long. */
const MAX_READ_BYTES = 1024 * 1024;

/**
 * Takes the answer to one event, as the pre-signed URL of S3 does: only PUT, only at the exact address, with a length and
 * without a content type, because the signature covers an empty one. The first accepted body counts.
 */
export class ResponseServer {
  public static async open(options: ResponseServerOptions): Promise<ResponseServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new ResponseServer(server, options);
  }

  public readonly url: string;
  /** Resolves to the first accepted body; stays pending where none comes. */
  public readonly answer: Promise<Buffer>;
  private readonly path: string;
  private accept!: (body: Buffer) => void;
  private requests = 0;

  private constructor(private readonly server: Server, private readonly options: ResponseServerOptions) {
    this.path = `/${encodeURIComponent(options.label)}?AWSAccessKeyId=local&Signature=${randomBytes(24).toString('hex')}`;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${this.path}`;
    this.answer = new Promise((resolve) => {
      this.accept = resolve;
    });
    server.on('request', (request, response) => {
      this.serve(request, response).catch(() => request.socket.destroy());
    });
  }

  /** Takes what is on its way still, and nothing new; to be called when whoever could answer has ended. */
  public async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
  }

  public async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = this.refusal(request);
    if (refused) {
      request.resume();
      return reply(response, refused.status, refused.code);
    }
    const body = await read(request);
    const fault = faultOf(await (this.options.behaviour?.(this.requests++) ?? 'accept'));
    if (fault.taken) this.take(body);
    if (fault.delay) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      await fault.delay(gone.signal);
      if (gone.signal.aborted) return;
    }
    // an answer that is good in the end counts then at the latest
    if (fault.reply === 200 && !fault.taken) this.take(body);
    if (fault.reply === 'reset') request.socket.resetAndDestroy();
    else if (fault.reply === 200) response.writeHead(200).end();
    else if (fault.reply !== 'never') reply(response, fault.reply, 'InternalError');
  }

  private take(body: Buffer): void {
    this.accept(body);
    this.options.onBody?.(body);
  }

  private refusal(request: IncomingMessage): { status: number; code: string } | undefined {
    const [given, wanted] = [Buffer.from(request.url ?? ''), Buffer.from(this.path)];
    const signed = given.length === wanted.length && timingSafeEqual(given, wanted) && request.method === 'PUT' && !request.headers['content-type'];
    if (!signed) return { status: 403, code: 'SignatureDoesNotMatch' };
    if (request.headers['content-length'] === undefined) return { status: 411, code: 'MissingContentLength' };
    return undefined;
  }
}

function faultOf(behaviour: ResponseBehaviour): ResponseFault {
  if (behaviour === 'accept') return { reply: 200, taken: true };
  if (behaviour === 'reset') return { reply: 'reset', taken: false };
  return 'status' in behaviour ? { reply: behaviour.status, taken: false } : behaviour;
}

function reply(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`);
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // the checker needs only to see that it is too long
    if (length <= MAX_READ_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
