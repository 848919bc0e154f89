// Answers commands whose text ends with `bytes=N` by so many bytes of output, as fast as the reader takes them.
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { chunk } from '../../src/local/server/data/event-frames';

/** As large as the service's events get, about. */
const DELTA_BYTES = 32_768;

const delta = Buffer.from(chunk({ contentDelta: { stdout: `${'x'.repeat(DELTA_BYTES - 1)}\n` } }));
const many = Buffer.concat(Array(16).fill(delta));
const start = Buffer.from(chunk({ contentStart: {} }));
const stop = Buffer.from(chunk({ contentStop: { exitCode: 0, status: 'COMPLETED' } }));

const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const bytes = Number(/bytes=(\d+)/.exec(Buffer.concat(parts).toString())?.[1] ?? 0);
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'bench' });
  let goOn: () => void = () => {};
  response.on('drain', () => goOn()).on('close', () => goOn());
  response.write(start);
  for (let sent = 0; sent < bytes && !response.destroyed; sent += 16 * DELTA_BYTES) {
    if (!response.write(many)) await new Promise<void>((resolve) => { goOn = resolve; });
  }
  response.end(stop);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
