import { useBench } from './support/bench';
import { commandResource, runtimeProperties, runtimeResource } from './support/properties';
import { row } from './support/row';

// What is made belongs to somebody: half-done creates, early and repeated Deletes, replacements that are taken back.

const shared = useBench();
const INVENTED = 'Demo-Agent-ABCDEFGHIJKL';

row(4, 'the runtime becomes CREATE_FAILED; the same while it cannot be deleted', async (observe) => {
  const { bench } = shared;
  const properties = runtimeProperties('half_made');
  await bench.setFaults({ kind: 'failedTransition', operation: 'CreateAgentRuntime', failureReason: 'no capacity' });
  const cleaned = await bench.answer(bench.event('Create', 'runtime', properties));
  expect(cleaned).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('no capacity'), PhysicalResourceId: expect.stringMatching(/^half_made-\w{10}$/) });
  expect(await bench.runtimes()).toEqual([]);

  await bench.setFaults(
    { kind: 'failedTransition', operation: 'CreateAgentRuntime', failureReason: 'no capacity' },
    { kind: 'error', operation: 'DeleteAgentRuntime', error: 'AccessDeniedException', times: 'always' },
  );
  const left = await bench.answer(bench.event('Create', 'runtime', properties));
  const [{ id }] = await bench.runtimes();
  expect(left).toMatchObject({ Status: 'FAILED', PhysicalResourceId: id });
  await bench.setFaults();
  expect(await bench.answer(bench.event('Delete', 'runtime', properties, { PhysicalResourceId: id }))).toMatchObject({ Status: 'SUCCESS' });
  expect(await bench.runtimes()).toEqual([]);
  observe('FAILED with the id of the runtime, which was gone by then, or went with the Delete');
});

row(6, 'Delete with an invented id while Create waits, before and after it has made the runtime', async (observe) => {
  const { bench } = shared;
  for (const fault of [
    { kind: 'roleNotPropagated', operation: 'CreateAgentRuntime', times: 2 },
    { kind: 'slowTransition', operation: 'CreateAgentRuntime', reads: 4 },
  ]) {
    await bench.setFaults(fault);
    const deployed = await bench.deploy({ Agent: runtimeResource('early') }, [{ kind: 'cancel', logicalId: 'Agent', at: { afterMillis: 700 } }]);
    expect(deployed.status).toBe('ROLLBACK_COMPLETE');
    expect(deployed.injector.applied[0].applied).toBe(1);
    expect(await bench.runtimes()).toEqual([]);
  }
  observe('nothing is left, whoever of the two was first');
});

row(6, 'the same early Delete while the provider stays, as in an update of a stack', async (observe) => {
  const { bench } = shared;
  const properties = runtimeProperties('early');
  for (const fault of [
    { kind: 'roleNotPropagated', operation: 'CreateAgentRuntime', times: 2 },
    { kind: 'slowTransition', operation: 'CreateAgentRuntime', reads: 4 },
  ]) {
    await bench.setFaults(fault);
    const create = bench.answer(bench.event('Create', 'runtime', properties));
    await bench.reached(0);
    expect(await bench.answer(bench.event('Delete', 'runtime', properties, { PhysicalResourceId: INVENTED }))).toMatchObject({ Status: 'SUCCESS' });
    expect(await create).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/gone on without this request|was deleted/) });
    expect(await bench.runtimes()).toEqual([]);
  }
  observe('Create says that it is too late, nothing is left');
});

row(6, 'the same Delete where the name belongs to somebody else', async (observe) => {
  const { bench } = shared;
  const theirs = await bench.createForeignRuntime('taken');
  const properties = runtimeProperties('taken');
  const created = await bench.answer(bench.event('Create', 'runtime', properties));
  expect(created).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/a runtime named taken exists already and is left as it is/) });
  const deleted = [
    await bench.answer(bench.event('Delete', 'runtime', properties, { PhysicalResourceId: INVENTED })),
    await bench.answer(bench.event('Delete', 'runtime', properties, { PhysicalResourceId: created.PhysicalResourceId })),
  ];
  expect(deleted.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS']);
  expect((await bench.runtimes()).map(({ id }) => id)).toEqual([theirs]);
  observe('Create fails clearly, Delete succeeds, theirs is left alone');
});

row(7, 'Delete of what is gone, three times, also answered with AccessDenied, also with ids of no known shape', async (observe) => {
  const { bench } = shared;
  await bench.deploy({ Agent: runtimeResource('gone') });
  const destroyed = await bench.destroy([{ kind: 'repeatDelete', logicalId: 'Agent', deletes: 3 }]);
  expect(destroyed).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(destroyed.injector.answers.map(({ response }) => response.status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);

  const properties = runtimeProperties('gone');
  await bench.setFaults(...['GetAgentRuntime', 'DeleteAgentRuntime'].map((operation) => ({ kind: 'accessDeniedWhenGone', operation, times: 'always' })));
  const denied = await bench.answer(bench.event('Delete', 'runtime', properties, { PhysicalResourceId: 'gone-abcdefghij' }));
  await bench.setFaults();
  expect(denied).toMatchObject({ Status: 'SUCCESS' });
  for (const id of [INVENTED, '2026/11/22/[$LATEST]0123456789abcdef', 'x'.repeat(1_000), 'no-runtime/Agent', 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/gone-abcdefghij']) {
    expect(await bench.answer(bench.event('Delete', 'runtime', properties, { PhysicalResourceId: id }))).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id });
  }
  observe('SUCCESS each time');
});

