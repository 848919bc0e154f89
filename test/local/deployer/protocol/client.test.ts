import { Clock, SYSTEM_CLOCK } from '../../../../src/client/clock';
import { LocalFunction } from '../../../../src/local/deployer/lambda/function';
import { InvokeServer } from '../../../../src/local/deployer/lambda/invoke-server';
import { LambdaRunner } from '../../../../src/local/deployer/lambda/runner';
import { CustomResourceClient, CustomResourceClientOptions } from '../../../../src/local/deployer/protocol/client';
import { functionOf } from '../lambda/function-under-test';
import { ManualClock } from '../manual-clock';

const event = {
  RequestType: 'Create' as const,
  StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/S/1',
  RequestId: 'request',
  ResourceType: 'Custom::X',
  LogicalResourceId: 'Logical',
  ResourceProperties: { ServiceToken: 'arn', Count: '1' },
};

/** Answers as a handler that speaks the protocol itself does. */
const ANSWER = `
  const answer = (event, more, headers = {}) => new Promise((resolve, reject) => {
    const body = JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'id', StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...more });
    const request = require('node:http').request(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body), ...headers } },
      (response) => { response.resume(); response.on('end', () => resolve(response.statusCode)); });
    request.on('error', reject);
    request.end(body);
  });
`;

let logged: string[];
beforeEach(() => { logged = []; });

function client(more: Partial<CustomResourceClientOptions> = {}, clock: Clock = SYSTEM_CLOCK) {
  const invoker = new LambdaRunner({ endpoint: 'http://127.0.0.1:9', lambdaEndpoint: async () => 'http://127.0.0.1:8', clock, onLog: ({ line }) => logged.push(line) });
  return new CustomResourceClient({ invoker, clock, ...more });
}

async function send(target: LocalFunction, more: Partial<CustomResourceClientOptions> = {}) {
  const sender = client(more);
  const response = await sender.send(target, event, 3_600);
  await sender.drain();
  return response;
}

test('a function answers its event', async () => {
  const target = functionOf(`${ANSWER} exports.handler = async (event) => { await answer(event, { Data: { Got: event.RequestType + event.ResourceProperties.Count } }); };`);
  expect(await send(target)).toEqual({ status: 'SUCCESS', physicalId: 'id', data: { Got: 'Create1' } });
});

test('only a PUT to the exact address, with a length and without a content type, is an answer', async () => {
  const target = functionOf(`${ANSWER} exports.handler = async (event) => {
    console.log(await answer(event, {}, { 'content-type': 'application/json' }));
    console.log(await answer({ ...event, ResponseURL: event.ResponseURL.split('?')[0] }, {}));
    console.log((await fetch(event.ResponseURL)).status);
    console.log(await answer(event, { PhysicalResourceId: 'right' }));
    console.log(await answer(event, { PhysicalResourceId: 'too late' }));
  };`);
  expect(await send(target)).toMatchObject({ status: 'SUCCESS', physicalId: 'right' });
  expect(logged).toEqual(['403', '403', '403', '200', '200']);
});

test('a function that ends without an answer fails at once', async () => {
  expect(await send(functionOf('exports.handler = async () => {};'))).toEqual({
    status: 'FAILED', reason: expect.stringMatching(/^Function fn sent no response for requestId \[request\]; it ended without an error\./),
  });
});

test('a function that fails gets the same event again, and may answer then', async () => {
  const source = `${ANSWER} exports.handler = async (event, context) => {
    console.log(event.RequestId + ' ' + context.awsRequestId);
    throw new Error('broken');
  };`;
  expect(await send(functionOf(source, { retryAttempts: 2 }))).toEqual({ status: 'FAILED', reason: expect.stringContaining('it failed: Error: broken') });
  expect(logged).toEqual(Array(3).fill('request request'));
});

