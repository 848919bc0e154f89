import { InvokeAgentRuntimeCommandCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand, CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, DeleteAgentRuntimeEndpointCommand, GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { containerInput, errorOf, Harness } from './support/harness';

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

const plan = async (...service: object[]) => harness.setFaults(...service);

async function create(): Promise<string> {
  return (await harness.control().send(new CreateAgentRuntimeCommand(containerInput('coder')))).agentRuntimeId!;
}

const { agentRuntimeName, ...configuration } = containerInput('coder');
const send = async (command: any) => harness.control().send(command) as Promise<any>;
const update = async (agentRuntimeId: string) => send(new UpdateAgentRuntimeCommand({ ...configuration, agentRuntimeId }));
const remove = async (agentRuntimeId: string) => send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
const get = async (agentRuntimeId: string, agentRuntimeVersion?: string) => send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion }));
const getEndpoint = async (agentRuntimeId: string, endpointName: string) =>
  send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }));
const createEndpoint = async (agentRuntimeId: string, name: string) => send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name }));
const deleteEndpoint = async (agentRuntimeId: string, endpointName: string) =>
  send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }));

/** What some reads in a row show. */
async function statuses(reads: number, read: () => Promise<{ status?: string }>): Promise<(string | undefined)[]> {
  const seen = [];
  for (let i = 0; i < reads; i++) seen.push(await read().then(({ status }) => status, ({ name }) => name));
  return seen;
}

test('status lets READY flap', async () => {
  await plan({ kind: 'status', operation: 'GetAgentRuntime', statuses: ['READY', 'CREATING', 'CREATE_FAILED'], failureReason: 'told to' });
  const id = await create();
  expect(await get(id)).toMatchObject({ status: 'READY' });
  const creating = await get(id);
  expect([creating.status, creating.failureReason]).toEqual(['CREATING', undefined]);
  expect(await get(id)).toMatchObject({ status: 'CREATE_FAILED', failureReason: 'told to' });
  expect(await statuses(2, async () => get(id))).toEqual(['READY', 'READY']);
});

test('status of an endpoint flaps, again and again', async () => {
  await plan({ kind: 'status', operation: 'GetAgentRuntimeEndpoint', statuses: ['UPDATING', 'READY'], times: 2 });
  const id = await create();
  expect(await statuses(6, async () => getEndpoint(id, 'DEFAULT'))).toEqual(['UPDATING', 'READY', 'UPDATING', 'READY', 'READY', 'READY']);
});

describe('slowTransition', () => {
  test('a runtime stays CREATING for some reads, and can neither be changed nor called meanwhile', async () => {
    await plan({ kind: 'slowTransition', operation: 'CreateAgentRuntime', runtime: 'coder', reads: 3 });
    const id = await create();
    expect((await errorOf(update(id))).name).toBe('ConflictException');
    const { agentRuntimeArn } = await get(id);
    expect((await errorOf(harness.data().send(new InvokeAgentRuntimeCommandCommand({ agentRuntimeArn, body: { command: 'x' } })))).name).toBe('RetryableConflictException');
    expect(await statuses(4, async () => get(id))).toEqual(['CREATING', 'CREATING', 'READY', 'READY']);
    expect((await getEndpoint(id, 'DEFAULT')).status).toBe('READY');
  });

  test('a runtime stays DELETING for some reads, then it is gone', async () => {
    await plan({ kind: 'slowTransition', operation: 'DeleteAgentRuntime', reads: 2 });
    const id = await create();
    await remove(id);
    expect((await errorOf(remove(id))).name).toBe('ConflictException');
    expect(await statuses(3, async () => get(id))).toEqual(['DELETING', 'DELETING', 'ResourceNotFoundException']);
    await create();
  });

  test('an endpoint stays CREATING, then DELETING', async () => {
    const id = await create();
    await plan(
      { kind: 'slowTransition', operation: 'CreateAgentRuntimeEndpoint', reads: 1 },
      { kind: 'slowTransition', operation: 'DeleteAgentRuntimeEndpoint', reads: 1 },
    );
    await createEndpoint(id, 'stable');
    expect(await statuses(2, async () => getEndpoint(id, 'stable'))).toEqual(['CREATING', 'READY']);
    await deleteEndpoint(id, 'stable');
    expect(await statuses(2, async () => getEndpoint(id, 'stable'))).toEqual(['DELETING', 'ResourceNotFoundException']);
  });

  test.each([
    ['another plan', async () => plan()],
    ['another start of the server', async () => harness.restart()],
  ])('%s lets it go', async (_, free) => {
    await plan({ kind: 'slowTransition', operation: 'CreateAgentRuntime', reads: 100 });
    const id = await create();
    expect((await get(id)).status).toBe('CREATING');
    await free();
    expect((await get(id)).status).toBe('READY');
  });
});

