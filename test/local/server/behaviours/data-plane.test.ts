import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateAgentRuntimeEndpointCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { commandLines } from '../../../util/processes';
import { eventually } from '../../sessions/support';
import { errorOf } from '../support/harness';
import { LiveService, Made, SESSION } from '../support/live-service';

/**
 * What the data plane does, row by row of the behaviours that independent clients rely on; the choices behind them stand in
 * docs/local.md.
 */
const OTHER = 'another-session-id-of-33-characters-';

/** An agent that does what its payload says, and is as healthy as it was told. */
const AGENT = `
import { createServer } from 'node:http';
import { existsSync, writeFileSync } from 'node:fs';
const mount = process.env.AGENTCORE_LOCAL_MOUNT_0 ?? '/mnt/workspace';
let status = 'Healthy';
createServer(async (request, response) => {
  if (request.url === '/ping') return response.end(JSON.stringify({ status }));
  let payload = '';
  for await (const piece of request) payload += piece;
  const { health, mark, hang } = JSON.parse(payload);
  status = health ?? status;
  if (mark) writeFileSync(mount + '/' + mark, '');
  if (!hang) response.end(String(process.pid));
}).listen(8080);
`;

/** Shell text that waits until a file is there. */
const awaiting = (file: string) => `until [ -e ${file} ]; do sleep 0.02; done`;

let service: LiveService;
let plain: Made;
beforeAll(async () => {
  service = await LiveService.start();
  plain = await service.create(undefined, { environmentVariables: { GREETING: 'hello' } });
});
afterEach(async () => {
  await service.setFaults();
  await service.stop(plain).catch(() => undefined);
});
afterAll(async () => service.end());

const sessionsOf = async ({ agentRuntimeId }: Made) => (await service.admin('sessions')).sessions
  .filter((session: { runtimeId: string }) => session.runtimeId === agentRuntimeId);

const gone = { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } };
const broken = { name: 'RuntimeClientError', $metadata: { httpStatusCode: 424 } };

test('D1: a command on an unknown, well-formed session id creates the session', async () => {
  expect(await sessionsOf(plain)).toEqual([]);
  expect(await service.output(plain, 'echo here')).toBe('here\n');
  expect(await sessionsOf(plain)).toEqual([expect.objectContaining({ sessionId: SESSION, endpointName: 'DEFAULT', version: '1' })]);
});

describe('D2: session ids', () => {
  test.each([[33, true], [256, true], [32, false], [257, false]])('D2: of %d characters: %s', async (length, isTaken) => {
    const session = 'x'.repeat(length);
    const running = service.output(plain, 'echo taken', { session });
    if (!isTaken) return expect(await errorOf(running)).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    expect(await running).toBe('taken\n');
    return service.stop(plain, session);
  });

  test('D2: one is made where none is given, and returned', async () => {
    const url = `${service.local.endpoint}/runtimes/${encodeURIComponent(plain.agentRuntimeArn)}/commands`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ command: 'true' }) });
    await response.arrayBuffer();
    const session = response.headers.get('x-amzn-bedrock-agentcore-runtime-session-id')!;
    expect(session).toHaveLength(36);
    expect((await service.stop(plain, session)).runtimeSessionId).toBe(session);
  });
});

