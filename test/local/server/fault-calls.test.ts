import { InvokeAgentRuntimeCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand, ListAgentRuntimesCommand, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CreateLogGroupCommand, CreateLogStreamCommand, GetLogEventsCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { codeArtifact, containerInput, errorOf, Harness, ROLE_ARN } from './support/harness';
import { zipOf } from './support/zip';
import { ERROR_STATUS, isRolePropagation } from '../../../src/service/errors';

/** The SDK wraps errors of another realm, which Node's are in here: of their code the message is left. */
const LOST = /ECONNRESET|socket hang up/;

const SESSION = 'a-session-id-of-at-least-33-characters';

let harness: Harness;
beforeEach(async () => { harness = await Harness.start(); });
afterEach(async () => harness.end());

const plan = async (...service: object[]) => harness.setFaults(...service);

async function applied(): Promise<number[]> {
  const { service }: any = await (await fetch(`${harness.endpoint}/_local/faults`)).json();
  return service.map((entry: any) => entry.applied);
}

const create = async (name: string) => harness.control().send(new CreateAgentRuntimeCommand(containerInput(name)));
const list = async () => {
  const { agentRuntimes } = await harness.control().send(new ListAgentRuntimesCommand({}));
  return agentRuntimes!.map(({ agentRuntimeName }) => agentRuntimeName);
};

describe('/_local/faults', () => {
  test('tells the faults as they are in the plan, and how often each was applied', async () => {
    const fault = { kind: 'error', operation: 'ListAgentRuntimes', error: 'ThrottlingException', skip: 1, times: 'always' };
    await plan(fault, { kind: 'loseAnswer', operation: 'DeleteAgentRuntime' });
    await list();
    await errorOf(list());
    await errorOf(list());
    expect(await (await fetch(`${harness.endpoint}/_local/faults/`)).json()).toEqual({
      version: 1,
      service: [
        { fault, calls: 3, applied: 2 },
        { fault: { kind: 'loseAnswer', operation: 'DeleteAgentRuntime', skip: 0, times: 1 }, calls: 0, applied: 0 },
      ],
    });
    expect(harness.logged).toEqual([
      'fault plan: service[0] error strikes ListAgentRuntimes (1)',
      'fault plan: service[0] error strikes ListAgentRuntimes (2)',
    ]);
  });

  test('an empty plan ends all faults', async () => {
    await plan({ kind: 'error', operation: 'ListAgentRuntimes', error: 'ThrottlingException', times: 'always' });
    await errorOf(list());
    await plan();
    expect(await list()).toEqual([]);
  });

  test('a plan that is wrong is refused, and the one before stays', async () => {
    await plan({ kind: 'error', operation: 'ListAgentRuntimes', error: 'ThrottlingException' });
    const wrong = [['{"version":1,"service":[{"kind":"x"}]}', 'service[0].kind: "x" is not one of'], ['{}', 'version: is missing'], ['', 'is not an object']];
    for (const [body, message] of wrong) {
      const response = await fetch(`${harness.endpoint}/_local/faults`, { method: 'PUT', body });
      expect([response.status, (await response.json() as any).message]).toEqual([400, expect.stringContaining(message)]);
    }
    expect((await fetch(`${harness.endpoint}/_local/faults`, { method: 'DELETE' })).status).toBe(405);
    expect((await errorOf(list())).name).toBe('ThrottlingException');
  });

  test('a web page of elsewhere cannot set faults', async () => {
    const response = await fetch(`${harness.endpoint}/_local/faults`, { method: 'PUT', body: '{"version":1}', headers: { origin: 'https://example.com' } });
    expect(response.status).toBe(403);
  });
});

test('a server can be started with faults', async () => {
  const faulty = await Harness.start({ faults: [{ kind: 'error', operation: 'ListAgentRuntimes', error: 'ServiceUnavailableException', skip: 0, times: 1 }] });
  try {
    expect((await errorOf(faulty.control().send(new ListAgentRuntimesCommand({})))).name).toBe('ServiceUnavailableException');
    expect((await faulty.control().send(new ListAgentRuntimesCommand({}))).agentRuntimes).toEqual([]);
  } finally {
    await faulty.end();
  }
});

describe('error', () => {
  test.each(Object.entries(ERROR_STATUS))('%s is answered with %d, and nothing is done', async (error, status) => {
    await plan({ kind: 'error', operation: 'CreateAgentRuntime', error, message: `told to: ${error}` });
    expect(await errorOf(create('coder'))).toMatchObject({ name: error, message: `told to: ${error}`, $metadata: { httpStatusCode: status } });
    expect(await list()).toEqual([]);
    await create('coder');
    expect(await list()).toEqual(['coder']);
  });

  test('strikes only the runtime that it names, by name, id or ARN', async () => {
    const [coder, other] = [await create('coder'), await create('other')];
    await plan(
      { kind: 'error', operation: 'GetAgentRuntime', runtime: 'coder', error: 'InternalServerException' },
      { kind: 'error', operation: 'StopRuntimeSession', runtime: 'coder', error: 'ThrottlingException' },
      { kind: 'error', operation: 'CreateAgentRuntime', runtime: 'third', error: 'ConflictException' },
    );
    const get = async (agentRuntimeId?: string) => harness.control().send(new GetAgentRuntimeCommand({ agentRuntimeId }));
    const runtimeSessionId = SESSION;
    const stop = async (agentRuntimeArn?: string) => harness.data().send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId }));
    expect((await get(other.agentRuntimeId)).status).toBe('READY');
    expect((await errorOf(get(coder.agentRuntimeId))).name).toBe('InternalServerException');
    expect((await errorOf(stop(other.agentRuntimeArn))).name).toBe('ResourceNotFoundException');
    expect((await errorOf(stop(coder.agentRuntimeArn))).name).toBe('ThrottlingException');
    expect((await errorOf(create('third'))).name).toBe('ConflictException');
    expect(await applied()).toEqual([1, 1, 1]);
  });

  test('RuntimeClientError without a message says that it comes from the plan', async () => {
    const { agentRuntimeArn } = await create('coder');
    await plan({ kind: 'error', operation: 'InvokeAgentRuntime', error: 'RuntimeClientError' });
    const error = await errorOf(harness.data().send(new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: Buffer.from('{}') })));
    expect(error).toMatchObject({ name: 'RuntimeClientError', message: 'RuntimeClientError, as the fault plan says', $metadata: { httpStatusCode: 424 } });
  });

  test('CloudWatch Logs answers in its own protocol', async () => {
    const logs = harness.cloudWatchLogs();
    await plan(
      { kind: 'error', operation: 'PutLogEvents', error: 'ThrottlingException', message: 'Rate exceeded' },
      { kind: 'error', operation: 'PutLogEvents', error: 'ServiceUnavailableException' },
      { kind: 'error', operation: 'PutLogEvents', error: 'ValidationException' },
    );
    const put = async () => logs.send(new PutLogEventsCommand({ logGroupName: 'g', logStreamName: 's', logEvents: [{ timestamp: 1, message: 'm' }] }));
    expect(await errorOf(put())).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } });
    expect(await errorOf(put())).toMatchObject({ name: 'ServiceUnavailableException', $metadata: { httpStatusCode: 503 } });
    expect(await errorOf(put())).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    expect((await errorOf(put())).name).toBe('ResourceNotFoundException');
  });
});

