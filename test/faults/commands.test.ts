import { useBench } from './support/bench';
import { commandProperties, commandResource, runtimeProperties, runtimeResource } from './support/properties';
import { row } from './support/row';

// Commands and the service under them: time, streams that break, errors before anything has started.

const shared = useBench();
const RUN = 'InvokeAgentRuntimeCommand';

row(12, 'a command with a time-out of 20 minutes that outlasts three Lambda calls', async (observe) => {
  const { bench } = shared;
  const command = 'echo begun-once; for i in 1 2 3 4 5 6 7; do echo tick $i; sleep 1; done; echo done';
  const deployed = await bench.deploy(
    { Agent: runtimeResource('patient'), Check: commandResource(command, { Timeout: '1200', ServiceTimeout: '3600' }) },
    [{ kind: 'timeout', logicalId: 'Check', seconds: 5, times: 'always' }],
  );
  expect(deployed).toMatchObject({ status: 'CREATE_COMPLETE' });
  const answer = deployed.injector.answers.find(({ logicalId }) => logicalId === 'Check')!;
  expect(answer.response).toMatchObject({ status: 'SUCCESS', data: { ExitCode: '0', Stdout: expect.stringMatching(/begun-once\ntick 1\n[^]*tick 7\ndone\n$/) } });
  const calls = deployed.injector.invocations.filter(({ logicalId, request }) => logicalId === 'Check' && request === 'Create');
  expect(calls.length).toBeGreaterThan(2);
  expect(deployed.lines.filter((line) => line.includes('"begun-once"'))).toHaveLength(1);
  expect(await bench.openSessions()).toBe(0);
  observe(`${calls.length} calls, one run, its whole output, exit code 0`);
}, 90_000);

row(12, 'one that fails at its end; a time-out of 3,601 s', async (observe) => {
  const { bench } = shared;
  const failed = await bench.deploy(
    { Agent: runtimeResource('patient'), Check: commandResource('sleep 4; echo bad luck >&2; exit 9', { Timeout: '1200', ServiceTimeout: '3600' }) },
    [{ kind: 'timeout', logicalId: 'Check', seconds: 5, times: 'always' }],
  );
  expect(failed).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringMatching(/exit code 9[^]*bad luck/) } });
  expect(await bench.runtimes()).toEqual([]);
  const { arn } = await bench.createRuntime(runtimeProperties('patient'));
  const refused = await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'true', { Timeout: '3601' })));
  expect(refused).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/3601.*3600/) });
  observe('rolled back with exit code 9; 3,601 s refused with the number allowed');
}, 90_000);

row(12, 'one that writes without a pause; one that runs on deletion', async (observe) => {
  const { bench } = shared;
  const chatty = 'end=$(($(date +%s) + 9)); while [ $(date +%s) -lt $end ]; do echo line; done; echo done';
  const flush = 'echo flushing; sleep 6; echo flushed';
  const deployed = await bench.deploy(
    { Agent: runtimeResource('chatty'), Check: commandResource(chatty, { Timeout: '1200', ServiceTimeout: '3600', OnDelete: { Command: flush, Timeout: '1200', OnFailure: 'FAIL' } }) },
    [{ kind: 'timeout', logicalId: 'Check', seconds: 6.1, times: 'always' }],
  );
  expect(deployed).toMatchObject({ status: 'CREATE_COMPLETE' });
  for (const { outcome } of deployed.injector.invocations) expect(outcome).toEqual({ result: null });
  const destroyed = await bench.destroy([{ kind: 'timeout', logicalId: 'Check', seconds: 5, times: 'always' }]);
  expect(destroyed).toMatchObject({ status: 'DELETE_COMPLETE' });
  const calls = destroyed.injector.invocations.filter(({ logicalId }) => logicalId === 'Check');
  expect(calls.length).toBeGreaterThan(2);
  expect(destroyed.lines.filter((line) => line.includes('"flushed"'))).toHaveLength(1);
  expect(bench.startsOf('flushing')).toHaveLength(1);
  observe(`handed over in time; what runs on deletion is watched by ${calls.length} calls, and the runtime waits for it`);
}, 120_000);

