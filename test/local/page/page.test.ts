import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, DeleteAgentRuntimeEndpointCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { SESSION, Watched } from './support';
import { composeCommandLine } from '../../../src/service/command-line';

const EVIL = '<script>alert("x")</script>&\'';

let watched: Watched;
beforeAll(async () => { watched = await Watched.start(); });
afterAll(async () => watched.end());

/** The status of a request with any headers and any path, which fetch would not send as they are. */
async function statusOf(path: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: new URL(watched.endpoint).port, path, method, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject).end();
  });
}

describe('the overview', () => {
  test('tells what is there: service, runtimes, sessions, commands', async () => {
    await watched.control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: watched.runtimeId, name: 'prod' }));
    await watched.run('echo hello');
    const { service, runtimes, sessions, sessionCount, commands } = await watched.json('/_local/');
    expect(service).toMatchObject({ status: 'ok', driver: 'process', region: 'us-east-1' });
    expect(runtimes).toMatchObject([{
      id: watched.runtimeId,
      name: 'agent',
      status: 'READY',
      versions: [{ version: '1', status: 'READY', mountPaths: ['/mnt/workspace'], environmentVariables: ['API_KEY'] }],
      endpoints: [{ name: 'DEFAULT', liveVersion: '1', status: 'READY' }, { name: 'prod', liveVersion: '1' }],
    }]);
    expect(sessions).toMatchObject([{ sessionId: SESSION, runtimeId: watched.runtimeId, endpointName: 'DEFAULT', version: '1', startedAt: expect.any(String) }]);
    expect(sessionCount).toBe(1);
    expect(commands[0]).toMatchObject({ command: 'echo hello', status: 'COMPLETED', exitCode: 0, outputBytes: 6, sessionId: SESSION });
    const page = await watched.html('/_local/');
    for (const text of ['agent', 'prod', 'API_KEY', SESSION, 'echo hello', 'exit 0', watched.pathOf()]) expect(page).toContain(text);
  });

  test('is where the endpoint leads a browser', async () => {
    for (const path of ['/', '/_local']) {
      const response = await watched.get(path, { accept: 'text/html' });
      expect([response.status, response.headers.get('location')]).toEqual([302, '/_local/']);
    }
  });

  test('tells no value of an environment variable', async () => {
    await watched.run(composeCommandLine({ command: 'echo $TOKEN | wc -c', environment: { TOKEN: 'hunter2' } }));
    for (const path of ['/_local/', watched.pathOf()]) {
      expect(await watched.html(path)).not.toContain('hunter2');
      expect(JSON.stringify(await watched.json(path))).not.toContain('hunter2');
      expect(await watched.html(path)).toContain('export TOKEN=…; echo $TOKEN | wc -c');
    }
  });

  test('lists sessions that have stopped', async () => {
    const stopped = 'a-session-that-stops-of-at-least-33-characters';
    await watched.run('true', stopped);
    await watched.stopSession(stopped);
    const { sessions } = await watched.json('/_local/');
    const found = sessions.find(({ sessionId }: { sessionId: string }) => sessionId === stopped);
    expect(found).toMatchObject({ version: '1', lastUsed: expect.any(String) });
    expect(found.startedAt).toBeUndefined();
  });
});

