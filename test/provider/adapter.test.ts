import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { handle } from '../../src/provider/adapter';
import { CustomResourceEvent } from '../../src/provider/event';
import { MemoryLedger } from '../../src/provider/ledger';
import { Lifecycle, ResourceFailure } from '../../src/provider/lifecycle';
import { FakeClock } from '../util/fake-clock';

let server: Server;
let answers: any[];
let logged: string[];
let event: CustomResourceEvent;

beforeEach(async () => {
  answers = [];
  logged = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    answers.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  event = {
    RequestType: 'Create',
    ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/?X-Amz-Signature=credential`,
    StackId: 'stack',
    RequestId: 'request',
    ResourceType: 'Custom::Thing',
    LogicalResourceId: 'Thing',
    ResourceProperties: { Secret: 'hunter2' },
  };
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const fine: Lifecycle = {
  create: async () => ({ physicalId: 'made', attributes: { Colour: 'red' } }),
  update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
  remove: async () => {},
  fallbackId: () => 'fallback',
};

async function answerTo(change: Partial<CustomResourceEvent>, lifecycle: Partial<Lifecycle> = {}, millis = 60_000): Promise<any> {
  await handle({ ...event, ...change }, { logGroupName: 'group', logStreamName: 'stream', getRemainingTimeInMillis: () => millis }, {
    clock: new FakeClock(),
    ledger: new MemoryLedger(new FakeClock()),
    log: (notice, fields) => logged.push(JSON.stringify({ notice, ...fields })),
    logUrl: 'https://logs',
    lifecycles: { 'Custom::Thing': { ...fine, ...lifecycle } },
  });
  expect(answers.length).toBeLessThanOrEqual(1);
  return answers[0];
}

const failing = (error: Error) => async () => Promise.reject(error);

test('a success carries id and attributes', async () => {
  expect(await answerTo({})).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'made', Data: { Colour: 'red' }, StackId: 'stack', RequestId: 'request' });
});

test('a failed create answers with the id that is known, so that the Delete that follows can finish the job', async () => {
  expect(await answerTo({}, { create: failing(new ResourceFailure('half done', 'half-0123456789')) }))
    .toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'half-0123456789', Reason: 'half done (log: https://logs)' });
});

test('a failed create without any id answers with the fallback, never with an empty one', async () => {
  expect(await answerTo({}, { create: failing(new Error('no')) })).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'fallback' });
});

test('a failed update keeps the id that CloudFormation knows, whatever was made meanwhile', async () => {
  const update = failing(new ResourceFailure('replacement failed', 'new-0123456789'));
  expect(await answerTo({ RequestType: 'Update', PhysicalResourceId: 'old' }, { update })).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'old' });
});

test('a delete answers with its id', async () => {
  expect(await answerTo({ RequestType: 'Delete', PhysicalResourceId: 'old' })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'old' });
});

test('a delete answers with what it comes to', async () => {
  const asked = { RequestType: 'Delete', PhysicalResourceId: 'old' } as const;
  expect(await answerTo(asked, { remove: async ({ physicalId }) => ({ physicalId, attributes: { Colour: 'none' } }) })).toMatchObject({ Data: { Colour: 'none' } });
});

test.each(['Create', 'Update', 'Delete'] as const)('a %s that another call answers is not answered', async (RequestType) => {
  const elsewhere = async () => ({ answeredElsewhere: true } as const);
  expect(await answerTo({ RequestType, PhysicalResourceId: 'old' }, { create: elsewhere, update: elsewhere, remove: elsewhere })).toBeUndefined();
});

test('where an earlier call has left off reaches the lifecycle', async () => {
  const create: Lifecycle['create'] = async ({ continuation }) => ({ physicalId: 'made', attributes: { Step: JSON.stringify(continuation) } });
  expect(await answerTo({ Continuation: { step: 2 } }, { create })).toMatchObject({ Status: 'SUCCESS', Data: { Step: '{"step":2}' } });
});

test('an unknown resource type is a failure that names the known ones', async () => {
  expect(await answerTo({ ResourceType: 'Custom::Other' })).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('Custom::Other is none of Custom::Thing') });
});

test('answers before its time runs out', async () => {
  const create: Lifecycle['create'] = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  expect(await answerTo({}, { create }, 20)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('gave up') });
});

test('answers before its time runs out even if a call never returns', async () => {
  expect(await answerTo({}, { create: () => new Promise(() => {}) }, 20)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('gave up') });
});

test('neither the ResponseURL nor a property is ever logged', async () => {
  await answerTo({}, { create: failing(new Error('no')) });
  expect(logged.join()).toContain('request');
  expect(logged.join()).not.toMatch(/X-Amz-Signature|hunter2/);
});
