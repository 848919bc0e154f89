import { useBench } from './support/bench';
import { commandProperties, runtimeProperties } from './support/properties';
import { row } from './support/row';
import { COMMAND_ATTRIBUTES, RUNTIME_ATTRIBUTES } from '../../src/provider/contract';

// The answer itself: its size, its text, the id and the attributes in it.

const shared = useBench();
const LONE_SURROGATE = '\ud83d';

row(1, 'a command writes 60 KB of multi-byte text and bytes that are no text', async (observe) => {
  const { bench } = shared;
  const { arn } = await bench.createRuntime(runtimeProperties('wordy'));
  const command = 'printf "x"; i=0; while [ $i -lt 5000 ]; do printf "\\360\\237\\230\\200\\342\\202\\254 %04d" $i; i=$((i+1)); done; printf "\\377\\355\\240\\275 end"; printf "\\342\\202\\254rr" >&2';
  const { answer, bodies, lines } = await bench.call(bench.event('Create', 'command', commandProperties(arn, command)));
  expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Truncated: 'true', Stderr: '€rr', ExitCode: '0' } });
  const { Stdout: stdout, LogUrl: logUrl } = answer!.Data!;
  expect(bodies[0].length).toBeLessThanOrEqual(4_096);
  expect(bodies[0].length).toBeGreaterThan(4_080);
  expect(stdout).toMatch(/😀€ 4999\ufffd+ end$/);
  expect(stdout).not.toMatch(/\p{Surrogate}/u);
  // only the bytes that are no text were replaced, and nothing was cut in the middle of a character
  expect(stdout.replace(/\ufffd+ end$/, '')).not.toContain('\ufffd');
  expect(logUrl).toMatch(/^https:\/\/.+log-events/);
  const logged = lines.map((line) => JSON.parse(line)).filter(({ notice }) => notice === 'output').map(({ stdout: text = '' }) => text).join('');
  expect(logged).toContain('😀€ 0000');
  expect(logged).toContain('😀€ 4999');
  observe(`${bodies[0].length} bytes, end of output kept, Truncated=true, all of it in the log`);
});

row(2, 'failureReason of 20,000 multi-byte characters with half a surrogate pair', async (observe) => {
  const { bench } = shared;
  await bench.setFaults({ kind: 'failedTransition', operation: 'CreateAgentRuntime', failureReason: `the image has no arm64 variant ${LONE_SURROGATE}\n${'€😀'.repeat(7_000)}` });
  const { answer, bodies } = await bench.call(bench.event('Create', 'runtime', runtimeProperties('talkative')));
  expect(bodies[0].length).toBeLessThanOrEqual(4_096);
  expect(answer!.Status).toBe('FAILED');
  expect(answer!.Reason).toMatch(/CREATE_FAILED: the image has no arm64 variant/);
  expect(answer!.Reason).toContain('https://us-east-1.console.aws.amazon.com/cloudwatch/home');
  expect(answer!.Reason).not.toMatch(/\p{Surrogate}/u);
  observe(`${bodies[0].length} bytes; Reason begins with the cause and has the link to the log`);
});

row(3, 'three events for one resource, each in another log stream', async (observe) => {
  const { bench } = shared;
  const before = runtimeProperties('steady');
  const after = runtimeProperties('steady', { EnvironmentVariables: { MOOD: 'calm' } });
  const { id, arn } = await bench.createRuntime(before);
  const updated = await bench.answer(bench.event('Update', 'runtime', after, { PhysicalResourceId: id, OldResourceProperties: before }));
  expect(updated).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id, Data: { AgentRuntimeVersion: '2' } });
  // also an event that fails says nothing else
  const refused = await bench.answer(bench.event('Update', 'runtime', { ...after, RoleArn: 'none' }, { PhysicalResourceId: id, OldResourceProperties: after }));
  expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: id });

  const command = await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'true')));
  const again = await bench.answer(bench.event('Update', 'command', commandProperties(arn, 'true '), { PhysicalResourceId: command.PhysicalResourceId }));
  const failed = await bench.answer(bench.event('Update', 'command', commandProperties(arn, 'false'), { PhysicalResourceId: command.PhysicalResourceId }));
  expect([again.Status, failed.Status]).toEqual(['SUCCESS', 'FAILED']);
  expect(new Set([command, again, failed].map(({ PhysicalResourceId }) => PhysicalResourceId)).size).toBe(1);
  observe('the same PhysicalResourceId each time, also in failures');
});

row(5, 'Create fails before anything could be made: refused, or its properties are no good', async (observe) => {
  const { bench } = shared;
  await bench.setFaults({ kind: 'error', operation: 'CreateAgentRuntime', error: 'ServiceQuotaExceededException', times: 'always' });
  const refused = await bench.answer(bench.event('Create', 'runtime', runtimeProperties('refused')));
  const invalid = await bench.answer(bench.event('Create', 'runtime', { AgentRuntimeName: 'no spaces' }));
  const command = await bench.answer(bench.event('Create', 'command', commandProperties('no ARN', 'true')));
  const empty = await bench.answer(bench.event('Create', 'command', {}, { ResourceProperties: undefined }));
  for (const { Status, PhysicalResourceId } of [refused, invalid, command, empty]) {
    expect(Status).toBe('FAILED');
    expect(PhysicalResourceId).toMatch(/^\S+$/);
  }
  const deletions = [
    await bench.answer(bench.event('Delete', 'runtime', runtimeProperties('refused'), { PhysicalResourceId: refused.PhysicalResourceId })),
    await bench.answer(bench.event('Delete', 'runtime', { AgentRuntimeName: 'no spaces' }, { PhysicalResourceId: invalid.PhysicalResourceId })),
    await bench.answer(bench.event('Delete', 'command', {}, { PhysicalResourceId: command.PhysicalResourceId })),
  ];
  expect(deletions.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
  observe(`FAILED with ids ${refused.PhysicalResourceId} and ${command.PhysicalResourceId.slice(0, 14)}…; Delete with them is SUCCESS`);
});

row(18, 'resources with nothing to tell: no output, no change', async (observe) => {
  const { bench } = shared;
  const properties = runtimeProperties('silent');
  const created = await bench.answer(bench.event('Create', 'runtime', properties));
  const unchanged = await bench.answer(bench.event('Update', 'runtime', properties, { PhysicalResourceId: created.PhysicalResourceId, OldResourceProperties: properties }));
  const command = await bench.answer(bench.event('Create', 'command', commandProperties(created.Data!.AgentRuntimeArn, 'true')));
  for (const { Data } of [created, unchanged]) expect(Object.keys(Data!)).toEqual(expect.arrayContaining([...RUNTIME_ATTRIBUTES]));
  expect(Object.keys(command.Data!).sort()).toEqual([...COMMAND_ATTRIBUTES].sort());
  for (const { Data } of [created, unchanged, command]) expect(Object.values(Data!).every((value) => typeof value === 'string')).toBe(true);
  expect(command.Data).toMatchObject({ Stdout: '', Stderr: '', Truncated: 'false', ExitCode: '0', Status: 'COMPLETED' });
  observe(`always the same ${RUNTIME_ATTRIBUTES.length} and ${COMMAND_ATTRIBUTES.length} keys, all strings, Stdout empty`);
});