describe('the page of a session', () => {
  test('has its commands with their output, the newest first', async () => {
    await watched.run('echo out; echo err >&2; exit 3');
    const { session, commands, storage } = await watched.json(watched.pathOf());
    expect(session).toMatchObject({ sessionId: SESSION, version: '1', mountPaths: ['/mnt/workspace'] });
    expect(commands[0]).toMatchObject({ command: 'echo out; echo err >&2; exit 3', status: 'COMPLETED', exitCode: 3 });
    expect([...commands[0].output.head].sort((a, b) => (a.stream < b.stream ? 1 : -1))).toEqual([{ stream: 'stdout', text: 'out\n' }, { stream: 'stderr', text: 'err\n' }]);
    expect(storage).toMatchObject([{ mountPath: '/mnt/workspace', files: expect.any(Number), href: `${watched.pathOf()}/files/workspace` }]);
    expect(await watched.html(watched.pathOf())).toContain('<span class="stderr">err\n</span>');
  });

  test('shows a command while it runs, and its output so far', async () => {
    const output = await watched.begin('echo begun; read line');
    for await (const text of output) if (text.includes('begun')) break;
    const [command] = (await watched.json(watched.pathOf())).commands;
    expect(command).toMatchObject({ status: 'RUNNING', output: { head: [{ stream: 'stdout', text: 'begun\n' }] } });
    expect(command.endedAt).toBeUndefined();
  });

  test('keeps the beginning and the end of long output', async () => {
    await watched.run('echo first; yes filler | head -c 300000; echo last');
    const [{ output, outputBytes }] = (await watched.json(watched.pathOf())).commands;
    expect(outputBytes).toBe(300_011);
    expect(output.head[0].text.startsWith('first\n')).toBe(true);
    expect(output.tail[0].text.endsWith('last\n')).toBe(true);
    expect(output.head[0].text.length + output.tail[0].text.length + output.omittedBytes).toBe(outputBytes);
    expect(await watched.html(watched.pathOf())).toContain('in between are not kept');
  });

  test('escapes all that others say: commands, output, names and contents of files', async () => {
    await watched.run('cd /mnt/workspace; mkdir -p evil; echo \'<b>bold</b> & "more"\' > \'evil/<img src=x>\'; cat evil/*; : \'<i>command</i>\'');
    for (const path of [watched.pathOf(), '/_local/', `${watched.pathOf()}/files/workspace/evil`, `${watched.pathOf()}/files/workspace/evil/${encodeURIComponent('<img src=x>')}`]) {
      const page = await watched.html(path);
      expect(page).not.toMatch(/<b>|<i>|<img src=x/);
    }
    expect(await watched.html(watched.pathOf())).toContain('&lt;b&gt;bold&lt;/b&gt; &amp; &quot;more&quot;');
  });

  test('is there as long as anything is known of the session', async () => {
    expect((await watched.get('/_local/sessions/0123456789abcdef0123456789abcdef')).status).toBe(404);
    const page = await watched.get(`/_local/sessions/${encodeURIComponent(EVIL)}`, { accept: 'text/html' });
    expect(page.status).toBe(404);
    expect(await page.text()).not.toContain('<script>alert');
  });
});

