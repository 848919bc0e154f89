import { AddressInfo, createServer } from 'node:net';
import { useBench } from './support/bench';
import { commandProperties, commandResource, runtimeProperties, runtimeResource } from './support/properties';
import { row } from './support/row';

// How events reach the provider, how long it may take, and how its answer arrives.

const shared = useBench();

row(10, 'one RequestId three times: two copies at once; one after the end', async (observe) => {
  const { bench } = shared;
  const resources = { Agent: runtimeResource('twice'), Check: commandResource('echo run-once; sleep 1') };
  const atOnce = await bench.deploy(resources, [{ kind: 'duplicate', copies: 2, request: 'Create', times: 'always' }]);
  expect(atOnce.status).toBe('CREATE_COMPLETE');
  expect(await bench.runtimes()).toHaveLength(1);
  expect(bench.startsOf('run-once')).toHaveLength(1);
  for (const id of ['Agent', 'Check']) {
    const answers = atOnce.injector.answers.filter(({ logicalId }) => logicalId === id).map(({ response }) => response);
    expect(answers).toHaveLength(3);
    expect(new Set(answers.map(({ status, physicalId }) => `${status} ${physicalId}`)).size).toBe(1);
  }
  await bench.destroy();
  bench.starts.length = 0;
  const late = await bench.deploy(resources, [{ kind: 'duplicate', request: 'Create', times: 'always', at: 'end' }]);
  expect(late.status).toBe('CREATE_COMPLETE');
  expect(bench.startsOf('run-once')).toHaveLength(1);
  observe('one runtime, one start of the command, the same answer each time');
});

row(10, 'the first delivery dies in the middle of the command', async (observe) => {
  const { bench } = shared;
  // a runtime that stays when the stack goes: its sessions do not end with it
  const { arn } = await bench.createRuntime(runtimeProperties('dying'));
  const deployed = await bench.deploy(
    { Check: commandResource('echo run-once; sleep 20', { AgentRuntimeArn: arn, AgentRuntimeVersion: '1' }) },
    [{ kind: 'crash', logicalId: 'Check', request: 'Create', at: { afterLogLine: 'run-once' } }, { kind: 'timeout', logicalId: 'Check', request: 'Create', seconds: 6, skip: 1 }],
  );
  expect(deployed).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringMatching(/unknown/) } });
  expect(bench.startsOf('run-once')).toHaveLength(1);
  expect(await bench.openSessions()).toBe(0);
  observe('one start; the second delivery says that the outcome is unknown, and stops the session');
});

row(10, 'the first delivery dies in the middle of a command with a time-out of 20 minutes', async (observe) => {
  const { bench } = shared;
  const deployed = await bench.deploy(
    { Agent: runtimeResource('dying'), Check: commandResource('echo run-once; sleep 2; echo done', { Timeout: '1200', ServiceTimeout: '3600' }) },
    [{ kind: 'crash', logicalId: 'Check', request: 'Create', at: { afterLogLine: 'run-once' } }, { kind: 'timeout', logicalId: 'Check', request: 'Create', seconds: 6 }],
  );
  expect(deployed).toMatchObject({ status: 'CREATE_COMPLETE' });
  const { response } = deployed.injector.answers.find(({ logicalId }) => logicalId === 'Check')!;
  expect(response).toMatchObject({ status: 'SUCCESS', data: { Stdout: 'run-once\ndone\n' } });
  expect(bench.startsOf('run-once')).toHaveLength(1);
  expect(await bench.openSessions()).toBe(0);
  observe('one start; the second delivery goes on with what runs, and tells its result');
}, 90_000);

row(10, 'the last call for a command of 20 minutes comes again after its end, and then an Update', async (observe) => {
  const { bench } = shared;
  const long = (command: string) => ({ Agent: runtimeResource('again'), Check: commandResource(command, { Timeout: '1200', ServiceTimeout: '3600' }) });
  const created = await bench.deploy(long('echo first-run; sleep 4; echo done'), [
    { kind: 'timeout', logicalId: 'Check', seconds: 6, times: 'always' },
    { kind: 'response', logicalId: 'Check', request: 'Create', behaviour: 'status', status: 503, requests: 5 },
  ]);
  expect(created).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(created.injector.answers.find(({ logicalId }) => logicalId === 'Check')!.response).toMatchObject({ data: { Stdout: 'first-run\ndone\n' } });
  expect(await bench.deploy(long('echo second-run'))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect([bench.startsOf('first-run'), bench.startsOf('second-run')].map(({ length }) => length)).toEqual([1, 1]);
  observe('it answers what was noted, although the session is gone; the Update runs its command');
}, 120_000);

row(11, 'a runtime that does not become READY, and a command that does not end, in 6 s of Lambda', async (observe) => {
  const { bench } = shared;
  const { arn } = await bench.createRuntime(runtimeProperties('quick'));
  await bench.setFaults({ kind: 'slowTransition', operation: 'CreateAgentRuntime', reads: 1_000 });
  const calls = [
    await bench.call(bench.event('Create', 'runtime', runtimeProperties('slow')), { seconds: 6 }),
    await bench.call(bench.event('Create', 'command', commandProperties(arn, 'sleep 50')), { seconds: 6 }),
  ];
  for (const { answer, outcome } of calls) {
    expect(outcome).toEqual({ result: null });
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/gave up|ran out|time/) });
  }
  expect(await bench.openSessions()).toBe(0);
  await bench.setFaults();
  const { PhysicalResourceId } = calls[0].answer!;
  expect(await bench.answer(bench.event('Delete', 'runtime', runtimeProperties('slow'), { PhysicalResourceId }))).toMatchObject({ Status: 'SUCCESS' });
  expect((await bench.runtimes()).map(({ name }) => name)).toEqual(['quick']);
  observe('FAILED before the end of the function; no session stays open, and the Delete that follows leaves no runtime');
}, 60_000);

