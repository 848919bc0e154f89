import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryLedger } from '../../src/provider/ledger';
import { COMMAND_PROPERTIES, CommandTrial } from '../util/command-trial';
import { start, stdout, stop } from '../util/scripted-service';

// What a deployment runs again, what counts as a failure, and in which session.

let trial: CommandTrial;

beforeEach(async () => {
  trial = await new CommandTrial().open();
  trial.service.fallback = [start, stdout('ran'), stop(0)];
});
afterEach(() => trial.service.close());

/** Whether a change of these properties runs a command of that policy again. */
async function runsFor(RunPolicy: string | undefined, changes: object): Promise<boolean> {
  await trial.create({ ...(RunPolicy ? { RunPolicy } : {}), Triggers: { commit: 'a' } });
  await trial.update({ ...changes });
  return trial.ran.length > 1;
}

describe('an update', () => {
  const version = { AgentRuntimeVersion: '2' };
  const runtime = { AgentRuntimeArn: COMMAND_PROPERTIES.AgentRuntimeArn.replace('coder', 'other') };
  const trigger = { Triggers: { commit: 'b' } };

  it.each<[string | undefined, string, object, boolean]>([
    [undefined, 'the text', { Command: 'npm run lint' }, true],
    [undefined, 'a variable', { Environment: { CI: 'true' } }, true],
    [undefined, 'the directory', { WorkingDirectory: '/mnt/workspace' }, true],
    [undefined, 'the time-out', { Timeout: '61' }, true],
    [undefined, 'the endpoint', { Qualifier: 'canary' }, true],
    [undefined, 'the expected exit codes', { ExpectedExitCodes: ['0', '3'] }, true],
    [undefined, 'what a failure means', { OnFailure: 'WARN' }, true],
    [undefined, 'the session', { SessionId: 'x'.repeat(33) }, true],
    [undefined, 'the version', version, true],
    [undefined, 'the runtime', runtime, true],
    [undefined, 'a trigger', trigger, true],
    [undefined, 'what runs on deletion', { OnDelete: { Command: 'true' } }, false],
    [undefined, 'the function behind it', { ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:other', ServiceTimeout: '3600' }, false],
    ['ON_RUNTIME_VERSION', 'the version', version, true],
    ['ON_RUNTIME_VERSION', 'the runtime', runtime, true],
    ['ON_RUNTIME_VERSION', 'a trigger', trigger, true],
    ['ON_RUNTIME_VERSION', 'the text', { Command: 'npm run lint' }, false],
    ['ON_RUNTIME_VERSION', 'the endpoint', { Qualifier: 'canary' }, false],
    ['ONCE', 'the version', version, false],
    ['ONCE', 'the runtime', runtime, false],
    ['ONCE', 'the text', { Command: 'npm run lint' }, false],
    ['EVERY_DEPLOYMENT', 'the nonce', { Nonce: 'b' }, true],
    ['EVERY_DEPLOYMENT', 'the text', { Command: 'npm run lint' }, true],
  ])('with policy %s that changes %s runs it again: %o %s', async (policy, _what, changes, runs) => {
    expect(await runsFor(policy, changes)).toBe(runs);
  });

  it('that runs nothing answers with the result of the last run', async () => {
    const { physicalId, attributes } = await trial.create({ RunPolicy: 'ONCE' });
    expect(await trial.update({ Command: 'npm run lint' })).toEqual({ physicalId, attributes });
  });

  it('that runs nothing says so where the last result is not kept any more', async () => {
    await trial.create({ RunPolicy: 'ONCE' });
    jest.spyOn(trial.ledger, 'last').mockResolvedValue(undefined);
    const { attributes } = await trial.update({ Command: 'npm run lint' });
    expect(attributes).toEqual({
      ExitCode: '', Status: 'NOT_RUN', Stdout: '', Stderr: '', Truncated: 'false', DurationMillis: '', SessionId: '', LogUrl: 'https://logs',
    });
    expect(trial.ran).toHaveLength(1);
  });

  it('on change runs it rather than to tell nothing', async () => {
    await trial.create({});
    jest.spyOn(trial.ledger, 'last').mockResolvedValue(undefined);
    expect(await trial.update({ OnDelete: { Command: 'true' } })).toMatchObject({ attributes: { Stdout: 'ran' } });
    expect(trial.ran).toHaveLength(2);
  });

  it('that runs nothing is refused for properties that cannot be used', async () => {
    await trial.create({ RunPolicy: 'ONCE' });
    await expect(trial.update({ OnDelete: { Command: '' } })).rejects.toThrow(/on delete: one of Command and Arguments is required/);
  });
});

describe('the way back', () => {
  it('from a failure runs nothing', async () => {
    await trial.create({});
    trial.service.answers([start, stop(5)]);
    await expect(trial.update({ Command: 'exit 5' })).rejects.toThrow(/exit code 5/);
    expect(await trial.takeBack({ Command: 'exit 5' })).toMatchObject({ physicalId: trial.physicalId, attributes: { Stdout: 'ran' } });
    expect(trial.ran).toHaveLength(2);
  });

  it.each<[string, Record<string, unknown>, () => void]>([
    ['a refusal', { Timeout: '3601' }, () => {}],
    ['a claim that was lost', { Command: 'other' }, () => jest.spyOn(trial.ledger, 'claim').mockRejectedValueOnce(new Error('connection lost'))],
    ['a lost result', { Command: 'other' }, () => trial.service.answers([start])],
  ])('from %s runs nothing', async (_what, changes, happens) => {
    await trial.create({});
    const { length } = trial.ran;
    happens();
    await expect(trial.update(changes)).rejects.toThrow();
    const tried = trial.ran.length - length;
    expect(await trial.takeBack(changes)).toMatchObject({ physicalId: trial.physicalId, attributes: { Stdout: 'ran' } });
    expect(trial.ran).toHaveLength(length + tried);
  });

  it('runs nothing either where the last success is not kept any more', async () => {
    await trial.create({});
    trial.service.answers([start, stop(5)]);
    await expect(trial.update({ Command: 'exit 5' })).rejects.toThrow(/exit code 5/);
    jest.spyOn(trial.ledger, 'last').mockResolvedValue(undefined);
    expect(await trial.takeBack({ Command: 'exit 5' })).toMatchObject({ physicalId: trial.physicalId, attributes: { Status: 'NOT_RUN', Stdout: '' } });
    expect(trial.ran).toHaveLength(2);
  });

  it('from an update that was cancelled runs nothing, and what that one still comes to does not count', async () => {
    await trial.create({});
    const before = trial.properties;
    const Command = 'echo too late; while [ -d "$TMPDIR" ] && [ ! -e "$TMPDIR/go" ]; do sleep 0.05; done';
    trial.service.answers({ execute: 'whole' });
    trial.logged.length = 0;
    const cancelled = trial.update({ Command });
    await trial.reached('output');
    trial.properties = before;
    expect(await trial.takeBack({ Command })).toMatchObject({ attributes: { Stdout: 'ran' } });
    writeFileSync(join(trial.service.machine, 'go'), '');
    expect(await cancelled).toMatchObject({ attributes: { Stdout: 'too late\n' } });
    trial.properties = before;
    // nothing is run, and so the last result counts
    expect(await trial.update({ OnDelete: { Command: 'true' } })).toMatchObject({ attributes: { Stdout: 'ran' } });
    expect(trial.ran).toHaveLength(2);
  });

  it('is decided once, for all deliveries of its request', async () => {
    await trial.create({});
    trial.service.answers([start, stop(5)]);
    await expect(trial.update({ Command: 'flaky' })).rejects.toThrow(/exit code 5/);
    const back = { ...trial.request(trial.properties), oldProperties: { ...trial.properties, Command: 'flaky' }, physicalId: trial.physicalId! };
    const first = await trial.lifecycle.update(back);
    await trial.update({ Command: 'next' });
    expect(await trial.lifecycle.update(back)).toMatchObject({ physicalId: (first as { physicalId: string }).physicalId });
    expect(trial.ran).toEqual(['npm test', 'flaky', 'next']);
  });

  it('is not seen in the update that follows a success whose note is lost', async () => {
    const note = jest.spyOn(trial.ledger, 'note');
    note.mockImplementation(async (key, text) => (key.startsWith('succeeded') ? Promise.reject(new Error('throttled')) : MemoryLedger.prototype.note.call(trial.ledger, key, text)));
    await trial.create({});
    await trial.update({ Command: 'next' });
    expect(trial.ran).toEqual(['npm test', 'next']);
  });

  it('is not taken for granted where what had failed has succeeded since', async () => {
    await trial.create({});
    trial.service.answers([start, stop(5)]);
    await expect(trial.update({ Command: 'flaky' })).rejects.toThrow(/exit code 5/);
    await trial.takeBack({ Command: 'flaky' });
    await trial.update({ Command: 'flaky' });
    await trial.update({ Command: 'next' });
    expect(trial.ran).toEqual(['npm test', 'flaky', 'flaky', 'next']);
  });
});

describe('exit codes', () => {
  it('that are expected are success', async () => {
    trial.service.answers([start, stop(3)]);
    expect(await trial.create({ ExpectedExitCodes: ['0', '3'] })).toMatchObject({ attributes: { ExitCode: '3', Status: 'COMPLETED' } });
  });

  it('come with the time-out that counted', async () => {
    trial.service.answers([start, stop(-1, 'TIMED_OUT')]);
    await expect(trial.lifecycle.create({ ...trial.request(COMMAND_PROPERTIES), deadline: trial.clock.now() + 30_000 })).rejects.toThrow(/timed out after 30 s/);
  });

  it('that are not expected are a failure, also 0', async () => {
    await expect(trial.create({ ExpectedExitCodes: ['3', '4'] })).rejects.toThrow(/failed with exit code 0 \(status COMPLETED, session \S+, expected was 3 or 4\); it ended with: ran/);
  });

  it('do not make up for a time-out', async () => {
    trial.service.answers([start, stop(3, 'TIMED_OUT')]);
    await expect(trial.create({ ExpectedExitCodes: ['3'] })).rejects.toThrow(/timed out/);
  });

  it.each([['256'], ['-1'], ['1.5'], ['x']])('such as %s are refused', async (code) => {
    await expect(trial.create({ ExpectedExitCodes: [code] })).rejects.toThrow(/is not a whole number from 0 to 255/);
    expect(trial.service.seen).toEqual([]);
  });
});

describe('a failure that is only told of', () => {
  const WARN = { OnFailure: 'WARN' };

  it('by its exit code', async () => {
    trial.service.answers([start, stdout('half'), stop(3)]);
    expect(await trial.create(WARN)).toMatchObject({ attributes: { ExitCode: '3', Status: 'COMPLETED', Stdout: 'half' } });
    expect(trial.warnings).toEqual([expect.stringMatching(/failed with exit code 3/)]);
  });

  it('by its time-out', async () => {
    trial.service.answers([start, stop(-1, 'TIMED_OUT')]);
    expect(await trial.create(WARN)).toMatchObject({ attributes: { ExitCode: '-1', Status: 'TIMED_OUT' } });
  });

  it('by its lost result', async () => {
    trial.service.answers([start, stdout('half')]);
    expect(await trial.create(WARN)).toMatchObject({ attributes: { ExitCode: '', Status: 'UNKNOWN', Stdout: 'half', SessionId: expect.stringMatching(/^Check-/) } });
    expect(trial.warnings).toEqual([expect.stringMatching(/outcome .* is unknown/)]);
  });

  it('by the refusal to start it', async () => {
    trial.service.answers({ error: 'ServiceQuotaExceededException', status: 402 });
    expect(await trial.create(WARN)).toMatchObject({ attributes: { ExitCode: '', Status: 'NOT_STARTED' } });
    expect(trial.warnings).toEqual([expect.stringMatching(/did not start.*ServiceQuotaExceeded/)]);
  });

  it('by the end of the time for an answer', async () => {
    trial.service.fallback = { execute: 'whole' };
    const timeIsUp = new AbortController();
    const request = { ...trial.request({ ...COMMAND_PROPERTIES, ...WARN, Command: 'echo begun; exec sleep 5' }), signal: timeIsUp.signal };
    const ended = trial.lifecycle.create(request);
    await trial.reached('output');
    timeIsUp.abort(new Error('gave up'));
    expect(await ended).toMatchObject({ attributes: { ExitCode: '', Status: 'UNKNOWN', Stdout: 'begun\n' } });
  });

  it('is the result of the last run, too', async () => {
    trial.service.answers([start, stop(3)]);
    await trial.create({ ...WARN, RunPolicy: 'ONCE' });
    expect(await trial.update({ Command: 'other' })).toMatchObject({ attributes: { ExitCode: '3' } });
  });

  it('but properties that cannot be used are refused', async () => {
    await expect(trial.create({ ...WARN, Timeout: '0' })).rejects.toThrow(/time-out of 0 s/);
  });
});

describe('a session', () => {
  const SessionId = 'workspace-of-the-nightly-build-0001';

  it('of somebody else is used and left alone', async () => {
    expect(await trial.create({ SessionId })).toMatchObject({ attributes: { SessionId } });
    expect(trial.service.seen[0].sessionId).toBe(SessionId);
    expect(trial.stopped).toEqual([]);
  });

  it('of somebody else is stopped if asked', async () => {
    await trial.create({ SessionId, StopSession: 'true' });
    expect(trial.stopped).toEqual([SessionId]);
  });

  it('of its own stays if asked', async () => {
    await trial.create({ StopSession: 'false' });
    expect(trial.stopped).toEqual([]);
  });

  it.each([['x'.repeat(32)], ['x'.repeat(257)], [`${'x'.repeat(40)}\n`], [`${'x'.repeat(40)}é`]])('%j is refused', async (id) => {
    await expect(trial.create({ SessionId: id })).rejects.toThrow(/session id/);
    expect(trial.service.seen).toEqual([]);
  });

  it('that takes long to stop does not keep a success from being told in time', async () => {
    const timeIsUp = new AbortController();
    let stopped!: () => void;
    trial.service.beforeStopped = async () => {
      timeIsUp.abort(new Error('gave up'));
      await new Promise<void>((resolve) => { stopped = resolve; });
    };
    const ended = await trial.lifecycle.create({ ...trial.request(COMMAND_PROPERTIES), signal: timeIsUp.signal });
    expect(ended).toMatchObject({ attributes: { ExitCode: '0', Stdout: 'ran' } });
    stopped();
  });

  it('that is used by two commands at the same time is not taken for one run', async () => {
    const [one, other] = [trial.request({ ...COMMAND_PROPERTIES, SessionId }), trial.request({ ...COMMAND_PROPERTIES, SessionId })];
    await Promise.all([trial.lifecycle.create(one), trial.lifecycle.create({ ...other, owner: { ...other.owner, logicalId: 'Other' } })]);
    expect(trial.ran).toHaveLength(2);
  });
});