test('the service time-out ends the wait, though the function goes on', async () => {
  const clock = new ManualClock();
  const sender = client({}, clock);
  const target = functionOf(`${ANSWER} exports.handler = () => new Promise(() => { setInterval(() => {}, 1000); });`, { timeoutSeconds: 900 });
  const response = sender.send(target, event, 60);
  // the function's own time-out is set once it runs
  await clock.sleeping(900_000);
  clock.advance(60_000);
  expect(await response).toEqual({ status: 'FAILED', reason: expect.stringContaining('within 60 s') });
  clock.advance(840_000);
  await sender.drain();
});

test('an answer is taken though the function fails afterwards, without another try', async () => {
  const target = functionOf(`${ANSWER} exports.handler = async (event) => { console.log('called'); await answer(event, {}); throw new Error('late'); };`, { retryAttempts: 2 });
  expect(await send(target)).toMatchObject({ status: 'SUCCESS' });
  expect(logged).toEqual(['called']);
});

test('once CloudFormation has given up, an answer goes nowhere, but is taken and told of', async () => {
  const told: string[] = [];
  let answered = () => {};
  const sender = client({
    giveUp: async (_, settled) => {
      expect(settled.aborted).toBe(false);
      return 'creation cancelled';
    },
    onAnswer: (_, { status }) => { told.push(status); answered(); },
  });
  const late = new Promise<void>((resolve) => { answered = resolve; });
  expect(await sender.send(functionOf(`${ANSWER} exports.handler = async (event) => { console.log(await answer(event, {})); };`), event, 3_600))
    .toEqual({ status: 'FAILED', reason: 'creation cancelled' });
  await late;
  await sender.drain();
  expect([told, logged]).toEqual([['SUCCESS'], ['200']]);
});

test('who need not give up hears that the event is settled', async () => {
  let signal!: AbortSignal;
  const target = functionOf(`${ANSWER} exports.handler = async (event) => { await answer(event, {}); };`);
  const giveUp = async (_: unknown, settled: AbortSignal) => { signal = settled; return undefined; };
  expect(await send(target, { giveUp })).toMatchObject({ status: 'SUCCESS' });
  expect(signal.aborted).toBe(true);
});

test('an answer that is taken though its sender hears nothing counts', async () => {
  const target = functionOf(`${ANSWER} exports.handler = async (event) => { console.log(await answer(event, {}).catch((error) => error.code)); };`);
  expect(await send(target, { behaviour: () => ({ reply: 'reset', taken: true }) })).toMatchObject({ status: 'SUCCESS' });
  expect(logged).toEqual(['ECONNRESET']);
});

test('the seams: faults of the response server, and duplicate deliveries', async () => {
  const target = functionOf(`${ANSWER} exports.handler = async (event) => {
    for (let i = 0; i < 3; i++) console.log(await answer(event, {}).catch((error) => error.code));
  };`);
  const response = await send(target, {
    behaviour: (_, request) => (['reset', { status: 500 }, 'accept'] as const)[request] ?? 'accept',
    delivery: async (sent, deliver) => { await deliver(sent); return deliver(sent); },
  });
  expect(response).toMatchObject({ status: 'SUCCESS' });
  expect(logged).toEqual(['ECONNRESET', '500', '200', '200', '200', '200']);
});