describe('files', () => {
  const files = (path: string) => `${watched.pathOf()}/files/workspace${path}`;

  test('are listed, shown and downloaded', async () => {
    await watched.run('cd /mnt/workspace; mkdir -p src; printf "line 1\\nline 2\\n" > "src/a b.txt"; printf "a\\0b" > src/binary; ln -s /etc/passwd src/link');
    expect((await watched.json(files('/src'))).entries).toMatchObject([
      { name: 'a b.txt', kind: 'file', size: 14 }, { name: 'binary', kind: 'file', size: 3 }, { name: 'link', kind: 'link', target: '/etc/passwd' },
    ]);
    expect(await watched.json(files('/src/'))).toMatchObject({ kind: 'directory' });
    expect(await watched.html(files('/src'))).toContain(`href="${files('/src/a%20b.txt')}"`);
    expect(await watched.json(files('/src/a%20b.txt'))).toEqual({ kind: 'file', size: 14, text: 'line 1\nline 2\n', truncated: false });
    const binary = await watched.json(files('/src/binary'));
    expect(binary).toMatchObject({ size: 3 });
    expect(binary.text).toBeUndefined();
    const download = await watched.get(`${files('/src/binary')}?download`, { accept: 'text/html' });
    expect(Object.fromEntries(download.headers)).toMatchObject({
      'content-type': 'application/octet-stream', 'content-disposition': 'attachment', 'content-length': '3', 'x-content-type-options': 'nosniff',
    });
    expect(Buffer.from(await download.arrayBuffer()).toString()).toBe('a\0b');
  });

  test('that are large are shown from their beginning', async () => {
    await watched.run('head -c 300000 /dev/zero | tr "\\0" x > /mnt/workspace/large');
    const { size, text, truncated } = await watched.json(files('/large'));
    expect({ size, truncated, shown: text.length }).toEqual({ size: 300_000, truncated: true, shown: 262_144 });
    expect((await (await watched.get(`${files('/large')}?download`)).arrayBuffer()).byteLength).toBe(300_000);
  });

  test('outside of the session\'s storage are not served', async () => {
    writeFileSync(join(watched.stateDir, 'secret'), 'secret');
    mkdirSync(join(watched.stateDir, 'storage', 'other', 'mounts', 'workspace'), { recursive: true });
    await watched.run(`cd /mnt/workspace; ln -s ${watched.stateDir} out; ln -s ${watched.stateDir}/secret secret`);
    symlinkSync(watched.stateDir, join(watched.stateDir, 'storage', 'other', 'mounts', 'link'));
    for (const path of [
      '/out/secret', '/secret', '/../../metadata.json', '/%2e%2e/%2e%2e/metadata.json', '/..%2f..%2fmetadata.json', '/../../../../secret', '/out', '//',
      '/nothing',
    ]) {
      expect(await statusOf(files(path), {})).toBe(404);
      expect(await statusOf(`${files(path)}?download`, {})).toBe(404);
    }
    expect(await statusOf(`${watched.pathOf()}/files/other`, {})).toBe(404);
    expect(await statusOf(`${watched.pathOf()}/mounts/workspace`, {})).toBe(404);
    expect(await statusOf('/_local/sessions/other', {})).toBe(404);
    expect(await statusOf('/_local/sessions/..', {})).toBe(404);
  });
});

describe('only for whoever sits at this machine', () => {
  test.each(['evil.example', 'evil.example:8585', '127.0.0.1.evil.example', 'localhost.evil.example:80'])('host %p is refused', async (host) => {
    for (const path of ['/_local/', '/_local/events', '/_local/page.js', watched.pathOf()]) expect(await statusOf(path, { host })).toBe(403);
  });

  test.each(['127.0.0.1', 'localhost', '[::1]'])('host %p is served, with any port', async (name) => {
    expect(await statusOf('/_local/', { host: name })).toBe(200);
    expect(await statusOf('/_local/', { host: `${name}:9000` })).toBe(200);
  });

  test('a page of another origin is refused', async () => {
    expect(await statusOf('/_local/', { origin: 'https://evil.example' })).toBe(403);
  });

  test('no page runs, frames or shows anything of others, or is shown by others', async () => {
    for (const path of ['/_local/', '/_local/page.js', '/_local/page.css', watched.pathOf(), `${watched.pathOf()}/files/workspace`]) {
      const { headers } = await watched.get(path, { accept: 'text/html' });
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/),
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
    }
    const page = await watched.html('/_local/');
    expect(page).not.toMatch(/ (style|on[a-z]+)="|<style|<script(?! src)|https?:\/\/(?!127\.0\.0\.1)/);
  });

  test('nothing is changed here', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect(await statusOf('/_local/', {}, method)).toBe(405);
    expect(await statusOf('/_local/', {}, 'HEAD')).toBe(200);
    expect(await statusOf('/_local/nothing', {})).toBe(404);
    expect(await statusOf('/_local/events/nothing', {})).toBe(404);
  });
});

test('a runtime that is deleted is not told of any more', async () => {
  await watched.control.send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId: watched.runtimeId, endpointName: 'prod' }));
  await watched.control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: watched.runtimeId }));
  const { runtimes, sessions } = await watched.json('/_local/');
  expect({ runtimes, sessions }).toEqual({ runtimes: [], sessions: [] });
  expect(await watched.html('/_local/')).toContain('npx cdk-agentcore local deploy');
});
