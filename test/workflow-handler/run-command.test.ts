import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from '../../src/client/clock';
import { Ledger, MemoryLedger } from '../../src/provider/ledger';
import { CommandTaskResult, RunCommandTask } from '../../src/workflow-handler/contract';
import { handleTask } from '../../src/workflow-handler/handle';
import { ScriptedService } from '../util/scripted-service';

// commands really run, by the shell; what stands between them and the task is scripted

const SESSION = 'a-session-id-of-at-least-33-characters';
const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:Machine:one';
const RUNTIME = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/coder-0123456789';

let service: ScriptedService;
let ledger: Ledger;
let logged: [string, unknown][];
beforeEach(async () => {
  service = await new ScriptedService().open();
  service.fallback = { execute: 'whole' };
  ledger = new MemoryLedger(SYSTEM_CLOCK);
  logged = [];
});
afterEach(async () => service.close());

/** So little time for a call that it waits no longer than a second for its command. */
const HURRIED = 21_500;

/** One call of the function for a state; `retryCount` tells how often the state was retried. */
async function call(command: string, retryCount = 0, more: Partial<RunCommandTask> = {}, room = 300_000): Promise<CommandTaskResult> {
  const visit = { execution: EXECUTION, state: 'Test', enteredTime: new Date(begun).toISOString(), retryCount };
  const task: RunCommandTask = {
    action: 'runCommand', visit, runtimeArn: RUNTIME, qualifier: 'DEFAULT', sessionId: SESSION, command, timeoutSeconds: 60, checkExitCode: false, ...more,
  };
  const deadline = SYSTEM_CLOCK.now() + room;
  const log = (notice: string, fields: unknown) => void logged.push([notice, fields]);
  return handleTask(task, { client: service.client, clock: SYSTEM_CLOCK, ledger, log, deadline }) as Promise<CommandTaskResult>;
}

let begun: number;
beforeEach(() => { begun = SYSTEM_CLOCK.now(); });

const inMachine = (name: string) => join(service.machine, name);
/** Notes that it runs, and goes on until it is let go. */
const patient = () => `echo run >> ${inMachine('runs')}; while [ -d ${service.machine} ] && [ ! -e ${inMachine('go')} ]; do sleep 0.1; done; echo done`;
const runs = () => readFileSync(inMachine('runs'), 'utf8');

