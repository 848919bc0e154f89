import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { SYSTEM_CLOCK } from '../../src/client/clock';
import { CommandLifecycle } from '../../src/provider/command-lifecycle';
import { MemoryLedger } from '../../src/provider/ledger';
import { LifecycleRequest } from '../../src/provider/lifecycle';
import { COMMAND_PROPERTIES, CommandTrial } from '../util/command-trial';
import { start, stdout, stop } from '../util/scripted-service';

// What becomes of a command, and of its session, whose request comes again because a call of the provider has ended early.

const LONG = { ...COMMAND_PROPERTIES, Timeout: '1200', Command: 'echo begun; while [ -d "$TMPDIR" ] && [ ! -e "$TMPDIR/go" ]; do sleep 0.05; done; echo done' };
const SHORT = { ...LONG, Timeout: '60' };

let trial: CommandTrial;

beforeEach(async () => {
  trial = await new CommandTrial().open();
  trial.service.fallback = { execute: 'whole' };
});
afterEach(() => trial.service.close());

/** A call that ends in the middle of its work: nothing of what it did afterwards is noted. */
async function dieInTheMiddle(request: LifecycleRequest, notice: string): Promise<void> {
  const { ledger, clock, service } = trial;
  const dead = new AbortController();
  let reached!: () => void;
  const isReached = new Promise<void>((resolve) => { reached = resolve; });
  const isDead = new Promise<never>((_, reject) => dead.signal.addEventListener('abort', () => reject(new Error('dead'))));
  isDead.catch(() => {});
  const alive = async <T>(call: () => Promise<T>): Promise<T> => (dead.signal.aborted ? new Promise<T>(() => {}) : call());
  const { config } = service.client;
  const send = async (...args: any[]) => alive(async () => (service.client.send as any)(...args));
  const client = { config, send } as unknown as BedrockAgentCoreClient;
  const lifecycle = new CommandLifecycle(client, {
    clock,
    ledger: {
      claim: async (key) => alive(async () => ledger.claim(key)),
      note: async (key, text) => alive(async () => ledger.note(key, text)),
      last: async (key) => alive(async () => ledger.last(key)),
      recent: async (key, limit) => alive(async () => ledger.recent(key, limit)),
    },
    logUrl: 'https://logs',
    log: (line) => { if (line === notice) reached(); },
    callAgain: async () => isDead,
  });
  lifecycle.create({ ...request, signal: dead.signal }).catch(() => {});
  await isReached;
  dead.abort();
}

test('a command whose call has died is not run again, and its session is stopped', async () => {
  const request = trial.request(SHORT);
  await dieInTheMiddle(request, 'output');
  expect(trial.stopped).toEqual([]);
  const again = await trial.lifecycle.create(request).catch((error: Error) => error.message);
  expect(again).toMatch(/outcome of the command in session Check-\S+ is unknown: this request was delivered twice/);
  expect(trial.stopped).toEqual([/in session (\S+) is/.exec(again as string)![1]]);
  expect(trial.ran).toHaveLength(1);
});

test('where a failure is only told of, so is that', async () => {
  const request = trial.request({ ...SHORT, OnFailure: 'WARN' });
  await dieInTheMiddle(request, 'output');
  expect(await trial.lifecycle.create(request)).toMatchObject({ attributes: { Status: 'UNKNOWN' } });
  expect(trial.warnings).toEqual([expect.stringMatching(/delivered twice/)]);
});

test('a session of somebody else is left as it is', async () => {
  const request = trial.request({ ...SHORT, SessionId: 'workspace-of-the-nightly-build-0001' });
  await dieInTheMiddle(request, 'output');
  await expect(trial.lifecycle.create(request)).rejects.toThrow(/delivered twice/);
  expect(trial.stopped).toEqual([]);
});

test('a long command whose first call has died is gone on with', async () => {
  const request = trial.request(LONG);
  await dieInTheMiddle(request, 'output');
  writeFileSync(join(trial.service.machine, 'go'), '');
  expect(await trial.lifecycle.create({ ...request, deadline: 10_000_000 })).toMatchObject({ attributes: { ExitCode: '0', Stdout: 'begun\ndone\n' } });
  expect(trial.stopped).toHaveLength(1);
});