test.each([
  ['roleNotPropagated', ROLE_ARN],
  ['imageAccessNotPropagated', 'agent:1'],
])('%s is what clients know a new role by, until it has spread', async (kind, named) => {
  await plan({ kind, operation: 'CreateAgentRuntime', times: 2 }, { kind, operation: 'UpdateAgentRuntime' });
  for (let i = 0; i < 2; i++) {
    const { name, message } = await errorOf(create('coder'));
    expect([isRolePropagation(name, message), message]).toEqual([true, expect.stringContaining(named)]);
  }
  const { agentRuntimeId } = await create('coder');
  const { agentRuntimeName, ...input } = containerInput('coder');
  const error = await errorOf(harness.control().send(new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId })));
  expect(isRolePropagation(error.name, error.message)).toBe(true);
});

test.each([
  [undefined, 'ValidationException', 400, /^Failed creating service linked role\. Please verify/],
  ['ValidationException', 'ValidationException', 400, /^Failed creating service linked role\. Please verify/],
  ['ServiceQuotaExceededException', 'ServiceQuotaExceededException', 402, /^Failed creating service linked role\. Rate limit exceeded from IAM$/],
])('serviceLinkedRoleNotCreated with error %s is %s', async (member, name, status, words) => {
  await plan({ kind: 'serviceLinkedRoleNotCreated', operation: 'CreateAgentRuntime', ...(member ? { error: member } : {}) });
  const error = await errorOf(create('coder'));
  expect(error).toMatchObject({ name, message: expect.stringMatching(words), $metadata: { httpStatusCode: status } });
  expect(isRolePropagation(error.name, error.message)).toBe(true);
  await expect(create('coder')).resolves.toMatchObject({ agentRuntimeId: expect.stringMatching(/^coder-/) });
});