test('D3: events are contentStart, deltas, contentStop', async () => {
  const { events, stdout, stderr } = await service.run(plain, 'echo out; echo err >&2');
  expect(events[0]).toBe('contentStart');
  expect(events.slice(1, -1)).toEqual(expect.arrayContaining(['contentDelta']));
  expect(new Set(events.slice(1, -1))).toEqual(new Set(['contentDelta']));
  expect(events[events.length - 1]).toBe('contentStop');
  expect({ stdout, stderr }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
});

test('D4: an exit code other than 0 is COMPLETED with that code', async () => {
  expect(await service.run(plain, 'exit 7')).toMatchObject({ exitCode: 7, status: 'COMPLETED' });
});

test('D5: a time-out is TIMED_OUT with -1 and the output so far', async () => {
  expect(await service.run(plain, 'echo partial; sleep 1000', { timeout: 2 })).toMatchObject({ exitCode: -1, status: 'TIMED_OUT', stdout: 'partial\n' });
});

test('D6: files and background processes stay for the next command, directory and variables do not', async () => {
  await service.output(plain, 'cd /tmp; export COLOUR=blue; echo kept > "$HOME/file"; sleep 1000 & echo $! > "$HOME/pid"');
  const script = 'echo "${COLOUR:-none}"; [ "$PWD" = /tmp ] || echo elsewhere; cat "$HOME/file"; kill -0 $(cat "$HOME/pid") && echo lives';
  expect(await service.output(plain, script)).toBe('none\nelsewhere\nkept\nlives\n');
});

test('D7: standard input is open and never at its end', async () => {
  expect(await service.run(plain, 'cat', { raw: true, timeout: 1 })).toMatchObject({ exitCode: -1, status: 'TIMED_OUT', stdout: '' });
});

test.each([
  ['strict', "it ' s $((1+1)) && echo more\n"],
  ['posix', "it's $((1+1)) && echo more\n"],
  ['shell', "it's 2\nmore\n"],
] as const)('D8: tokenizer %s', async (tokenizer, stdout) => {
  const other = await LiveService.start({ tokenizer });
  try {
    expect((await other.run(await other.create(), "echo 'it'\"'\"'s' $((1+1)) && echo more", { raw: true })).stdout).toBe(stdout);
    expect((await other.admin('health')).tokenizer).toBe(tokenizer);
  } finally {
    await other.end();
  }
});

test('D9: commands are root, and have the variables of the runtime and none of the server', async () => {
  process.env.AWS_SECRET_ACCESS_KEY = 'of-the-host';
  try {
    const [uid, ...variables] = (await service.output(plain, 'id -u; env')).trim().split('\n');
    expect(uid).toBe(service.local.driver === 'process' ? String(process.getuid!()) : '0');
    expect(variables).toContain('GREETING=hello');
    expect(variables.filter((variable) => variable.startsWith('AWS_'))).toEqual([]);
  } finally {
    delete process.env.AWS_SECRET_ACCESS_KEY;
  }
});

test('D10: an agent that does not answer its health check fails invocations and commands with 424', async () => {
  const sleeper = await service.create('process.exit(3)');
  expect(await errorOf(service.invoke(sleeper))).toMatchObject(broken);
  expect(await errorOf(service.run(sleeper, 'true'))).toMatchObject(broken);
});

test('D11: stop ends the session; of one that is not there, there is nothing to stop', async () => {
  expect(await errorOf(service.stop(plain))).toMatchObject(gone);
  await service.output(plain, 'true');
  expect(await service.stop(plain)).toMatchObject({ statusCode: 200, runtimeSessionId: SESSION });
  expect(await errorOf(service.stop(plain))).toMatchObject(gone);
});

test('D12: after a stop the id has new compute, with its storage and nothing else', async () => {
  const sleep = `sleep 1000.${process.pid}`;
  await service.output(plain, `echo stored > /mnt/workspace/file; echo lost > "$HOME/file"; ${sleep} >/dev/null 2>&1 &`);
  await eventually(() => commandLines().includes(sleep), 'the background process runs');
  await service.stop(plain);
  expect(commandLines()).not.toContain(sleep);
  const { stdout, stderr } = await service.run(plain, 'cat /mnt/workspace/file; cat "$HOME/file"');
  expect(stdout).toBe('stored\n');
  expect(stderr).toContain('No such file');
});

test('D13: calls for a session that is being provisioned get 409 where that mode is on', async () => {
  const strict = await LiveService.start({ inTransit: 'conflict' });
  try {
    // its start lasts until it is let go
    const slow = await strict.create(AGENT.replace('let status', `
      console.log('held');
      while (!existsSync(mount + '/go')) await new Promise((resolve) => setTimeout(resolve, 20));
      let status`));
    const first = strict.output(slow, 'echo first');
    await eventually(() => strict.logged.some((line) => line.endsWith('agent: held')), 'the agent starts');
    const conflict = { name: 'RetryableConflictException', $metadata: { httpStatusCode: 409 } };
    expect(await errorOf(strict.run(slow, 'true'))).toMatchObject(conflict);
    expect(await errorOf(strict.stop(slow))).toMatchObject(conflict);
    const storage = join(strict.stateDir, 'storage');
    writeFileSync(join(storage, readdirSync(storage)[0], 'mounts', 'workspace', 'go'), '');
    expect(await first).toBe('first\n');
    expect(await strict.output(slow, 'echo second')).toBe('second\n');
  } finally {
    await strict.end();
  }
});

describe('D14: faults', () => {
  const operation = 'InvokeAgentRuntimeCommand';

  test.each([
    ['ThrottlingException', 429], ['ServiceQuotaExceededException', 402], ['ServiceUnavailableException', 503],
    ['InternalServerException', 500], ['RuntimeClientError', 424], ['RetryableConflictException', 409],
  ])('D14: %s before the first byte', async (error, httpStatusCode) => {
    await service.setFaults({ kind: 'error', operation, error });
    expect(await errorOf(service.run(plain, 'true'))).toMatchObject({ name: error, $metadata: { httpStatusCode } });
    expect(await service.output(plain, 'echo again')).toBe('again\n');
  });

  test('D14: an exception within the stream', async () => {
    await service.setFaults({ kind: 'streamException', operation, error: 'ThrottlingException' });
    expect(await errorOf(service.run(plain, 'echo x'))).toMatchObject({ name: 'ThrottlingException' });
  });

  test('D14: a stream that ends without contentStop', async () => {
    await service.setFaults({ kind: 'endStream', operation });
    expect((await errorOf(service.run(plain, 'echo x'))).message).toBe('stream ended without contentStop');
  });
});

test('D15: a runtime that a harness manages refuses direct calls', async () => {
  const message = 'This agent runtime is managed by a harness and cannot be invoked directly';
  await service.setFaults(...['InvokeAgentRuntimeCommand', 'InvokeAgentRuntime'].map((operation) => (
    { kind: 'error', operation, error: 'ValidationException', message, times: 'always' })));
  for (const call of [service.run(plain, 'true'), service.invoke(plain)]) expect(await errorOf(call)).toMatchObject({ name: 'ValidationException', message });
  expect(await sessionsOf(plain)).toEqual([]);
});

test('D16: the qualifier picks the endpoint and its version, which a running session keeps', async () => {
  const versions = (value: string) => ({ environmentVariables: { VERSION: value } });
  const runtime = await service.create(undefined, versions('one'));
  await service.control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: runtime.agentRuntimeId, name: 'pinned' }));
  expect(await service.output(runtime, 'echo "$VERSION"')).toBe('one\n');
  await service.update(runtime, versions('two'));
  expect(await service.output(runtime, 'echo "$VERSION"')).toBe('one\n');
  expect(await service.output(runtime, 'echo "$VERSION"', { session: OTHER })).toBe('two\n');
  expect(await service.output(runtime, 'echo "$VERSION"', { session: OTHER, qualifier: 'pinned' })).toBe('one\n');
  await service.stop(runtime);
  expect(await service.output(runtime, 'echo "$VERSION"')).toBe('two\n');
  expect(await errorOf(service.run(runtime, 'true', { qualifier: 'absent' }))).toMatchObject(gone);
});

