import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateAgentRuntimeCommand, GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { containerInput, errorOf, Harness } from './support/harness';

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

async function clock(body?: unknown): Promise<any> {
  const response = await fetch(`${harness.endpoint}/_local/clock`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, ...await response.json() as object };
}

test('moves on when it is told to, and sessions are looked at before and after', async () => {
  expect(await clock()).toEqual({ status: 200, now: '2026-01-01T00:00:00.000Z', advancedSeconds: 0 });
  expect(await clock({ advanceSeconds: 60 })).toEqual({ status: 200, now: '2026-01-01T00:01:00.000Z', advancedSeconds: 60 });
  expect(harness.sessions.reviews).toBe(2);
  await harness.clock.sleep(1_000);
  expect((await clock()).now).toBe('2026-01-01T00:01:01.000Z');
});

test('is one for all: transitions end, and what is made has its time', async () => {
  await harness.end();
  harness = await Harness.start({ transitionDelayMs: 30_000 });
  const { agentRuntimeId } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('agent')));
  const status = async () => (await harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }))).status;
  expect(await status()).toBe('CREATING');
  await clock({ advanceSeconds: 30 });
  expect(await status()).toBe('READY');
  const later = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('later')));
  expect(later.createdAt).toEqual(new Date('2026-01-01T00:00:30Z'));
});

test('keeps its time over a restart', async () => {
  await Promise.all([1, 2, 3].map(async () => clock({ advanceSeconds: 20 })));
  await harness.restart();
  expect(await clock()).toMatchObject({ now: '2026-01-01T00:01:00.000Z', advancedSeconds: 60 });
});

test.each([
  [{ advanceSeconds: 0 }, /advanceSeconds of 0 is not a whole number from 1 to .*only goes forward/],
  [{ advanceSeconds: -5 }, /only goes forward/],
  [{ advanceSeconds: 1.5 }, /whole number/],
  [{ advanceSeconds: '60' }, /advanceSeconds of "60"/],
  [{}, /advanceSeconds of nothing/],
  [[], /advanceSeconds of nothing/],
  [{ advanceSeconds: 1, now: 5 }, /now is not known here/],
])('refuses %j', async (body, message) => {
  expect(await clock(body)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  expect((await clock()).advancedSeconds).toBe(0);
  expect(harness.sessions.reviews).toBe(0);
});

test('does not leave the years that time stamps have', async () => {
  await harness.stopServer();
  await writeFile(join(harness.stateDir, 'clock.json'), JSON.stringify({ advancedSeconds: 251_000_000_000 }));
  await harness.startServer();
  const step = { advanceSeconds: 300_000_000 };
  expect((await clock(step)).status).toBe(200);
  for (let steps = 0; steps < 2; steps++) await clock(step);
  expect(await clock(step)).toMatchObject({ status: 400, message: expect.stringContaining('beyond the year 9999') });
});

test('a damaged file is told of, not ignored', async () => {
  await harness.stopServer();
  await writeFile(join(harness.stateDir, 'clock.json'), '{"advancedSeconds":');
  expect((await errorOf(harness.startServer())).message).toMatch(/clock file .*clock\.json is damaged; remove it/);
  // the state directory is free again
  expect(existsSync(join(harness.stateDir, 'server.lock'))).toBe(false);
});
