import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { InvokeAgentRuntimeCommand, InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { containerInput, errorOf, Harness, ROLE_ARN } from './support/harness';
import { ServiceError } from '../../../src/local/service-error';

const SESSION = 'a-session-id-of-at-least-33-characters';

let harness: Harness;
let arn: string;
let id: string;
beforeEach(async () => {
  harness = await Harness.start();
  const created = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent', { environmentVariables: { GREETING: 'hello' } })));
  arn = created.agentRuntimeArn!;
  id = created.agentRuntimeId!;
});
afterEach(async () => harness.end());

async function run(command: string, more: object = {}) {
  const input = { agentRuntimeArn: arn, runtimeSessionId: SESSION, body: { command }, ...more };
  const answer = await harness.data().send(new InvokeAgentRuntimeCommandCommand(input));
  const chunks: any[] = [];
  for await (const event of answer.stream!) chunks.push(event.chunk);
  const text = (stream: string) => chunks.map(({ contentDelta }) => contentDelta?.[stream] ?? '').join('');
  return { answer, chunks, stdout: text('stdout'), stderr: text('stderr'), stop: chunks[chunks.length - 1].contentStop };
}

describe('InvokeAgentRuntimeCommand', () => {
  test('streams start, output of both streams, and how it ended', async () => {
    const { answer, chunks, stdout, stderr, stop } = await run('echo $GREETING; echo oops >&2; exit 7');
    expect(answer).toMatchObject({ runtimeSessionId: SESSION, contentType: 'application/vnd.amazon.eventstream', statusCode: 200 });
    expect(chunks[0]).toEqual({ contentStart: {} });
    expect({ stdout, stderr, stop }).toEqual({ stdout: 'hello\n', stderr: 'oops\n', stop: { exitCode: 7, status: 'COMPLETED' } });
    expect(harness.sessions.specs[0]).toMatchObject({ version: '1', protocol: 'HTTP', storageMounts: ['/mnt/workspace'], environment: { GREETING: 'hello' } });
    expect(harness.sessions.commands).toEqual([{ command: expect.any(String), timeoutSeconds: 300 }]);
  });

  test('refuses a null character, before a session starts', async () => {
    const error = await errorOf(run('echo a\0b'));
    expect(error).toMatchObject({ name: 'ValidationException', message: expect.stringContaining('null character'), fieldList: [{ name: 'body.command' }] });
    expect(harness.sessions.commands).toEqual([]);
  });

  test('hands output over while the command runs', async () => {
    let go!: () => void;
    const seen = new Promise<void>((resolve) => { go = resolve; });
    harness.sessions.onRun = async (sink) => {
      sink.onStart();
      await sink.onStdout(Buffer.from('first'));
      await seen;
      await sink.onStdout(Buffer.from('second'));
      return { exitCode: 0, status: 'COMPLETED' };
    };
    const { stream } = await harness.data().send(new InvokeAgentRuntimeCommandCommand({ agentRuntimeArn: arn, body: { command: 'x' } }));
    const deltas: string[] = [];
    for await (const { chunk } of stream!) {
      const delta = chunk?.contentDelta?.stdout;
      if (delta !== undefined) deltas.push(delta);
      // the command ends only after its first output has come
      if (delta === 'first') go();
    }
    expect(deltas).toEqual(['first', 'second']);
  });

  test('never splits a character', async () => {
    const euro = Buffer.from('a€b😀c', 'utf8');
    harness.sessions.onRun = async (sink) => {
      sink.onStart();
      for (const byte of euro) {
        await sink.onStdout(Buffer.from([byte]));
        await sink.onStderr(Buffer.from([byte]));
      }
      return { exitCode: 0, status: 'COMPLETED' };
    };
    const { chunks, stdout, stderr } = await run('x');
    expect([stdout, stderr]).toEqual(['a€b😀c', 'a€b😀c']);
    expect(chunks.some((chunk) => JSON.stringify(chunk).includes('�'))).toBe(false);
  });

  test('shows what is no UTF-8 as replacement characters, also at the end', async () => {
    harness.sessions.onRun = async (sink) => {
      sink.onStart();
      await sink.onStdout(Buffer.from([0x61, 0xff, 0xe2, 0x82]));
      return { exitCode: 0, status: 'COMPLETED' };
    };
    expect((await run('x')).stdout).toMatch(/^a�+$/);
  });

  test('cuts large output into events of at most 64 KB', async () => {
    const text = `${'\u0001'.repeat(100_000)}${'😀'.repeat(50_000)}`;
    harness.sessions.onRun = async (sink) => {
      sink.onStart();
      await sink.onStdout(Buffer.from(text));
      return { exitCode: 0, status: 'COMPLETED' };
    };
    const response = await fetch(`${harness.endpoint}/runtimes/${encodeURIComponent(arn)}/commands`, { method: 'POST', body: JSON.stringify({ command: 'x' }) });
    const bytes = Buffer.from(await response.arrayBuffer());
    const codec = new EventStreamCodec((data) => Buffer.from(data as Uint8Array).toString(), (data) => Buffer.from(data));
    let got = '';
    let frames = 0;
    for (let at = 0; at < bytes.length; frames++) {
      const length = bytes.readUInt32BE(at);
      expect(length).toBeLessThanOrEqual(65_536);
      const body = JSON.parse(Buffer.from(codec.decode(bytes.subarray(at, at + length)).body).toString());
      got += body.contentDelta?.stdout ?? '';
      at += length;
    }
    expect(frames).toBeGreaterThan(3);
    expect(got === text).toBe(true);
  });

  test('holds a command back whose output is not read', async () => {
    let written = 0;
    let ended!: () => void;
    const end = new Promise<void>((resolve) => { ended = resolve; });
    harness.sessions.onRun = async (sink, signal) => {
      sink.onStart();
      const chunk = Buffer.alloc(64 * 1024, 'x');
      // far more than the buffers of two sockets hold
      for (; written < 100 * 1024 * 1024 && !signal!.aborted; written += chunk.length) await sink.onStdout(chunk);
      ended();
      return { exitCode: 0, status: 'COMPLETED' };
    };
    const client = httpRequest(`${harness.endpoint}/runtimes/${encodeURIComponent(arn)}/commands`, { method: 'POST' });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ command: 'x' }));
    const [response] = await once(client, 'response');
    response.on('error', () => undefined);
    await once(response, 'readable');
    client.destroy();
    await end;
    expect(written).toBeLessThan(100 * 1024 * 1024);
  });

  test('ends the command when the client goes away', async () => {
    let aborted!: () => void;
    const abort = new Promise<void>((resolve) => { aborted = resolve; });
    harness.sessions.onRun = async (sink, signal) => {
      sink.onStart();
      await once(signal!, 'abort');
      aborted();
      throw new Error('aborted');
    };
    const client = httpRequest(`${harness.endpoint}/runtimes/${encodeURIComponent(arn)}/commands`, { method: 'POST' });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ command: 'x' }));
    await once(client, 'response');
    client.destroy();
    await abort;
    // and the server lives on
    harness.sessions.onRun = undefined;
    expect((await run('echo still here')).stdout).toBe('still here\n');
  });

  test('tells an error before the first byte by HTTP, after it within the stream', async () => {
    harness.sessions.onRun = async () => { throw new ServiceError('RuntimeClientError', 'ping was not answered'); };
    expect(await errorOf(run('x'))).toMatchObject({ name: 'RuntimeClientError', message: 'ping was not answered', $metadata: { httpStatusCode: 424 } });

    const failing = (error: Error) => async (sink: any) => {
      sink.onStart();
      await sink.onStdout(Buffer.from('partial'));
      throw error;
    };
    harness.sessions.onRun = failing(new ServiceError('RuntimeClientError', 'the agent died'));
    expect(await errorOf(run('x'))).toMatchObject({ name: 'RuntimeClientError', message: 'the agent died' });
    harness.sessions.onRun = failing(new ServiceError('RetryableConflictException', 'not in this stream\'s model'));
    expect((await errorOf(run('x'))).name).toBe('InternalServerException');
    harness.sessions.onRun = failing(new TypeError('a bug'));
    expect((await errorOf(run('x'))).name).toBe('InternalServerException');
    expect(harness.logged.join('\n')).toContain('TypeError: a bug');
  });

  test('refuses a qualifier that is no name, before a session starts', async () => {
    expect(await errorOf(run('x', { qualifier: 'no-name' }))).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    expect(harness.sessions.commands).toEqual([]);
  });

  test('takes the bare id together with the account', async () => {
    expect((await run('echo ok', { agentRuntimeArn: id, accountId: '000000000000' })).stdout).toBe('ok\n');
    expect((await errorOf(run('echo ok', { agentRuntimeArn: id }))).name).toBe('ValidationException');
    expect((await errorOf(run('echo ok', { agentRuntimeArn: id, accountId: '111111111111' }))).name).toBe('ResourceNotFoundException');
    expect((await errorOf(run('echo ok', { agentRuntimeArn: arn.replace('us-east-1', 'eu-west-1') }))).name).toBe('ResourceNotFoundException');
    expect((await errorOf(run('echo ok', { agentRuntimeArn: `${arn}/runtime-endpoint/DEFAULT` }))).name).toBe('ValidationException');
  });

  test('goes to the version of the endpoint that the qualifier names', async () => {
    const control = harness.control();
    await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: id, name: 'pinned' }));
    const { agentRuntimeArtifact } = containerInput('x');
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId: id, agentRuntimeArtifact, roleArn: ROLE_ARN }));
    await run('true');
    await run('true', { qualifier: 'pinned' });
    expect(harness.sessions.specs.map(({ version }) => version)).toEqual(['2', '1']);
    expect(harness.sessions.list().map(({ endpointName }) => endpointName)).toEqual(['DEFAULT', 'pinned']);
    expect((await errorOf(run('true', { qualifier: 'absent' }))).name).toBe('ResourceNotFoundException');
    await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id })).catch(() => undefined);
  });

  test('finds nothing once the runtime is being deleted', async () => {
    await harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
    expect(await errorOf(run('true'))).toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  });

  test('is to be tried again while the runtime is being created', async () => {
    await harness.end();
    harness = await Harness.start({ transitionDelayMs: 1_000 });
    arn = (await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent')))).agentRuntimeArn!;
    expect((await errorOf(run('true'))).name).toBe('RetryableConflictException');
    await harness.clock.sleep(1_000);
    expect((await run('true')).stop.exitCode).toBe(0);
  });
});

