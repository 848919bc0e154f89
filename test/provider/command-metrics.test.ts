import { CommandTrial } from '../util/command-trial';
import { start, stderr, stop } from '../util/scripted-service';

let trial: CommandTrial;

beforeEach(async () => {
  trial = await new CommandTrial().open();
});
afterEach(() => trial.service.close());

/** What was counted, in order. */
const counted = () => trial.logged.filter(({ notice }) => notice === 'metrics')
  .map(({ CommandName, Failures, Timeouts }) => [CommandName, Failures, Timeouts]);

test.each<[string, Parameters<CommandTrial['service']['answers']>, Record<string, unknown>, unknown[]]>([
  ['a success', [[start, stop(0)]], {}, ['Demo/Check', 0, 0]],
  ['an exit code that is expected', [[start, stop(3)]], { ExpectedExitCodes: ['3'] }, ['Demo/Check', 0, 0]],
  ['a failure', [[start, stop(3)]], {}, ['Demo/Check', 1, 0]],
  ['a failure that the deployment only warns of', [[start, stop(3)]], { OnFailure: 'WARN' }, ['Demo/Check', 1, 0]],
  ['a time-out', [[start, stop(124, 'TIMED_OUT')]], {}, ['Demo/Check', 1, 1]],
  ['an unknown outcome', [[start, 'cut']], {}, ['Demo/Check', 1, 0]],
  ['a refusal', [{ error: 'ValidationException', status: 400 }], {}, ['Demo/Check', 1, 0]],
])('%s is counted once', async (_title, answers, properties, counts) => {
  trial.service.answers(...answers);
  await trial.create(properties).catch(() => undefined);
  expect(counted()).toEqual([counts]);
});

test('the runs of an idempotent command until its outcome is known are one', async () => {
  trial.service.answers([start, 'cut'], [start, stop(0)]);
  await trial.create({ Idempotent: 'true' });
  expect(counted()).toEqual([['Demo/Check', 0, 0]]);
});

test('a request that is delivered twice is counted once', async () => {
  trial.service.answers([start, stop(0)]);
  const request = trial.request(trial.properties);
  await Promise.all([trial.lifecycle.create(request), trial.lifecycle.create(request)]);
  expect(counted()).toHaveLength(1);
});

test('what runs on deletion is counted under the same name', async () => {
  trial.service.answers([start, stop(0)], [start, stop(1)]);
  await trial.create({ OnDelete: { Command: 'drain', Timeout: '60' } });
  await trial.remove();
  expect(trial.ran).toContain('drain');
  expect(counted()).toEqual([['Demo/Check', 0, 0], ['Demo/Check', 1, 0]]);
});

test('what is not run is not counted', async () => {
  trial.service.answers([start, stop(0)]);
  await trial.create({ RunPolicy: 'ONCE' });
  await trial.update({ Command: 'other' });
  await expect(trial.update({ Timeout: 'never' })).rejects.toThrow(/time-out/);
  expect(counted()).toHaveLength(1);
});

test('neither text nor output of the command is in what is counted', async () => {
  trial.service.answers([start, stderr('secret-plan'), stop(3)]);
  await trial.create({ Command: 'echo secret-plan' }).catch(() => undefined);
  expect(JSON.stringify(trial.logged.filter(({ notice }) => notice === 'metrics'))).not.toContain('secret-plan');
});