row(14, 'a command of 20 minutes: the answer to its start, and then its output, breaks off', async (observe) => {
  const { bench } = shared;
  const { arn } = await bench.createRuntime(runtimeProperties('breaking'));
  for (const fault of [{ kind: 'cutStream' }, { kind: 'loseAnswer' }, { kind: 'halfFrame' }, { kind: 'cutStream', skip: 1 }, { kind: 'endStream', skip: 1 }]) {
    bench.starts.length = 0;
    await bench.setFaults({ operation: RUN, ...fault });
    const answer = await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'echo run-once; sleep 1; echo done', { Timeout: '1200' })));
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: { Stdout: 'run-once\ndone\n' } });
    expect(bench.startsOf('run-once')).toHaveLength(1);
    expect((await bench.faults())[0].applied).toBe(1);
    expect(await bench.openSessions()).toBe(0);
  }
  await bench.setFaults({ operation: RUN, kind: 'loseRequest' });
  const lost = await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'echo never', { Timeout: '1200' })));
  expect(lost).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('unknown') });
  expect(await bench.openSessions()).toBe(0);
  observe('it is followed again, one start each, its whole output; unknown only where the start itself was lost');
}, 120_000);

row(14, 'the stream breaks after it has started, in five ways', async (observe) => {
  const { bench } = shared;
  const { arn } = await bench.createRuntime(runtimeProperties('breaking'));
  const faults = [
    { kind: 'cutStream', afterDeltas: 0 }, { kind: 'cutStream' }, { kind: 'endStream' }, { kind: 'streamException', error: 'InternalServerException' }, { kind: 'loseAnswer' },
  ];
  for (const fault of faults) {
    bench.starts.length = 0;
    await bench.setFaults({ operation: RUN, ...fault });
    const { Status, Reason } = await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'echo out; echo last words >&2')));
    expect({ Status, Reason }).toEqual({ Status: 'FAILED', Reason: expect.stringMatching(/unknown/) });
    expect(Reason).toContain(bench.starts[0].sessionId);
    if (!('afterDeltas' in fault) && fault.kind !== 'loseAnswer') expect(Reason).toContain('last words');
    expect(bench.starts).toHaveLength(1);
    expect(await bench.faults()).toEqual([{ calls: 1, applied: 1 }]);
    expect(await bench.openSessions()).toBe(0);
  }
  await bench.setFaults({ kind: 'cutStream', operation: RUN });
  bench.starts.length = 0;
  expect(await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'echo out', { Idempotent: 'true' })))).toMatchObject({ Status: 'SUCCESS' });
  expect(bench.starts).toHaveLength(2);
  observe('FAILED, outcome unknown, with session and last output, one start each; run again only if idempotent');
});

row(15, 'role not propagated, image access not propagated, flapping READY', async (observe) => {
  const { bench } = shared;
  await bench.setFaults(
    { kind: 'roleNotPropagated', operation: 'CreateAgentRuntime' },
    { kind: 'imageAccessNotPropagated', operation: 'CreateAgentRuntime' },
    { kind: 'status', operation: 'GetAgentRuntime', statuses: ['CREATING', 'READY', 'CREATING', 'READY'] },
  );
  const { id } = await bench.createRuntime(runtimeProperties('flapping'));
  expect((await bench.faults()).map(({ applied }) => applied)).toEqual([1, 1, 4]);
  expect((await bench.runtimes()).map((runtime) => runtime.id)).toEqual([id]);
  observe('SUCCESS once READY was seen twice in a row');
});

row(15, 'the service-linked role cannot be created yet: 400 and 402', async (observe) => {
  const { bench } = shared;
  await bench.setFaults(
    { kind: 'serviceLinkedRoleNotCreated', operation: 'CreateAgentRuntime' },
    { kind: 'serviceLinkedRoleNotCreated', operation: 'CreateAgentRuntime', error: 'ServiceQuotaExceededException' },
  );
  const deployed = await bench.deploy({ Agent: runtimeResource('first') });
  expect(deployed.status).toBe('CREATE_COMPLETE');
  expect((await bench.faults()).map(({ applied }) => applied)).toEqual([1, 1]);
  expect(await bench.runtimes()).toHaveLength(1);
  observe('CREATE_COMPLETE after each was waited out');
});

