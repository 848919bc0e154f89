import { InvokeAgentRuntimeCommandCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { containerInput, errorOf, Harness } from './support/harness';

/** The SDK wraps errors of another realm, which Node's are in here: of their code the message is left. */
const LOST = /ECONNRESET|socket hang up/;

const OPERATION = 'InvokeAgentRuntimeCommand';
const CODEC = new EventStreamCodec((bytes) => Buffer.from(bytes as Uint8Array).toString(), (text) => Buffer.from(text));

let harness: Harness;
let agentRuntimeArn: string;
/** What became of the command that was run last. */
let fate: Promise<'completed' | 'ended'>;

beforeEach(async () => {
  harness = await Harness.start();
  ({ agentRuntimeArn } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('coder'))) as { agentRuntimeArn: string });
});
afterEach(async () => harness.end());

/** Lets commands write three pieces, and then wait until the connection has been closed if they are told to. */
function useCommand(waits: boolean): void {
  let tell!: (what: 'completed' | 'ended') => void;
  fate = new Promise((resolve) => { tell = resolve; });
  harness.sessions.onRun = async (sink, signal) => {
    sink.onStart();
    for (const text of ['one', 'two', 'three']) await sink.onStdout(Buffer.from(text));
    if (waits) await closed;
    tell(signal!.aborted ? 'ended' : 'completed');
    return { exitCode: 0, status: 'COMPLETED' };
  };
}

let closed: Promise<void>;

const plan = async (fault: object) => harness.setFaults({ operation: OPERATION, ...fault });

/** Runs a command with the SDK: the events that came, and the error that ended them if there was one. */
async function run(): Promise<{ events: string[]; error?: any }> {
  const events: string[] = [];
  let done!: () => void;
  closed = new Promise((resolve) => { done = resolve; });
  try {
    const { stream } = await harness.data().send(new InvokeAgentRuntimeCommandCommand({ agentRuntimeArn, body: { command: 'x' } }));
    for await (const { chunk } of stream!) {
      if (chunk?.contentDelta) events.push(chunk.contentDelta.stdout!);
      else events.push(chunk?.contentStop ? `${chunk.contentStop.status} ${chunk.contentStop.exitCode}` : 'start');
    }
    return { events };
  } catch (error) {
    return { events, error };
  } finally {
    done();
  }
}

/** The bytes of a stream, up to where it ends or breaks. */
async function bytesOf(): Promise<{ bytes: Buffer; broke: boolean }> {
  const response = await fetch(`${harness.endpoint}/runtimes/${encodeURIComponent(agentRuntimeArn)}/commands`, { method: 'POST', body: '{"command":"x"}' });
  const chunks: Uint8Array[] = [];
  const broke = await (async () => {
    for await (const chunk of response.body as any) chunks.push(chunk);
    return false;
  })().catch(() => true);
  return { bytes: Buffer.concat(chunks), broke };
}

const ALL = ['start', 'one', 'two', 'three'];

