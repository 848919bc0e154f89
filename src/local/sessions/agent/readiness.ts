import { get } from 'node:http';
import { connect, createServer, SocketConstructorOpts, TcpNetConnectOpts } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PROTOCOL_CONTRACT, ServerProtocol } from '../../../service/protocol';
import { AgentHealth } from '../lifetime';

const POLL_MILLISECONDS = 25;

/** How long an answer to a health check may be, in bytes. */
const HEALTH_BYTES = 64 * 1024;

/** Ports that agents have, also those that they do not listen on yet. */
const taken = new Set<number>();

/** Free ports that were taken already, after which something else is wrong. */
const MAX_TAKEN = 1_000;

/**
 * A port of the loopback interface that nothing listens on, for one agent alone; `release` gives it back.
 *
 * Between the moment when it is found and the one when its agent listens, it is as free as any other: another agent that
 * starts then could be given the same one.
 */
export async function takePort(find = findFreePort): Promise<{ readonly port: number; release(): void }> {
  for (let tries = 0; tries < MAX_TAKEN; tries++) {
    const port = await find();
    if (taken.has(port)) continue;
    taken.add(port);
    return { port, release: () => taken.delete(port) };
  }
  throw new Error(`no port of 127.0.0.1 is free for an agent, ${taken.size} are taken; stop some sessions`);
}

function findFreePort(): Promise<number> {
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

/** What an agent says of its health; undefined where it does not answer with 200 and an object in JSON. */
export function readHealth(path: string, port: number, signal: AbortSignal): Promise<AgentHealth | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('error', () => resolve(undefined)).on('data', (piece: string) => {
        text += piece;
        if (text.length > HEALTH_BYTES) request.destroy();
      }).on('end', () => resolve(response.statusCode === 200 ? healthIn(text) : undefined));
    });
    request.on('error', () => resolve(undefined)).on('close', () => resolve(undefined));
  });
}

function healthIn(text: string): AgentHealth | undefined {
  try {
    const health = JSON.parse(text) as AgentHealth | null;
    return typeof health === 'object' && health !== null ? health : undefined;
  } catch {
    return undefined;
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