row(15, '429, 409, 424, 500 and 503 before the stream starts; throttled control plane; 402', async (observe) => {
  const { bench } = shared;
  await bench.setFaults(
    { kind: 'error', operation: 'CreateAgentRuntime', error: 'ThrottlingException', times: 2 },
    { kind: 'error', operation: 'GetAgentRuntime', error: 'ThrottlingException', times: 2 },
    { kind: 'error', operation: 'GetAgentRuntime', error: 'InternalServerException' },
  );
  const { arn } = await bench.createRuntime(runtimeProperties('busy'));
  expect((await bench.faults()).map(({ applied }) => applied)).toEqual([2, 2, 1]);

  const errors = ['ThrottlingException', 'RetryableConflictException', 'RuntimeClientError', 'InternalServerException', 'ServiceUnavailableException'];
  for (const error of errors) {
    bench.starts.length = 0;
    await bench.setFaults({ kind: 'error', operation: RUN, error });
    expect(await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'echo run-once')))).toMatchObject({ Status: 'SUCCESS' });
    expect(bench.starts).toHaveLength(1);
  }
  await bench.setFaults({ kind: 'error', operation: RUN, error: 'ServiceQuotaExceededException', times: 'always' });
  bench.starts.length = 0;
  expect(await bench.answer(bench.event('Create', 'command', commandProperties(arn, 'true')))).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('ServiceQuotaExceeded') });
  expect(bench.starts).toHaveLength(0);
  expect((await bench.faults())[0].calls).toBe(1);
  observe('called again, one start each; 402 fails at once with its reason');
});

row(21, 'no @aws-sdk module can be loaded', async (observe) => {
  const { bench } = shared;
  const deployed = await bench.deploy({ Agent: runtimeResource('alone'), Check: commandResource('echo fine') }, [{ kind: 'modulesAbsent' }]);
  expect(deployed.status).toBe('CREATE_COMPLETE');
  expect(deployed.injector.applied[0].applied).toBeGreaterThanOrEqual(2);
  expect(deployed.injector.answers.at(-1)!.response).toMatchObject({ data: { Stdout: 'fine\n' } });
  observe('the bundle brings InvokeAgentRuntimeCommand along: the command has run');
});

row(25, 'a deletion that takes its time, with an endpoint and a session still there', async (observe) => {
  const { bench } = shared;
  const endpoint = {
    Type: 'AWS::BedrockAgentCore::RuntimeEndpoint',
    Properties: { Name: 'prod', AgentRuntimeId: { 'Fn::GetAtt': ['Agent', 'AgentRuntimeId'] } },
  };
  const deployed = await bench.deploy({ Agent: runtimeResource('leaving'), Prod: endpoint, Check: commandResource('echo fine') });
  expect(deployed.status).toBe('CREATE_COMPLETE');
  expect(await bench.openSessions()).toBe(0);
  await bench.setFaults(
    { kind: 'slowTransition', operation: 'DeleteAgentRuntime', reads: 2 },
    { kind: 'error', operation: 'GetAgentRuntime', error: 'ThrottlingException', skip: 1_000_000 },
  );
  const destroyed = await bench.destroy();
  expect(destroyed.status).toBe('DELETE_COMPLETE');
  const gone = destroyed.events.filter(({ status }) => status === 'DELETE_COMPLETE').map(({ logicalId }) => logicalId);
  expect(gone.filter((id) => ['Prod', 'Agent'].includes(id))).toEqual(['Prod', 'Agent']);
  expect(await bench.runtimes()).toEqual([]);
  // read as DELETING, and then as gone
  expect((await bench.faults())[1].calls).toBeGreaterThanOrEqual(3);
  observe('session stopped after its command, endpoint before runtime, answered only once the runtime was gone');
});
