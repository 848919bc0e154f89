import { get } from 'node:http';
import { connect, createServer, SocketConstructorOpts, TcpNetConnectOpts } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PROTOCOL_CONTRACT, ServerProtocol } from '../../../service/protocol';

const POLL_MILLISECONDS = 25;

/** A port of the loopback interface that nothing listens on. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Resolves when the agent answers its health check, or accepts a connection where its protocol has none; rejects when the signal aborts. */
export async function waitUntilHealthy(protocol: ServerProtocol, port: number, signal: AbortSignal): Promise<void> {
  const { healthPath } = PROTOCOL_CONTRACT[protocol];
  while (!(healthPath === undefined ? await accepts(port, signal) : await answers(port, healthPath, signal))) {
    await delay(POLL_MILLISECONDS, undefined, { signal });
  }
}

function answers(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, signal }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}

function accepts(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, signal } satisfies TcpNetConnectOpts & SocketConstructorOpts);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
