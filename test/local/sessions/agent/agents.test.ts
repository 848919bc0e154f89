import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createSessions, CreateSessionsOptions, LocalSessions } from '../../../../src/local/sessions';
import { AgentRequest, VersionSpec } from '../../../../src/local/sessions/contract';
import { composeCommandLine } from '../../../../src/service/command-line';
import { describeWith, testWith } from '../../../util/needs';
import { describeDrivers, eventually, key, MemorySink, removeScratch, scratchDirectory, version } from '../support';

const open: LocalSessions[] = [];
const lines: string[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((sessions) => sessions.close()));
  removeScratch();
  lines.splice(0);
});

async function create(options: Partial<CreateSessionsOptions> = {}): Promise<LocalSessions> {
  const sessions = await createSessions({ stateDir: scratchDirectory(), log: (line) => lines.push(line), ...options });
  open.push(sessions);
  return sessions;
}

/** A version with code of the given files. */
function agentOf(files: Record<string, string>, given: Partial<VersionSpec> = {}, runtime = 'NODE_22', entryPoint = [Object.keys(files)[0]]): VersionSpec {
  const directory = scratchDirectory();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return version({ code: { directory, runtime, entryPoint }, ...given });
}

const request = (body = '{}', headers: AgentRequest['headers'] = {}): AgentRequest => ({ headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(body) });

async function text(body: Readable): Promise<string> {
  let all = '';
  for await (const chunk of body) all += String(chunk);
  return all;
}

async function ask(sessions: LocalSessions, on: VersionSpec, body?: string, headers?: AgentRequest['headers']) {
  const response = await sessions.invoke(key(), on, request(body, headers));
  return { status: response.status, headers: response.headers, body: await text(response.body) };
}

async function run(sessions: LocalSessions, on: VersionSpec, script: string): Promise<string> {
  const sink = new MemorySink();
  await sessions.run(key(), on, { command: composeCommandLine({ command: script }), timeoutSeconds: 30 }, sink);
  return sink.stdout;
}

/** An agent in the way of the documentation: the contract's port, all interfaces. */
const NODE_AGENT = `
const { createServer } = require('node:http');
const { existsSync, writeFileSync } = require('node:fs');
console.log('agent starts');
createServer((request, response) => {
  if (request.url === '/ping') return response.end(JSON.stringify({ status: 'Healthy' }));
  let body = '';
  request.on('data', (chunk) => { body += chunk; }).on('end', () => {
    if (existsSync('/mnt/workspace')) writeFileSync('/mnt/workspace/asked', body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ path: request.url, method: request.method, headers: request.headers, body, directory: process.cwd(), colour: process.env.COLOUR }));
  });
}).listen(8080, '0.0.0.0', () => console.error('agent listens'));
`;

const PYTHON_AGENT = `
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"status": "Healthy"})
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.answer({"path": self.path, "body": body, "directory": os.getcwd()})
    def answer(self, value):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
`;

