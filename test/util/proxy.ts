import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, IncomingMessage, request as httpRequest } from 'node:http';
import { AddressInfo, connect, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/** The certificate that `tlsInFrontOf` shows, for AWS's host names in us-east-1 and for `elsewhere.test`; its key is known to everybody. */
export const CERTIFICATE_FILE = join(__dirname, 'tls/certificate.pem');
export const CERTIFICATE = readFileSync(CERTIFICATE_FILE, 'utf8');
const KEY = readFileSync(join(__dirname, 'tls/key.pem'), 'utf8');

/** What somebody has asked a proxy for. */
export interface Asked {
  /** `CONNECT host:443`, or a method and a whole URL. */
  readonly line: string;
  readonly authorization?: string;
}

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

export interface TestProxy extends Listening {
  readonly url: string;
  readonly asked: Asked[];
  /** Settles once it was asked for something. */
  readonly untilAsked: Promise<void>;
}

export interface TestProxyOptions {
  /** The port of this machine to which all tunnels and requests lead, whatever they ask for; without it, CONNECT is answered with 502. */
  readonly to?: number;
  /** What is answered in place of a tunnel. */
  readonly status?: number;
  /** Never answers CONNECT. */
  readonly silent?: boolean;
}

/** A proxy on 127.0.0.1 that writes down what it is asked for. */
export async function startProxy({ to, status, silent }: TestProxyOptions = {}): Promise<TestProxy> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let tell!: () => void;
  const untilAsked = new Promise<void>((resolve) => { tell = resolve; });
  const note = ({ method, url, headers }: IncomingMessage) => {
    asked.push({ line: `${method} ${url}`, authorization: headers['proxy-authorization'] });
    tell();
  };
  const server = createHttpServer((request, response) => {
    note(request);
    if (to === undefined) return void response.writeHead(status ?? 502).end();
    const onward = httpRequest({ port: to, host: '127.0.0.1', method: request.method, path: new URL(request.url!).pathname, headers: request.headers },
      (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers)));
    request.pipe(onward);
  });
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    note(request);
    if (silent) return;
    if (to === undefined || status !== undefined) return void socket.end(`HTTP/1.1 ${status ?? 502} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(onward.on('error', () => socket.destroy()));
  });
  const { port, close } = await listening(server, sockets);
  return { port, url: `http://127.0.0.1:${port}`, asked, untilAsked, close };
}

/** A server of TLS that hands on what is inside to a port of this machine. */
export async function tlsInFrontOf(port: number): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createTlsServer({ key: KEY, cert: CERTIFICATE, ALPNProtocols: ['http/1.1'] }, (socket) => {
    const onward = connect(port, '127.0.0.1');
    for (const each of [socket, onward]) sockets.add(each.on('error', () => each.destroy()));
    socket.pipe(onward).pipe(socket);
  });
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  return listening(server, sockets);
}

async function listening(server: Server, sockets: ReadonlySet<Socket>): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
}
