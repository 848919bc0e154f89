import { COMMAND_PROPERTIES, CommandTrial } from '../util/command-trial';
import { start, stderr, stop } from '../util/scripted-service';

// What a command runs before it goes.

const OnDelete = { Command: 'flush', Timeout: '30' };
const ELSEWHERE = COMMAND_PROPERTIES.AgentRuntimeArn.replace('coder', 'other');

let trial: CommandTrial;

beforeEach(async () => {
  trial = await new CommandTrial().open();
  trial.service.fallback = [start, stop(0)];
});
afterEach(() => trial.service.close());

/** Which runtimes were asked to run the command on deletion. */
const flushed = () => trial.service.seen.filter(({ body }) => body?.command?.includes('flush')).map(({ path }) => /runtime%2F([^/]+)\//.exec(path)![1]);

test('it runs as it was last deployed, in a session of its own that it stops', async () => {
  await trial.create({ OnDelete: { Command: 'first', Timeout: '30' } });
  await trial.update({ OnDelete, WorkingDirectory: '/mnt/workspace', Environment: { CI: 'true' } });
  await trial.remove();
  expect(trial.ran.at(-1)).toBe('cd /mnt/workspace || exit 1; export CI=true; flush');
  expect(trial.service.seen.at(-2)!.body.timeout).toBe(30);
  expect(new Set(trial.stopped).size).toBe(3);
  expect(trial.warnings).toEqual([]);
});

test('it runs in the session that the command names, and leaves it alone', async () => {
  const SessionId = 'workspace-of-the-nightly-build-0001';
  await trial.create({ OnDelete, SessionId });
  await trial.remove();
  expect(trial.service.seen.map(({ sessionId }) => sessionId)).toEqual([SessionId, SessionId]);
});

test('words are run as words', async () => {
  await trial.create({ OnDelete: { Arguments: ['tar', 'a b'], Timeout: '30' } });
  await trial.remove();
  expect(trial.ran.at(-1)).toContain('base64');
});

test('a failure does not keep the resource, and is told of', async () => {
  await trial.create({ OnDelete });
  trial.service.answers([start, stderr('disk full'), stop(7)]);
  await expect(trial.remove()).resolves.toBeUndefined();
  expect(trial.warnings).toEqual([expect.stringMatching(/exit code 7 .*it ended with: disk full/)]);
});

test.each<[string, () => void]>([
  ['a lost result', () => trial.service.answers([start])],
  ['a runtime that is gone', () => trial.service.answers({ error: 'ResourceNotFoundException', status: 404 })],
  ['a ledger that cannot be reached', () => jest.spyOn(trial.ledger, 'claim').mockRejectedValue(new Error('no log group'))],
])('nor does %s', async (_what, happens) => {
  await trial.create({ OnDelete });
  happens();
  await expect(trial.remove()).resolves.toBeUndefined();
  expect(trial.warnings).toHaveLength(1);
});

test('a failure keeps it if asked, and the next attempt runs it again', async () => {
  await trial.create({ OnDelete: { ...OnDelete, OnFailure: 'FAIL' } });
  trial.service.answers([start, stop(7)]);
  await expect(trial.remove()).rejects.toThrow(/exit code 7/);
  await trial.remove();
  expect(flushed()).toHaveLength(2);
});

test('a request that is delivered again starts nothing', async () => {
  await trial.create({ OnDelete: { ...OnDelete, OnFailure: 'FAIL' } });
  trial.service.answers([start, stop(7)]);
  const same = { requestId: 'delete-1' };
  const reasons = await Promise.all([trial.remove(same), trial.remove(same)].map((removal) => removal.catch((error: Error) => error.message)));
  expect(reasons).toEqual([expect.stringMatching(/exit code 7/), reasons[0]]);
  expect(flushed()).toHaveLength(1);
});

test('nothing runs for a resource that was never created', async () => {
  trial.service.answers([start, stop(1)]);
  const properties = { ...COMMAND_PROPERTIES, OnDelete };
  const request = trial.request(properties);
  await expect(trial.lifecycle.create(request)).rejects.toThrow(/exit code 1/);
  await trial.remove({ properties, physicalId: trial.lifecycle.fallbackId(request) });
  // the id that CloudFormation invents for a Create that it has not waited for
  await trial.remove({ properties, physicalId: 'Demo-Check-1ABCDEFGHIJKL' });
  expect(flushed()).toEqual([]);
});

test('nothing runs where nothing is to run', async () => {
  await trial.create({});
  await trial.remove();
  expect(trial.ran).toEqual(['npm test']);
});

test('a runtime that is replaced runs it before it goes, the new one when the resource goes', async () => {
  const { physicalId: old } = await trial.create({ OnDelete });
  const before = trial.properties;
  const { physicalId } = await trial.update({ AgentRuntimeArn: ELSEWHERE });
  expect(physicalId).not.toBe(old);
  await trial.remove({ properties: before, physicalId: old });
  expect(flushed()).toEqual(['coder-0123456789']);
  await trial.remove();
  expect(flushed()).toEqual(['coder-0123456789', 'other-0123456789']);
});

test('a replacement that is taken back comes back to its id', async () => {
  const { physicalId: old } = await trial.create({ OnDelete });
  await trial.update({ AgentRuntimeArn: ELSEWHERE });
  expect(await trial.update({ AgentRuntimeArn: COMMAND_PROPERTIES.AgentRuntimeArn })).toMatchObject({ physicalId: old });
});

test('without it another runtime replaces nothing, as ever', async () => {
  const { physicalId } = await trial.create({});
  expect(await trial.update({ AgentRuntimeArn: ELSEWHERE })).toMatchObject({ physicalId });
});

test('what could not be run is refused before it is deployed', async () => {
  await expect(trial.create({ OnDelete: { Command: 'echo \'\0\'' } })).rejects.toThrow(/^on delete: command holds a null character/);
  await expect(trial.create({ OnDelete: { Command: 'x', Timeout: '3601' } })).rejects.toThrow(/^on delete: time-out of 3601 s/);
  expect(trial.service.seen).toEqual([]);
});

test('what takes longer than one call of the provider is handed over, and told of in the end', async () => {
  await trial.create({ OnDelete: { Command: 'echo begun; exit 3', Timeout: '1200', OnFailure: 'FAIL' } });
  trial.service.fallback = { execute: 'whole' };
  const same = { requestId: 'delete-1' };
  expect(await trial.remove({ ...same, deadline: trial.clock.now() })).toEqual({ answeredElsewhere: true });
  expect(trial.stopped).toHaveLength(1);
  await expect(trial.remove({ ...same, continuation: trial.continuations[0] })).rejects.toThrow(/exit code 3/);
  expect(trial.stopped).toHaveLength(2);
});