test('a long command whose first call and machine have died is not started again', async () => {
  const request = trial.request(LONG);
  await dieInTheMiddle(request, 'output');
  trial.service.loseMachine();
  await expect(trial.lifecycle.create({ ...request, deadline: 10_000_000 })).rejects.toThrow(/machine of its session is gone/);
  expect(trial.stopped).toHaveLength(1);
});

test('a continuation that comes again after the session was stopped answers the same, and the next update runs its command', async () => {
  const request = { ...trial.request({ ...LONG, Command: 'echo one' }), deadline: trial.clock.now() };
  expect(await trial.lifecycle.create(request)).toEqual({ answeredElsewhere: true });
  const goOn = { ...request, deadline: 10_000_000, continuation: trial.continuations[0] };
  const first = await trial.lifecycle.create(goOn);
  trial.service.loseMachine();
  expect(await trial.lifecycle.create(goOn)).toEqual(first);
  trial.properties = request.properties;
  trial.physicalId = (first as { physicalId: string }).physicalId;
  trial.service.answers([start, stdout('two'), stop(0)]);
  expect(await trial.update({ Command: 'echo two', Timeout: '60' })).toMatchObject({ attributes: { Stdout: 'two' } });
});

test('a long command is followed although the answer to its start is lost', async () => {
  const lost = { ...LONG, Command: 'echo one' };
  trial.service.answers({ execute: 'answer lost' });
  expect(await trial.lifecycle.create({ ...trial.request(lost), deadline: 10_000_000 })).toMatchObject({ attributes: { Stdout: 'one\n' } });
});

test('a long command whose start was lost is unknown', async () => {
  trial.service.answers('hang up');
  await expect(trial.lifecycle.create({ ...trial.request(LONG), deadline: 10_000_000 })).rejects.toThrow(/is unknown: the machine of its session is gone/);
  expect(trial.stopped).toHaveLength(1);
});

test('a long command ends with its session where the provider cannot call itself', async () => {
  const { service, ledger } = trial;
  const lifecycle = new CommandLifecycle(service.client, {
    clock: SYSTEM_CLOCK, ledger, logUrl: 'https://logs', log: () => {}, callAgain: async () => Promise.reject(new Error('no permission')),
  });
  await expect(lifecycle.create({ ...trial.request(LONG), deadline: Date.now() + 500 })).rejects.toThrow(/is unknown: the provider could not call itself.*no permission/);
  expect(trial.stopped).toHaveLength(1);
});

test('a long command is ended, and what it has left removed, also in a session that stays', async () => {
  const { service, ledger } = trial;
  const lifecycle = new CommandLifecycle(service.client, {
    clock: SYSTEM_CLOCK, ledger, logUrl: 'https://logs', log: () => {}, callAgain: async () => Promise.reject(new Error('no permission')),
  });
  const request = trial.request({ ...LONG, SessionId: 'workspace-of-the-nightly-build-0001' });
  await expect(lifecycle.create({ ...request, deadline: Date.now() + 500 })).rejects.toThrow(/no permission/);
  expect(trial.stopped).toEqual([]);
  expect(readdirSync(service.machine)).toEqual([]);
});

test('a long command goes on although nobody can see yet that its request has come', async () => {
  await trial.create({ Command: 'echo before', Timeout: '60' });
  const note = jest.spyOn(trial.ledger, 'note');
  note.mockImplementation(async (key, text) => (key.startsWith('attempted') ? undefined : MemoryLedger.prototype.note.call(trial.ledger, key, text)));
  const update = { ...trial.request(LONG), oldProperties: trial.properties, physicalId: trial.physicalId!, deadline: trial.clock.now() };
  expect(await trial.lifecycle.update(update)).toEqual({ answeredElsewhere: true });
  expect(trial.continuations).toHaveLength(1);
});

test('a long command that CloudFormation has cancelled is ended as soon as that is seen', async () => {
  const request = trial.request(LONG);
  const deletion = { ...trial.request(LONG), physicalId: 'Demo-Check-1ABCDEFGHIJKL' };
  const cancelled = trial.lifecycle.create({ ...request, deadline: trial.clock.now() });
  await trial.lifecycle.remove(deletion);
  await expect(cancelled).rejects.toThrow(/gone on without this request/);
  expect(trial.continuations).toEqual([]);
  expect(trial.stopped).toHaveLength(1);
});