describe('the result', () => {
  test('is data', async () => {
    expect(await call('echo out; echo err >&2; exit 3')).toEqual({
      exitCode: 3, ok: false, status: 'COMPLETED', stdoutTail: 'out\n', stderrTail: 'err\n', truncated: false, sessionId: SESSION, durationMillis: expect.any(Number),
    });
  });

  test('has the end of long output, and what an agent is told where that is asked for', async () => {
    const lines = 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done';
    const { stdoutTail, truncated, observation } = await call(lines, 0, { observationCharacters: 600 });
    expect([stdoutTail.length, stdoutTail.endsWith('line 2999\n'), truncated]).toEqual([8_192, true, true]);
    expect(observation).toMatch(/^exit code: 0 .*characters omitted.*line 2999$/s);
    expect(observation!.length).toBeLessThanOrEqual(600);
  });

  test('of a command that is ended by its time-out has no exit code', async () => {
    await expect(call(patient(), 0, { timeoutSeconds: 1 })).resolves.toMatchObject({ exitCode: null, status: 'TIMED_OUT', ok: false });
  });

  test.each([
    ['exit 3', 60, 'CommandFailed', 'exit code: 3'],
    ['exec sleep 1000', 1, 'CommandTimedOut', 'the command timed out'],
  ])('of %j is an error where it is checked', async (command, timeoutSeconds, name, message) => {
    await expect(call(command, 0, { checkExitCode: true, timeoutSeconds }))
      .rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  test('goes to the log of the function as well', async () => {
    await call('echo hello');
    expect(logged).toContainEqual(['output', { state: 'Test', stdout: 'hello' }]);
  });
});

describe('a command that goes on', () => {
  test('is looked after by the next tries, and started once', async () => {
    const command = patient();
    await expect(call(command, 0, {}, HURRIED)).rejects.toMatchObject({ name: 'CommandRunning' });
    await expect(call(command, 1, {}, HURRIED)).rejects.toMatchObject({ name: 'CommandRunning' });
    writeFileSync(inMachine('go'), '');
    expect(await call(command, 2)).toMatchObject({ exitCode: 0, stdoutTail: 'done\n' });
    expect(runs()).toBe('run\n');
  });

  test('is not started again where its machine is lost', async () => {
    const command = patient();
    await expect(call(command, 0, {}, HURRIED)).rejects.toMatchObject({ name: 'CommandRunning' });
    service.loseMachine();
    await expect(call(command, 1)).rejects.toMatchObject({ name: 'OutcomeUnknown', message: expect.stringContaining('is gone') });
    await expect(call(command, 2)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(() => runs()).toThrow('ENOENT');
    writeFileSync(inMachine('go'), '');
  });

  test('is given up some time after its time-out', async () => {
    begun = SYSTEM_CLOCK.now() - (60 + 301) * 1_000;
    await expect(call(patient(), 0, {}, HURRIED)).rejects.toMatchObject({ name: 'OutcomeUnknown', message: expect.stringContaining('has not ended 300 s after its time-out') });
    writeFileSync(inMachine('go'), '');
    expect(await call(patient(), 1)).toMatchObject({ exitCode: 0 });
  });

  test('is another run when its state is entered again', async () => {
    writeFileSync(inMachine('go'), '');
    const command = patient();
    await call(command);
    begun++;
    await call(command);
    expect(runs()).toBe('run\nrun\n');
  });
});

describe('a start', () => {
  test('whose answer is lost has happened', async () => {
    service.answers({ execute: 'answer lost' });
    writeFileSync(inMachine('go'), '');
    expect(await call(patient())).toMatchObject({ exitCode: 0 });
    expect(runs()).toBe('run\n');
  });

  test('after a try of which nobody knows whether it has started is none', async () => {
    await ledger.claim(await keyOf('echo x'));
    await expect(call('echo x', 1)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(service.seen.some(({ body }) => body.command.includes('mkdir'))).toBe(false);
  });

  test('that was refused may be made by the next try', async () => {
    service.fallback = { error: 'ValidationException', status: 400 };
    await expect(call('echo x')).rejects.toMatchObject({ name: 'CommandNotStarted' });
    service.fallback = { execute: 'whole' };
    expect(await call('echo x', 1)).toMatchObject({ exitCode: 0, stdoutTail: 'x\n' });
  });

  test.each<[string, Partial<RunCommandTask>, string]>([
    ['a time-out of more than an hour', { timeoutSeconds: 3_601 }, 'time-out of 3601 s'],
    ['an empty command', { command: '' }, 'command is empty'],
    ['a short session id', { sessionId: 'short' }, 'has 5 characters'],
  ])('with %s is refused before anything is sent', async (_, more, message) => {
    await expect(call('true', 0, more)).rejects.toMatchObject({ name: 'InvalidInput', message: expect.stringContaining(message) });
    expect(service.seen).toEqual([]);
  });
});

/** The key by which the start of a command is claimed. */
async function keyOf(command: string): Promise<string> {
  const claimed: string[] = [];
  const claim = async (key: string) => claimed.push(key) > 0;
  const spy = { claim, note: async () => {}, last: async () => undefined, recent: async () => [] };
  const kept = ledger;
  ledger = spy;
  await call(command);
  ledger = kept;
  service.loseMachine();
  service.seen.length = 0;
  return claimed[0];
}

describe('the whole output', () => {
  let server: Server;
  const stored: { readonly url: string; readonly body: string; readonly headers: NodeJS.Dict<string | string[]> }[] = [];
  let refusals: number;
  beforeEach(async () => {
    stored.length = 0;
    refusals = 0;
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (refusals-- > 0) return void response.writeHead(503).end('<Error><Code>SlowDown</Code><Message>less</Message></Error>');
      stored.push({ url: request.url!, body, headers: request.headers });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    delete process.env.AWS_ENDPOINT_URL_S3;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('goes to S3 where that is asked for, byte by byte', async () => {
    refusals = 1;
    const text = 'é'.repeat(60_000);
    const { output } = await call('head -c 120000 /dev/zero | sed "s/\\x00\\x00/é/g"', 0, { output: { bucket: 'a.bucket', prefix: 'commands/' } });
    expect(output!.stdout).toMatch(/^s3:\/\/a\.bucket\/commands\/[0-9a-f]{32}\/stdout\.txt$/);
    expect(stored.map(({ url }) => url.replace(/[0-9a-f]{32}/, 'RUN')).sort()).toEqual(['/a.bucket/commands/RUN/stderr.txt', '/a.bucket/commands/RUN/stdout.txt']);
    const { body, headers } = stored.find(({ url }) => url.endsWith('stdout.txt'))!;
    expect(body === text).toBe(true);
    expect(headers).toMatchObject({ 'content-length': '120000', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'authorization': expect.stringContaining('/s3/aws4_request') });
  });
});
