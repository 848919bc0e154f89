import { stringified } from '../../../../src/local/deployer/protocol/event';
import { checkResponse } from '../../../../src/local/deployer/protocol/response';

const event = { RequestType: 'Create' as const, StackId: 'stack', RequestId: 'request', ResourceType: 'Custom::X', LogicalResourceId: 'logical' };
const good = { Status: 'SUCCESS', PhysicalResourceId: 'id', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'logical', Data: { A: 'a' } };
const check = (body: unknown) => checkResponse(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), event);

test('a good answer', () => {
  expect(check(good)).toEqual({ status: 'SUCCESS', physicalId: 'id', data: { A: 'a' } });
  expect(check({ ...good, Data: undefined })).toEqual({ status: 'SUCCESS', physicalId: 'id', data: {} });
  expect(check({ ...good, Data: { A: ['x', 1], B: true } })).toMatchObject({ status: 'SUCCESS' });
});

test('a failure carries its reason and its id', () => {
  expect(check({ ...good, Status: 'FAILED', Reason: 'no' })).toEqual({
    status: 'FAILED', physicalId: 'id', reason: 'Received response status [FAILED] from custom resource. Message returned: no (RequestId: request)',
  });
});

test('4096 bytes are taken, one more is too long: bytes of the whole body, not characters', () => {
  const bare = Buffer.byteLength(JSON.stringify({ ...good, Data: { A: '' } }));
  const room = 4096 - bare;
  const fits = 'ü'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2);
  expect(check({ ...good, Data: { A: fits } })).toMatchObject({ status: 'SUCCESS' });
  expect(check({ ...good, Data: { A: `${fits}x` } })).toEqual({ status: 'FAILED', physicalId: undefined, reason: expect.stringContaining('Response object is too long. (4097 bytes') });
});

test.each<[string, unknown, string]>([
  ['no JSON', 'Error', 'not valid JSON'],
  ['no object', '[]', 'not a JSON object'],
  ['an empty id', { ...good, PhysicalResourceId: '' }, 'Invalid PhysicalResourceId (0 characters'],
  ['no id', { ...good, PhysicalResourceId: undefined }, 'Invalid PhysicalResourceId (none'],
  ['a long id', { ...good, PhysicalResourceId: 'x'.repeat(1025) }, 'Invalid PhysicalResourceId (1025 characters'],
  ['a failure without an id', { ...good, Status: 'FAILED', Reason: 'no', PhysicalResourceId: '' }, 'Invalid PhysicalResourceId'],
  ['a failure without a reason', { ...good, Status: 'FAILED' }, 'no Reason'],
  ['another status', { ...good, Status: 'OK' }, 'Invalid response status "OK"'],
  ['another request', { ...good, RequestId: 'other' }, 'Invalid RequestId in the response: "other"'],
  ['another stack', { ...good, StackId: undefined }, 'Invalid StackId in the response: none'],
  ['another resource', { ...good, LogicalResourceId: 'x' }, 'Invalid LogicalResourceId'],
  ['nested data', { ...good, Data: { A: { B: 1 } } }, 'A is an object'],
  ['null in data', { ...good, Data: { A: null } }, 'A is null'],
  ['data that is a list', { ...good, Data: ['x'] }, 'it is not an object'],
])('%s is a failure', (_, body, reason) => {
  expect(check(body)).toMatchObject({ status: 'FAILED', reason: expect.stringContaining(reason) });
});

test('scalars of properties become strings, however deep', () => {
  expect(stringified({ a: 1, b: true, c: [1.5, { d: false, e: [] }], f: 'x', g: {} })).toEqual({ a: '1', b: 'true', c: ['1.5', { d: 'false', e: [] }], f: 'x', g: {} });
});