test('accessDeniedWhenGone strikes only where the runtime is not there', async () => {
  const { agentRuntimeId } = await create('coder');
  await plan({ kind: 'accessDeniedWhenGone', operation: 'DeleteAgentRuntime', runtime: 'coder' });
  const remove = async () => harness.control().send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
  await remove();
  expect(await applied()).toEqual([0]);
  expect(await errorOf(remove())).toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining('not authorized to perform: bedrock-agentcore:DeleteAgentRuntime') });
  expect((await errorOf(remove())).name).toBe('ResourceNotFoundException');
});

describe('lost connections', () => {
  test('loseRequest: nothing is done', async () => {
    await plan({ kind: 'loseRequest', operation: 'CreateAgentRuntime' });
    expect(await errorOf(create('coder'))).toHaveProperty('message', expect.stringMatching(LOST));
    expect(await list()).toEqual([]);
  });

  test('loseAnswer: all is done', async () => {
    await plan({ kind: 'loseAnswer', operation: 'CreateAgentRuntime' });
    expect(await errorOf(create('coder'))).toHaveProperty('message', expect.stringMatching(LOST));
    expect(await list()).toEqual(['coder']);
  });

  test('loseAnswer loses an error, too', async () => {
    await create('coder');
    await plan({ kind: 'loseAnswer', operation: 'CreateAgentRuntime' });
    expect(await errorOf(create('coder'))).toHaveProperty('message', expect.stringMatching(LOST));
    expect(await list()).toEqual(['coder']);
  });

  test('loseAnswer: events have been logged', async () => {
    const logs = harness.cloudWatchLogs();
    const at = { logGroupName: 'g', logStreamName: 's' };
    await logs.send(new CreateLogGroupCommand(at));
    await logs.send(new CreateLogStreamCommand(at));
    await plan({ kind: 'loseAnswer', operation: 'PutLogEvents' });
    expect(await errorOf(logs.send(new PutLogEventsCommand({ ...at, logEvents: [{ timestamp: 1, message: 'm' }] })))).toHaveProperty('message', expect.stringMatching(LOST));
    expect((await logs.send(new GetLogEventsCommand(at))).events).toMatchObject([{ message: 'm' }]);
  });

  test('loseAnswer: the agent was invoked, the session was stopped', async () => {
    await fetch(`${harness.endpoint}/_local/objects/code/agent.zip`, { method: 'PUT', body: await zipOf([{ name: 'main.mjs', content: '' }]) as any });
    const input = { ...containerInput('agent'), agentRuntimeArtifact: codeArtifact('code', 'agent.zip') };
    const { agentRuntimeArn } = await harness.control().send(new CreateAgentRuntimeCommand(input));
    const at = { agentRuntimeArn, runtimeSessionId: SESSION };
    await plan({ kind: 'loseAnswer', operation: 'InvokeAgentRuntime' }, { kind: 'loseAnswer', operation: 'StopRuntimeSession' });
    expect(await errorOf(harness.data().send(new InvokeAgentRuntimeCommand({ ...at, payload: Buffer.from('{}') })))).toHaveProperty('message', expect.stringMatching(LOST));
    expect(harness.sessions.requests).toHaveLength(1);
    expect(await errorOf(harness.data().send(new StopRuntimeSessionCommand(at)))).toHaveProperty('message', expect.stringMatching(LOST));
    expect(harness.sessions.list()).toEqual([]);
    // the losses themselves are no failures of the server
    expect(harness.logged.filter((line) => !line.startsWith('fault plan: '))).toEqual([]);
  });
});
