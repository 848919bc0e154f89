import { createServer, IncomingMessage, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { SYSTEM_CLOCK } from '../../src/client/clock';
import { respond } from '../../src/provider/respond';
import { FakeClock } from '../util/fake-clock';

interface Seen {
  readonly method?: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let seen: Seen[];
let statuses: (number | 'reset' | 'silent')[];
let url: string;

beforeEach(async () => {
  seen = [];
  statuses = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push({ method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() });
    const status = statuses.shift() ?? 200;
    if (status === 'reset') request.socket.destroy();
    else if (status !== 'silent') response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/answer?X-Amz-Signature=credential`;
});

afterEach(() => new Promise((resolve) => {
  server.close(resolve);
  server.closeAllConnections();
}));

test('puts the body with its length in bytes and without a content type', async () => {
  await respond(url, '{"Reason":"ü"}', new FakeClock(), 60_000);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ method: 'PUT', body: '{"Reason":"ü"}', headers: { 'content-type': '', 'content-length': '15' } });
});

test('tries again, with the same body, when the other side fails or hangs up', async () => {
  statuses = [500, 'reset', 503];
  await respond(url, '{}', new FakeClock(), 60_000);
  expect(seen.map(({ body }) => body)).toEqual(['{}', '{}', '{}', '{}']);
});

test('leaves time for another attempt where the other side does not respond', async () => {
  statuses = ['silent'];
  await respond(url, '{}', SYSTEM_CLOCK, Date.now() + 1_500);
  expect(seen).toHaveLength(2);
});

test('does not try again when the time of the call is up', async () => {
  const clock = new FakeClock();
  statuses = Array(5).fill(500);
  await expect(respond(url, '{}', clock, 1_000)).rejects.toThrow(/HTTP status 500/);
  expect(seen.length).toBeLessThan(5);
});

test('gives up after five times with an error that does not hold the URL', async () => {
  statuses = [500, 500, 500, 500, 500];
  const error = await respond(url, '{}', new FakeClock(), 60_000).catch((e) => e);
  expect(seen).toHaveLength(5);
  expect(error.message).toBe('the answer could not be delivered: HTTP status 500');
  expect(JSON.stringify([error.message, error.stack])).not.toContain('X-Amz-Signature');
});