describe('InvokeAgentRuntime', () => {
  const invoke = async (more: object = {}) => harness.data().send(
    new InvokeAgentRuntimeCommand({ agentRuntimeArn: arn, runtimeSessionId: SESSION, contentType: 'application/json', payload: Buffer.from('{"task":1}'), ...more }));

  test('hands payload and headers to the agent, and its answer back', async () => {
    harness.sessions.onInvoke = () => ({ status: 200, headers: { 'content-type': 'text/event-stream', 'set-cookie': ['a=b'], 'x-own': '1' }, body: Readable.from(['data: 1\n\n', 'data: 2\n\n']) });
    const answer = await invoke({ traceParent: '00-1-2-00' });
    expect(await answer.response!.transformToString()).toBe('data: 1\n\ndata: 2\n\n');
    expect(answer).toMatchObject({ contentType: 'text/event-stream', runtimeSessionId: SESSION, traceParent: '00-1-2-00', statusCode: 200 });
    const [{ body, headers }] = harness.sessions.requests;
    expect(body.toString()).toBe('{"task":1}');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-amzn-bedrock-agentcore-runtime-session-id': SESSION, 'traceparent': '00-1-2-00' });
    expect(headers.authorization).toBeUndefined();
  });

  test('lets through the headers that the runtime allows', async () => {
    const { agentRuntimeArtifact } = containerInput('x');
    await harness.control().send(new UpdateAgentRuntimeCommand({
      agentRuntimeId: id, agentRuntimeArtifact, roleArn: ROLE_ARN, requestHeaderConfiguration: { requestHeaderAllowlist: ['X-Tenant'] },
    }));
    harness.sessions.onInvoke = () => ({ status: 200, headers: {}, body: Readable.from(['ok']) });
    await fetch(`${harness.endpoint}/runtimes/${encodeURIComponent(arn)}/invocations`, {
      method: 'POST', body: '{}', headers: { 'X-Tenant': 'a', 'X-Other': 'b', 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-C': 'c' },
    });
    const [{ headers }] = harness.sessions.requests;
    expect(headers).toMatchObject({ 'x-tenant': 'a', 'x-amzn-bedrock-agentcore-runtime-custom-c': 'c' });
    expect(headers['x-other']).toBeUndefined();
  });

  describe('of an agent that speaks MCP', () => {
    beforeEach(async () => {
      const { agentRuntimeArtifact } = containerInput('x');
      await harness.control().send(new UpdateAgentRuntimeCommand({
        agentRuntimeId: id, agentRuntimeArtifact, roleArn: ROLE_ARN, protocolConfiguration: { serverProtocol: 'MCP' },
      }));
      harness.sessions.onInvoke = () => ({ status: 200, headers: {}, body: Readable.from(['{}']) });
    });

    test('adds the session id of the protocol on both ways', async () => {
      expect(await invoke()).toMatchObject({ mcpSessionId: SESSION, runtimeSessionId: SESSION });
      expect(harness.sessions.requests[0].headers['mcp-session-id']).toBe(SESSION);
    });

    test('goes to the session that the protocol names', async () => {
      const other = `${SESSION}-of-mcp`;
      expect(await invoke({ mcpSessionId: other })).toMatchObject({ mcpSessionId: other, runtimeSessionId: other });
      expect(harness.sessions.list().map(({ sessionId }) => sessionId)).toEqual([other]);
    });

    test('leaves ids of the agent\'s own making to client and agent', async () => {
      harness.sessions.onInvoke = () => ({ status: 200, headers: { 'mcp-session-id': 'own-2' }, body: Readable.from(['{}']) });
      expect(await invoke({ mcpSessionId: 'own-1' })).toMatchObject({ mcpSessionId: 'own-2', runtimeSessionId: SESSION });
      expect(harness.sessions.requests[0].headers['mcp-session-id']).toBe('own-1');
    });

    test.each(['own-1', '0b6d4c2e-1f6a-4f0e-9a51-6f7c2f6f1a77'])('goes on where the agent has given an id of its own making: %s', async (own) => {
      harness.sessions.onInvoke = (_, { headers }) => ({ status: 200, headers: { 'mcp-session-id': headers['mcp-session-id'] === own ? undefined : own }, body: Readable.from(['{}']) });
      expect(await invoke()).toMatchObject({ mcpSessionId: own, runtimeSessionId: SESSION });
      // an SDK invents a session id where its caller names none
      expect(await invoke({ mcpSessionId: own, runtimeSessionId: undefined })).toMatchObject({ runtimeSessionId: SESSION });
      expect(await invoke({ mcpSessionId: own })).toMatchObject({ runtimeSessionId: SESSION });
      expect(harness.sessions.requests.map(({ headers }) => headers['mcp-session-id'])).toEqual([SESSION, own, own]);
      expect(harness.sessions.list().map(({ sessionId }) => sessionId)).toEqual([SESSION]);
    });
  });

  test('turns an agent\'s error into RuntimeClientError', async () => {
    harness.sessions.onInvoke = () => ({ status: 500, headers: {}, body: Readable.from(['it broke']) });
    const error = await errorOf(invoke());
    expect(error).toMatchObject({ name: 'RuntimeClientError', $metadata: { httpStatusCode: 424 } });
    expect(error.message).toContain('(500)');
    expect(error.message).toContain('it broke');
  });

  test('is over when the client goes away, though the agent does not answer', async () => {
    let called!: () => void;
    const call = new Promise<void>((resolve) => { called = resolve; });
    jest.spyOn(harness.sessions, 'invoke').mockImplementation(() => { called(); return new Promise(() => undefined); });
    const client = httpRequest(`${harness.endpoint}/runtimes/${encodeURIComponent(arn)}/invocations`, { method: 'POST' });
    client.on('error', () => undefined);
    client.end('{}');
    await call;
    client.destroy();
    // closing waits for every request
    await harness.restart();
  });

  test('of a container says that no agent runs here', async () => {
    const error = await errorOf(invoke());
    expect(error.name).toBe('RuntimeClientError');
    expect(error.message).toContain('container images');
    expect(harness.logged.join('\n')).toContain('container image');
  });
});

test('StopRuntimeSession looks for the endpoint first', async () => {
  await run('true');
  const stop = new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId: SESSION, qualifier: 'absent' });
  expect((await errorOf(harness.data().send(stop))).name).toBe('ResourceNotFoundException');
  expect(harness.sessions.list()).toHaveLength(1);
});