describe('D17: lifetimes', () => {
  const lifecycleConfiguration = { idleRuntimeSessionTimeout: 60, maxLifetime: 300 };
  let agent: Made;
  beforeAll(async () => { agent = await service.create(AGENT, { lifecycleConfiguration }); });
  afterEach(async () => service.stop(agent).catch(() => undefined));

  test('D17: a session ends when it was idle for its time, and the next call starts another one', async () => {
    const first = await service.invoke(agent);
    await service.advance(59);
    expect(await service.invoke(agent)).toBe(first);
    await service.advance(60);
    expect(await sessionsOf(agent)).toEqual([]);
    expect(await errorOf(service.stop(agent))).toMatchObject(gone);
    expect(service.logged).toContainEqual(expect.stringContaining('it was idle for 60 s'));
  });

  test('D17: an agent that is HealthyBusy lives on, up to the maximum lifetime', async () => {
    const first = await service.invoke(agent, '{"health":"HealthyBusy"}');
    await service.advance(150);
    await service.advance(149);
    expect(await service.invoke(agent)).toBe(first);
    await service.advance(1);
    expect(await sessionsOf(agent)).toEqual([]);
    expect(service.logged).toContainEqual(expect.stringContaining('its maximum lifetime of 300 s is over'));
  });

  test('D17: a long request under plain Healthy is killed at the idle time-out', async () => {
    const asking = errorOf(service.invoke(agent, '{"mark":"asked","hang":true}'));
    await service.output(agent, awaiting('/mnt/workspace/asked'));
    await service.advance(60);
    expect(await asking).toMatchObject(broken);
  });

  test('D17: a command keeps its session while it runs, up to the maximum lifetime', async () => {
    const command = await service.begin(agent, `echo up; ${awaiting('"$HOME/go"')}; echo down`, 'up');
    await service.advance(100);
    await service.output(agent, 'touch "$HOME/go"');
    expect(await command.ended).toMatchObject({ stdout: 'up\ndown\n', exitCode: 0 });
    const endless = await service.begin(agent, 'echo up; sleep 1000', 'up');
    await service.advance(200);
    expect(await errorOf(endless.ended)).toMatchObject({ name: 'RuntimeClientError', message: expect.stringContaining('outcome is unknown') });
  });

  test('D17: without life times of its own, a runtime has 900 and 28,800 s', async () => {
    await service.output(plain, 'true');
    await service.advance(899);
    expect(await sessionsOf(plain)).toHaveLength(1);
    await service.advance(1);
    expect(await sessionsOf(plain)).toEqual([]);
  });
});