describeDrivers((driver) => `on ${driver}`, (driver) => {
  test('an agent on the contract\'s port works unmodified, in its code\'s directory, with its version\'s environment', async () => {
    const sessions = await create({ driver });
    const on = agentOf({ 'main.js': NODE_AGENT }, { environment: { COLOUR: 'blue' } });
    const { status, headers, body } = await ask(sessions, on, '{"prompt":"hi"}', {
      'accept': 'text/event-stream', 'x-amzn-bedrock-agentcore-runtime-custom-team': 'red', 'host': 'elsewhere', 'transfer-encoding': 'chunked',
    });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' });
    expect(JSON.parse(body)).toMatchObject({
      path: '/invocations',
      method: 'POST',
      body: '{"prompt":"hi"}',
      colour: 'blue',
      ...(driver === 'process' ? {} : { directory: '/var/task' }),
      headers: {
        'content-type': 'application/json',
        'accept': 'text/event-stream',
        'content-length': '15',
        'host': expect.stringMatching(/^127\.0\.0\.1:/),
        'x-amzn-bedrock-agentcore-runtime-session-id': key().sessionId,
        'x-amzn-bedrock-agentcore-runtime-custom-team': 'red',
      },
    });
  });

  test('two sessions have an agent each, though both ask for the same port', async () => {
    const sessions = await create({ driver });
    const on = agentOf({ 'main.js': NODE_AGENT });
    const ids = [key(), key('another-0123456789-0123456789-0123')];
    const answers = await Promise.all(ids.map(async (each) => JSON.parse(await text((await sessions.invoke(each, on, request())).body))));
    expect(new Set(answers.map(({ headers }) => headers.host)).size).toBe(2);
    expect(answers.map(({ headers }) => headers['x-amzn-bedrock-agentcore-runtime-session-id'])).toEqual(ids.map(({ sessionId }) => sessionId));
  });

  test('agent and commands share files, and the agent ends with its session', async () => {
    const sessions = await create({ driver });
    const on = agentOf({ 'main.js': NODE_AGENT.replaceAll("'/mnt/workspace", "process.env.WORKSPACE + '") }, { environment: { WORKSPACE: '/mnt/workspace' } });
    await ask(sessions, on, 'task');
    expect(await run(sessions, on, 'cat /mnt/workspace/asked')).toBe('task');
    await sessions.stop(key());
    expect(await run(sessions, on, 'cat /mnt/workspace/asked')).toBe('task');
  });

  test('its code cannot be changed, where the driver can see to it', async () => {
    const sessions = await create({ driver });
    const on = agentOf({ 'main.js': NODE_AGENT });
    expect(await run(sessions, on, 'ls /var/task; touch /var/task/x 2>/dev/null && echo changed')).toBe(driver === 'process' ? 'main.js\nchanged\n' : 'main.js\n');
  });

  testWith(['python3'], 'Python agents work alike', async () => {
    const sessions = await create({ driver });
    const { body } = await ask(sessions, agentOf({ 'main.py': PYTHON_AGENT }, {}, 'PYTHON_3_12', ['opentelemetry-instrument', 'main.py']), 'task');
    expect(JSON.parse(body)).toMatchObject({ path: '/invocations', body: 'task', ...(driver === 'process' ? {} : { directory: '/var/task' }) });
    expect(lines.join('\n')).toContain('opentelemetry-instrument is neither');
  });
});