describe('failedTransition', () => {
  test('a creation fails after some reads, and the runtime can be deleted', async () => {
    await plan({ kind: 'failedTransition', operation: 'CreateAgentRuntime', reads: 1, failureReason: 'no capacity' });
    const id = await create();
    expect(await get(id)).toMatchObject({ status: 'CREATING' });
    expect(await get(id)).toMatchObject({ status: 'CREATE_FAILED', failureReason: 'no capacity' });
    expect(await getEndpoint(id, 'DEFAULT')).toMatchObject({ status: 'CREATE_FAILED', failureReason: 'no capacity' });
    await remove(id);
    expect((await errorOf(get(id))).name).toBe('ResourceNotFoundException');
  });

  test('an update fails, DEFAULT stays on the version before, and the next one succeeds', async () => {
    const id = await create();
    await plan({ kind: 'failedTransition', operation: 'UpdateAgentRuntime', failureReason: 'no capacity' });
    await update(id);
    expect(await get(id)).toMatchObject({ status: 'UPDATE_FAILED', failureReason: 'no capacity', agentRuntimeVersion: '2' });
    expect(await getEndpoint(id, 'DEFAULT')).toMatchObject({ status: 'UPDATE_FAILED', liveVersion: '1', targetVersion: '2' });
    await update(id);
    expect(await get(id)).toMatchObject({ status: 'READY', agentRuntimeVersion: '3' });
    expect(await get(id, '2')).toMatchObject({ status: 'UPDATE_FAILED', failureReason: 'no capacity' });
  });

  test('a deletion fails, and the next one succeeds', async () => {
    const id = await create();
    await plan({ kind: 'failedTransition', operation: 'DeleteAgentRuntime', failureReason: 'told to' });
    await remove(id);
    expect(await get(id)).toMatchObject({ status: 'DELETE_FAILED', failureReason: 'told to' });
    await remove(id);
    expect((await errorOf(get(id))).name).toBe('ResourceNotFoundException');
  });

  test('the deletion of a version fails, and the next one succeeds', async () => {
    const id = await create();
    await update(id);
    await plan({ kind: 'failedTransition', operation: 'DeleteAgentRuntime', failureReason: 'told to' });
    const removeFirst = async () => harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id, agentRuntimeVersion: '1' } as any));
    await removeFirst();
    expect((await get(id, '1')).status).toBe('DELETE_FAILED');
    await removeFirst();
    expect((await errorOf(get(id, '1'))).name).toBe('ResourceNotFoundException');
  });

  test('an endpoint fails, on its way in and on its way out', async () => {
    const id = await create();
    await plan(
      { kind: 'failedTransition', operation: 'CreateAgentRuntimeEndpoint', failureReason: 'one' },
      { kind: 'failedTransition', operation: 'DeleteAgentRuntimeEndpoint', failureReason: 'two' },
    );
    await createEndpoint(id, 'stable');
    expect(await getEndpoint(id, 'stable')).toMatchObject({ status: 'CREATE_FAILED', failureReason: 'one' });
    await deleteEndpoint(id, 'stable');
    expect(await getEndpoint(id, 'stable')).toMatchObject({ status: 'DELETE_FAILED', failureReason: 'two' });
    await deleteEndpoint(id, 'stable');
    expect((await errorOf(getEndpoint(id, 'stable'))).name).toBe('ResourceNotFoundException');
  });
});