test('D18: commands and invocations run side by side in one session', async () => {
  const agent = await service.create(AGENT);
  const command = await service.begin(agent, `echo up; ${awaiting('/mnt/workspace/asked')}; echo down`, 'up');
  const other = await service.begin(agent, `echo up; ${awaiting('/mnt/workspace/asked')}`, 'up');
  await service.invoke(agent, '{"mark":"asked"}');
  expect((await command.ended).stdout).toBe('up\ndown\n');
  expect((await other.ended).exitCode).toBe(0);
  expect(await sessionsOf(agent)).toHaveLength(1);
});

describe('D19: limits of a command', () => {
  const padded = (length: number) => 'true'.padEnd(length);

  test.each([
    ['a command of 1 character', { command: ':', timeout: 60 }],
    ['a command of 65,536 characters', { command: padded(65_536), timeout: 60 }],
    ['a time-out of 1 s', { command: 'true', timeout: 1 }],
    ['a time-out of 3,600 s', { command: 'true', timeout: 3_600 }],
  ])('D19: %s is taken', async (_, { command, timeout }) => {
    expect((await service.run(plain, command, { raw: true, timeout })).events[0]).toBe('contentStart');
  });

  test.each([
    ['no character', { command: '', timeout: 60 }],
    ['65,537 characters', { command: padded(65_537), timeout: 60 }],
    ['a time-out of 0', { command: 'true', timeout: 0 }],
    ['a time-out of 3,601 s', { command: 'true', timeout: 3_601 }],
  ])('D19: %s is refused', async (_, { command, timeout }) => {
    expect(await errorOf(service.run(plain, command, { raw: true, timeout }))).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  });
});