describe('an agent', () => {
  const outward = Object.values(networkInterfaces()).flat().find((address) => address !== undefined && !address.internal && address.family === 'IPv4');
  const network = { lack: 'there is no network but the loopback interface', isMet: outward !== undefined };

  testWith([network], 'listens on the loopback interface only', async () => {
    const sessions = await create();
    const { body } = await ask(sessions, agentOf({ 'main.js': NODE_AGENT }));
    const port = Number(JSON.parse(body).headers.host.split(':')[1]);
    await expect(new Promise((resolve, reject) => {
      const socket = connect(port, outward!.address, () => { socket.destroy(); resolve('connected'); });
      socket.on('error', reject);
    })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test.each([
    ['PORT', 'Number(process.env.PORT)'],
    ['a port as text', "'8080'"],
    ['options', "{ port: 8080, host: '::' }"],
    ['a backlog and no host', '8080, 511'],
  ])('may ask to listen by %s', async (_, listen) => {
    const sessions = await create();
    const answer = await ask(sessions, agentOf({ 'main.js': NODE_AGENT.replace("8080, '0.0.0.0'", listen) }));
    expect(answer.status).toBe(200);
  });

  test('may be an ES module that serves by a promise', async () => {
    const sessions = await create();
    const module = "import { createServer } from 'node:http';\ncreateServer((request, response) => response.end('from a module')).listen({ port: 8080 });\n";
    expect((await ask(sessions, agentOf({ 'main.mjs': module }))).body).toBe('from a module');
  });

  test.each([
    ['MCP', '8000', '/mcp'], ['A2A', '9000', '/'], ['AGUI', '8080', '/invocations'],
  ] as const)('of protocol %s is found on port %s and posted to %s', async (protocol, port, path) => {
    const sessions = await create();
    const { body } = await ask(sessions, agentOf({ 'main.js': NODE_AGENT.replace('8080', port) }, { protocol }));
    expect(JSON.parse(body)).toMatchObject({ path, method: 'POST' });
  });

  test('streams: its first words arrive before it has said its last', async () => {
    const agent = `
      const { createServer } = require('node:http');
      let finish;
      createServer((request, response) => {
        if (request.url === '/ping') return response.end();
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: first\\n\\n');
        process.once('SIGUSR2', () => response.end('data: last\\n\\n'));
      }).listen(8080);
      require('node:fs').writeFileSync(process.env.WORKSPACE + '/pid', String(process.pid));`;
    const sessions = await create();
    const on = agentOf({ 'main.js': agent }, { environment: { WORKSPACE: '/mnt/workspace' } });
    const { body, headers } = await sessions.invoke(key(), on, request());
    expect(headers['content-type']).toBe('text/event-stream');
    const chunks = body[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe('data: first\n\n');
    await run(sessions, on, 'kill -USR2 $(cat /mnt/workspace/pid)');
    expect(String((await chunks.next()).value)).toBe('data: last\n\n');
    expect((await chunks.next()).done).toBe(true);
  });

  test('hands on what it answers, errors too', async () => {
    const agent = "require('node:http').createServer((q, s) => { s.statusCode = q.url === '/ping' ? 200 : 418; s.end('teapot'); }).listen(8080)";
    expect(await ask(await create(), agentOf({ 'main.js': agent }))).toMatchObject({ status: 418, body: 'teapot' });
  });

  test('that dies at its start fails the call with its last words, for commands too', async () => {
    const sessions = await create();
    const on = agentOf({ 'main.js': "console.error('no model configured'); process.exit(3)" });
    const failure = { name: 'RuntimeClientError', status: 424, message: expect.stringMatching(/agent ended with 3 before it could work; its last words:\nno model configured/) };
    await expect(ask(sessions, on)).rejects.toMatchObject(failure);
    await expect(run(sessions, on, 'true')).rejects.toMatchObject(failure);
    expect(sessions.list()).toEqual([]);
  });

  test('that does not answer its health check in time fails the call', async () => {
    const sessions = await create({ agentStartSeconds: 1 });
    const silent = "console.error('waiting for nothing'); setInterval(() => undefined, 1000)";
    await expect(ask(sessions, agentOf({ 'main.js': silent }))).rejects.toMatchObject({
      name: 'RuntimeClientError',
      message: expect.stringMatching(/did not answer GET \/ping with 200 on port 8080 within 1 s.*\$PORT; its last words:\nwaiting for nothing/s),
    });
    const unhealthy = "require('node:http').createServer((q, s) => { s.statusCode = 500; s.end(); }).listen(8080)";
    await expect(ask(sessions, agentOf({ 'main.js': unhealthy }))).rejects.toMatchObject({ name: 'RuntimeClientError' });
  });

  test('that dies later fails the call at hand and ends its session; the next call starts anew', async () => {
    const sessions = await create();
    const on = agentOf({ 'main.js': NODE_AGENT.replace("let body = '';", "if (request.headers['x-amzn-bedrock-agentcore-runtime-custom-die']) process.exit(1);\n  let body = '';") });
    await run(sessions, on, 'echo stored > /mnt/workspace/file');
    await expect(ask(sessions, on, '{}', { 'x-amzn-bedrock-agentcore-runtime-custom-die': '1' })).rejects.toMatchObject({ name: 'RuntimeClientError', message: expect.stringContaining('agent does not answer') });
    await eventually(() => sessions.list().length === 0, 'the session has ended');
    expect(await run(sessions, on, 'cat /mnt/workspace/file')).toBe('stored\n');
  });

  test('has its output in the log and in a file outside of its session', async () => {
    const stateDir = scratchDirectory();
    const sessions = await create({ stateDir });
    const on = agentOf({ 'main.js': NODE_AGENT });
    await ask(sessions, on);
    await eventually(() => lines.includes('coder-0123456789 agent: agent listens'), 'the agent\'s line is logged');
    expect(lines).toContain('coder-0123456789 agent: agent starts');
    await sessions.close();
    const directory = join(stateDir, 'logs', 'agents', 'coder-0123456789');
    const [file] = readdirSync(directory);
    expect(file).toMatch(/^[0-9a-f]{32}\.log$/);
    await eventually(() => /agent starts[^]*agent listens/.test(readFileSync(join(directory, file), 'utf8')), 'the file has it');
  });
});

test('a session whose agent never gets healthy can be stopped meanwhile, as can the server', async () => {
  const sessions = await create({ agentStartSeconds: 3_600 });
  const on = agentOf({ 'main.js': "console.log('up'); setInterval(() => undefined, 1000)" });
  const stops = [async () => sessions.stop(key()), async () => sessions.forget(key().runtimeId), async () => sessions.close()];
  for (const stop of stops) {
    const asking = ask(sessions, on).catch((error: Error) => error);
    await eventually(() => lines.includes('coder-0123456789 agent: up'), 'the agent has started');
    lines.splice(0);
    await stop();
    expect(await asking).toMatchObject({ name: 'RetryableConflictException', status: 409 });
  }
});

test('an agent that never ends a line is heard in pieces, not kept in memory', async () => {
  const sessions = await create();
  await ask(sessions, agentOf({ 'main.js': `process.stdout.write('x'.repeat(1_000_000), () => { ${NODE_AGENT.replace(/console\.log.*/, '')} });` }));
  const pieces = () => lines.filter((line) => /^coder-0123456789 agent: x+$/.test(line));
  await eventually(() => pieces().length > 10, 'pieces of the line are logged');
  // what comes at once is 64 KiB at most
  expect(Math.max(...pieces().map((line) => line.length))).toBeLessThan(80_000);
});

describeWith(['python3'], 'the preload for Python', () => {
  const probe = (script: string, files: Record<string, string> = {}) => {
    const on = agentOf({ 'main.py': script, ...files }, {}, 'PYTHON_3_12');
    return create().then((sessions) => ask(sessions, on));
  };
  test('maps asyncio servers, and IPv6 wildcards', async () => {
    const agent = (listen: string) => `
import asyncio
async def answer(reader, writer):
    await reader.readline()
    writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\nconnection: close\\r\\n\\r\\nok")
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(answer, ${listen})
    await server.serve_forever()
asyncio.run(main())`;
    expect((await probe(agent('None, 8080'))).body).toBe('ok');
    const dual = PYTHON_AGENT.replace('http.server.ThreadingHTTPServer((', 'http.server.ThreadingHTTPServer.address_family = 10\nhttp.server.ThreadingHTTPServer((').replace('0.0.0.0', '::');
    if (execFileSync('python3', ['-c', 'import socket; print(socket.AF_INET6)'], { encoding: 'utf8' }).trim() === '10') {
      expect((await probe(dual)).status).toBe(200);
    }
  });

  test('tells uvloop, which binds by itself, and leaves customizations of others in place', async () => {
    const fake = `
class Loop:
    def create_server(self, protocol_factory, host=None, port=None, **options):
        return (host, port)
`;
    const script = `
import os, socket, uvloop, marker
host, port = uvloop.Loop().create_server(None, "0.0.0.0", 8080)
assert (host, port) == ("127.0.0.1", int(os.environ["PORT"])), (host, port)
client = socket.socket()
client.bind(("", 0))
assert client.getsockname()[0] == "0.0.0.0"
assert marker.seen == ["sitecustomize"], marker.seen
${PYTHON_AGENT}`;
    const { body } = await probe(script, { 'uvloop/__init__.py': fake, 'marker.py': 'seen = []', 'sitecustomize.py': 'import marker\nmarker.seen.append("sitecustomize")' });
    expect(JSON.parse(body)).toMatchObject({ path: '/invocations' });
  });

  test('works also where a wrapper puts a sitecustomize in front', async () => {
    const wrapper = [
      'import os, sys',
      'os.environ["PYTHONPATH"] = "/var/task/auto:" + os.environ["PYTHONPATH"]'.replace('"/var/task', 'os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "'),
      'os.execvp(sys.argv[1], sys.argv[1:])',
    ].join('\n');
    const on = agentOf({ 'main.py': PYTHON_AGENT, 'bin/instrument': wrapper, 'auto/sitecustomize.py': 'import sys\nprint("instrumented", file=sys.stderr)' }, {}, 'PYTHON_3_12', ['instrument', 'main.py']);
    const { status } = await ask(await create(), on);
    expect(status).toBe(200);
    await eventually(() => lines.includes('coder-0123456789 agent: instrumented'), 'the wrapper was at work');
  });
});