row(11, 'a command of 20 minutes whose provider cannot call itself again', async (observe) => {
  const { bench } = shared;
  const { arn } = await bench.createRuntime(runtimeProperties('alone'));
  // no Lambda answers here
  const { answer, outcome } = await bench.call(bench.event('Create', 'command', commandProperties(arn, 'sleep 50', { Timeout: '1200' })), { seconds: 10 });
  expect(outcome).toEqual({ result: null });
  expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/unknown: the provider could not call itself/) });
  expect(await bench.openSessions()).toBe(0);
  observe('FAILED, and its session is stopped');
});

row(11, 'CreateAgentRuntime itself does not answer in 6 s of Lambda', async (observe) => {
  const { bench } = shared;
  await bench.setFaults({ kind: 'loseAnswer', operation: 'CreateAgentRuntime', times: 'always' });
  const created = await bench.answer(bench.event('Create', 'runtime', runtimeProperties('mute')), { seconds: 6 });
  expect(created).toMatchObject({ Status: 'FAILED' });
  await bench.setFaults();
  const { PhysicalResourceId } = created;
  expect(await bench.answer(bench.event('Delete', 'runtime', runtimeProperties('mute'), { PhysicalResourceId }))).toMatchObject({ Status: 'SUCCESS' });
  expect(await bench.runtimes()).toEqual([]);
  observe('FAILED with an id that names no runtime; the Delete that follows finds what was made, and removes it');
});

row(11, 'a service that accepts connections and never answers, in 6 s of Lambda', async (observe) => {
  const { bench } = shared;
  const server = createServer(() => undefined);
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { answer, outcome } = await bench.call(bench.event('Create', 'runtime', runtimeProperties('silence')), { seconds: 6, endpoint });
    expect(answer).toMatchObject({ Status: 'FAILED' });
    expect(outcome).not.toEqual({ error: expect.stringContaining('Task timed out') });
    observe('FAILED before the end of the function');
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

row(13, 'an Update is cancelled while it waits for READY; then one while its command runs', async (observe) => {
  const { bench } = shared;
  const resources = (mood: string, command: string) => ({ Agent: runtimeResource('cancelled', { EnvironmentVariables: { MOOD: mood } }), Check: commandResource(command) });
  await bench.deploy(resources('calm', 'true'), [], 10);
  await bench.setFaults({ kind: 'slowTransition', operation: 'UpdateAgentRuntime', reads: 3 });
  const first = await bench.deploy(resources('eager', 'true'), [{ kind: 'cancel', logicalId: 'Agent', request: 'Update', at: { afterMillis: 600 } }], 10);
  expect(first.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  const second = await bench.deploy(resources('calm', 'echo working; sleep 50'), [{ kind: 'cancel', logicalId: 'Check', request: 'Update', at: { afterLogLine: 'working' } }], 10);
  expect(second.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  // every call ended of its own accord, and so no one polls any more
  for (const { outcome } of [...first.injector.invocations, ...second.injector.invocations]) expect(outcome).toEqual({ result: null });
  const [{ id }] = await bench.runtimes();
  expect(await bench.live(id)).toMatchObject({ status: 'READY', environmentVariables: { MOOD: 'calm' } });
  expect(await bench.openSessions()).toBe(0);
  expect(bench.startsOf('working')).toHaveLength(1);
  // the command that was deployed had run for both versions of the first deployment
  expect(bench.starts).toHaveLength(3);
  observe('each call ends of its own accord; state as before, no command runs on the way back, no session open');
}, 90_000);

row(20, 'PUT to ResponseURL meets 503, a reset and a 500', async (observe) => {
  const { bench } = shared;
  const { bodies, answer, outcome } = await bench.call(bench.event('Create', 'runtime', runtimeProperties('put')), {
    behaviour: (request) => [{ reply: 503, taken: true } as const, { reply: 'reset', taken: true } as const, { reply: 500, taken: true } as const][request] ?? 'accept',
  });
  expect(answer).toMatchObject({ Status: 'SUCCESS' });
  expect(outcome).toEqual({ result: null });
  expect(bodies).toHaveLength(4);
  expect(new Set(bodies.map(String)).size).toBe(1);
  observe('the same body four times, then taken');
});

row(20, 'PUT fails for as long as the first delivery tries; Lambda delivers again', async (observe) => {
  const { bench } = shared;
  const deployed = await bench.deploy(
    { Agent: runtimeResource('again'), Check: commandResource('echo run-once') },
    [{ kind: 'response', logicalId: 'Check', request: 'Create', behaviour: 'status', status: 503, requests: 5 }],
  );
  expect(deployed.status).toBe('CREATE_COMPLETE');
  const runs = deployed.injector.invocations.filter(({ logicalId, request }) => logicalId === 'Check' && request === 'Create');
  expect(runs.map(({ outcome }) => 'error' in outcome)).toEqual([true, false]);
  expect(bench.startsOf('run-once')).toHaveLength(1);
  observe('the second delivery answers from the note of the first; one start');
});