describe('a function that calls itself', () => {
  /** Calls the function with the same event and the next `Continuation`. */
  const CALL = `
    const callAgain = async (event) => {
      const { status } = await fetch(process.env.AWS_ENDPOINT_URL_LAMBDA + '/2015-03-31/functions/' + process.env.AWS_LAMBDA_FUNCTION_NAME + '/invocations', {
        method: 'POST', headers: { 'x-amz-invocation-type': 'Event', 'x-amz-security-token': process.env.AWS_SESSION_TOKEN },
        body: JSON.stringify({ ...event, Continuation: (event.Continuation ?? 0) + 1 }),
      });
      console.log('call ' + status);
    };
  `;
  let lambda: InvokeServer;
  afterEach(() => lambda.close());

  /** A client whose functions find that one. */
  function chained(target: LocalFunction, more: Partial<CustomResourceClientOptions> = {}, onLog = (_line: string) => {}): CustomResourceClient {
    const invoker = new LambdaRunner({
      endpoint: 'http://127.0.0.1:9',
      lambdaEndpoint: () => lambda.url(),
      clock: SYSTEM_CLOCK,
      onLog: ({ line, requestId }) => { logged.push(`${requestId}: ${line}`); onLog(line); },
    });
    const sender = new CustomResourceClient({ invoker, clock: SYSTEM_CLOCK, ...more });
    lambda = new InvokeServer({ find: (name) => (name === 'fn' ? target : undefined), invoke: (...args) => sender.invoke(...args) });
    return sender;
  }

  test('may answer from a later call, whose log lines are those of the request', async () => {
    const target = functionOf(`${ANSWER}${CALL} exports.handler = async (event) => {
      console.log('at ' + event.Continuation);
      if (event.Continuation === 2) await answer(event, {});
      else await callAgain(event);
    };`);
    const sender = chained(target);
    expect(await sender.send(target, event, 3_600)).toMatchObject({ status: 'SUCCESS', physicalId: 'id' });
    await sender.drain();
    // a call may begin before the earlier one has written what it heard
    expect(logged.filter((line) => line.includes('at '))).toEqual(['request: at undefined', 'request: at 1', 'request: at 2']);
    expect(logged.filter((line) => line.includes('call '))).toEqual(['request: call 202', 'request: call 202']);
  });

  test('fails once the last call has ended without an answer', async () => {
    const target = functionOf(`${ANSWER}${CALL} exports.handler = async (event) => { if (!event.Continuation) await callAgain(event); };`);
    const sender = chained(target);
    expect(await sender.send(target, event, 3_600)).toEqual({ status: 'FAILED', reason: expect.stringContaining('sent no response for requestId [request]; it ended without an error') });
    expect(logged).toEqual(['request: call 202']);
  });

  test('has each call tried again as the function allows, and the failure told', async () => {
    const target = functionOf(`${ANSWER}${CALL} exports.handler = async (event) => {
      if (!event.Continuation) return callAgain(event);
      console.log('trying');
      throw new Error('broken later');
    };`, { retryAttempts: 1 });
    const sender = chained(target);
    expect(await sender.send(target, event, 3_600)).toEqual({ status: 'FAILED', reason: expect.stringContaining('it failed: Error: broken later') });
    expect(logged.filter((line) => line.includes('trying'))).toHaveLength(2);
  });

  test('is one delivery to the seams, ended with the last call', async () => {
    const target = functionOf(`${ANSWER}${CALL} exports.handler = async (event) => {
      if (event.Continuation) await answer(event, {});
      else await callAgain(event);
    };`);
    const told: string[] = [];
    const sender = chained(target, {
      onAnswer: () => told.push('answer'),
      delivery: async (sent, deliver) => {
        const outcome = await deliver(sent);
        told.push('delivered');
        return outcome;
      },
    });
    await sender.send(target, event, 3_600);
    await sender.drain();
    expect(told).toEqual(['answer', 'delivered']);
  });

  test('is waited for after CloudFormation has given up, and still finds where to answer', async () => {
    let begun = () => {};
    const running = new Promise<void>((resolve) => { begun = resolve; });
    const target = functionOf(`${ANSWER}${CALL} exports.handler = async (event) => {
      console.log('begun');
      if (event.Continuation === 2) console.log(await answer(event, {}));
      else await callAgain(event);
    };`);
    const sender = chained(target, { giveUp: async () => { await running; return 'cancelled'; } }, begun);
    expect(await sender.send(target, event, 3_600)).toEqual({ status: 'FAILED', reason: 'cancelled' });
    await sender.drain();
    expect(logged).toContain('request: 200');
  });
});