describe.each([
  ['right after contentStart', 0, ALL.slice(0, 1)],
  ['after two deltas', 2, ALL.slice(0, 3)],
  ['in place of contentStop', undefined, ALL],
  ['in place of contentStop where there are fewer deltas', 9, ALL],
])('%s', (_, afterDeltas, seen) => {
  beforeEach(() => useCommand(afterDeltas !== undefined && afterDeltas < 3));

  test('cutStream closes the connection', async () => {
    await plan({ kind: 'cutStream', afterDeltas });
    const { events, error } = await run();
    expect({ events, code: error.code }).toEqual({ events: seen, code: 'ECONNRESET' });
    expect(await fate).toBe('completed');
  });

  test('endStream ends without contentStop', async () => {
    await plan({ kind: 'endStream', afterDeltas });
    expect(await run()).toEqual({ events: seen });
    expect(await fate).toBe('completed');
  });

  test('streamException ends with an error of the model', async () => {
    await plan({ kind: 'streamException', error: 'RuntimeClientError', message: 'told to', afterDeltas });
    const { events, error } = await run();
    expect({ events, name: error.name, message: error.message }).toEqual({ events: seen, name: 'RuntimeClientError', message: 'told to' });
  });

  test('halfFrame breaks off within a frame', async () => {
    await plan({ kind: 'halfFrame', afterDeltas });
    const { bytes, broke } = await bytesOf();
    expect(broke).toBe(true);
    let at = 0;
    for (let i = 0; i < seen.length; i++) at += bytes.readUInt32BE(at);
    const rest = bytes.subarray(at);
    expect(rest.length).toBeGreaterThan(12);
    expect(rest.length).toBe(Math.floor(rest.readUInt32BE(0) / 2));
  });

  test('halfFrame is an error for the SDK', async () => {
    await plan({ kind: 'halfFrame', afterDeltas });
    const { events, error } = await run();
    expect(events).toEqual(seen);
    expect(error.code).toBe('ECONNRESET');
  });

  test('damagedFrame has a good end in it, and a wrong checksum', async () => {
    await plan({ kind: 'damagedFrame', afterDeltas });
    const { bytes, broke } = await bytesOf();
    expect(broke).toBe(false);
    let at = 0;
    for (let i = 0; i < seen.length; i++) at += bytes.readUInt32BE(at);
    const frame = Uint8Array.from(bytes.subarray(at));
    expect(() => CODEC.decode(frame)).toThrow(/checksum/);
    frame[frame.length - 1] = 255 - frame[frame.length - 1];
    expect(JSON.parse(Buffer.from(CODEC.decode(frame).body).toString())).toEqual({ contentStop: { exitCode: 0, status: 'COMPLETED' } });
  });

  test('damagedFrame is an error for the SDK', async () => {
    await plan({ kind: 'damagedFrame', afterDeltas });
    expect((await run()).error.message).toMatch(/checksum/);
  });

  test('timedOut says so', async () => {
    await plan({ kind: 'timedOut', afterDeltas });
    expect(await run()).toEqual({ events: [...seen, 'TIMED_OUT -1'] });
  });
});

test.each([
  ['cutStream', {}],
  ['endStream', {}],
  ['streamException', { error: 'ThrottlingException' }],
  ['halfFrame', {}],
  ['damagedFrame', {}],
])('%s lets the command go on, or ends it', async (kind, more) => {
  const ended = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  for (const command of ['continues', 'ends'] as const) {
    let tell!: (aborted: boolean) => void;
    const aborted = new Promise<boolean>((resolve) => { tell = resolve; });
    harness.sessions.onRun = async (sink, signal) => {
      sink.onStart();
      await (command === 'ends' ? ended(signal!) : closed);
      // the writer does not hear that nobody reads any more
      await sink.onStdout(Buffer.alloc(1024 * 1024, 'x'));
      tell(signal!.aborted);
      return { exitCode: 0, status: 'COMPLETED' };
    };
    await plan({ kind, ...more, afterDeltas: 0, command });
    await run();
    expect(await aborted).toBe(command === 'ends');
  }
});

test('timedOut ends the command', async () => {
  let tell!: () => void;
  const aborted = new Promise<void>((resolve) => { tell = resolve; });
  harness.sessions.onRun = async (sink, signal) => {
    sink.onStart();
    signal!.addEventListener('abort', () => tell());
    await aborted;
    throw new Error('ended');
  };
  await plan({ kind: 'timedOut', afterDeltas: 0 });
  expect(await run()).toEqual({ events: ['start', 'TIMED_OUT -1'] });
  await aborted;
});

test('a command that fails on its own tells of that', async () => {
  await plan({ kind: 'cutStream' });
  harness.sessions.onRun = undefined;
  const { stream } = await harness.data().send(new InvokeAgentRuntimeCommandCommand({ agentRuntimeArn, body: { command: 'fail' } }));
  const error = await errorOf((async () => { for await (const event of stream!) expect(event.chunk).toEqual({ contentStart: {} }); })());
  expect(error).toMatchObject({ name: 'ThrottlingException', message: 'told to fail' });
});

test('loseAnswer runs a command to its end, and resets before the first byte', async () => {
  useCommand(false);
  await plan({ kind: 'loseAnswer' });
  const { events, error } = await run();
  expect({ events, message: error.message }).toEqual({ events: [], message: expect.stringMatching(LOST) });
  expect(await fate).toBe('completed');
});

test('loseRequest and error run nothing', async () => {
  await plan({ kind: 'loseRequest' });
  expect((await run()).error.message).toMatch(LOST);
  await plan({ kind: 'error', error: 'RetryableConflictException' });
  expect((await run()).error).toMatchObject({ name: 'RetryableConflictException', $metadata: { httpStatusCode: 409 } });
  expect(harness.sessions.commands).toEqual([]);
});