row(7, 'AccessDenied on deleting a runtime that is there', async (observe) => {
  const { bench } = shared;
  const properties = runtimeProperties('denied');
  const { id } = await bench.createRuntime(properties);
  await bench.setFaults({ kind: 'error', operation: 'DeleteAgentRuntime', error: 'AccessDeniedException', times: 'always' });
  const denied = await bench.answer(bench.event('Delete', 'runtime', properties, { PhysicalResourceId: id }));
  expect(denied).toMatchObject({ Status: 'FAILED', PhysicalResourceId: id });
  expect((await bench.runtimes()).map((runtime) => runtime.id)).toEqual([id]);
  observe('FAILED: SUCCESS would leave an orphan');
});

row(8, 'an Update fails at its command: a second Update comes with old and new swapped', async (observe) => {
  const { bench } = shared;
  const resources = (mood: string, command: string) => ({ Agent: runtimeResource('swapped', { EnvironmentVariables: { MOOD: mood } }), Check: commandResource(command) });
  expect(await bench.deploy(resources('calm', 'echo first-run'))).toMatchObject({ status: 'CREATE_COMPLETE' });
  const [{ id }] = await bench.runtimes();
  bench.starts.length = 0;
  const failed = await bench.deploy(resources('eager', 'echo second-run; exit 7'));
  expect(failed).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('exit code 7') } });
  expect(failed.injector.answers.map(({ logicalId, request, response }) => `${logicalId} ${request} ${response.status}`))
    .toEqual(['Agent Update SUCCESS', 'Check Update FAILED', 'Agent Update SUCCESS', 'Check Update SUCCESS']);
  expect(await bench.live(id)).toMatchObject({ status: 'READY', environmentVariables: { MOOD: 'calm' } });
  expect(bench.startsOf('second-run')).toHaveLength(1);
  expect(bench.startsOf('first-run')).toHaveLength(0);
  observe('the runtime is as it was, under its id; no command runs on the way back');
});

row(8, 'an Update that the provider refuses: the same swapped Update', async (observe) => {
  const { bench } = shared;
  const resources = (command: string, more: object = {}) => ({ Agent: runtimeResource('refused'), Check: commandResource(command, { ...more }) });
  expect(await bench.deploy(resources('echo first-run'))).toMatchObject({ status: 'CREATE_COMPLETE' });
  const refused = await bench.deploy(resources('echo second-run', { Timeout: '3601' }));
  expect(refused).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('3601') } });
  expect([bench.startsOf('first-run'), bench.startsOf('second-run')].map(({ length }) => length)).toEqual([1, 0]);
  expect(await bench.deploy(resources('echo third-run'))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(bench.startsOf('third-run')).toHaveLength(1);
  observe('no command runs, neither there nor on the way back; the next Update runs its own');
}, 90_000);

row(9, 'a replacement succeeds, then its stack fails: Update back, Delete of the new id', async (observe) => {
  const { bench } = shared;
  await bench.deploy({ Agent: runtimeResource('old_name') });
  const [old] = await bench.runtimes();
  const failed = await bench.deploy({ Agent: runtimeResource('new_name') }, [{ kind: 'fail', logicalId: 'Agent', request: 'Update' }]);
  expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(failed.injector.answers.map(({ request, response }) => `${request} ${response.status}`)).toEqual(['Update SUCCESS', 'Update SUCCESS', 'Delete SUCCESS']);
  expect(await bench.runtimes()).toEqual([old]);
  expect(await bench.live(old.id)).toMatchObject({ status: 'READY' });
  observe('the old runtime is untouched, the new one gone');
});

row(26, 'two stacks and two runs with one logical id', async (observe) => {
  const { bench } = shared;
  const { arn } = await bench.createRuntime(runtimeProperties('sharing'));
  const properties = { AgentRuntimeArn: arn, Qualifier: 'DEFAULT', Command: 'true', Timeout: '30' };
  const other = { StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Other/2b2c3d4e-0000-0000-0000-000000000000' };
  const long = { LogicalResourceId: 'L'.repeat(255) };
  for (const more of [{}, {}, other, long]) expect(await bench.answer(bench.event('Create', 'command', properties, more))).toMatchObject({ Status: 'SUCCESS' });
  const sessions = bench.starts.map(({ sessionId }) => sessionId);
  expect(new Set(sessions).size).toBe(4);
  for (const id of sessions) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{32,99}$/);
  observe(`4 different session ids of ${Math.min(...sessions.map(({ length }) => length))} to ${Math.max(...sessions.map(({ length }) => length))} characters`);
});
