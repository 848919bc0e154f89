import * as fc from 'fast-check';
import { CustomResourceEvent } from '../../src/provider/event';
import { head, MAX_RESPONSE_BYTES, responseBody, tail } from '../../src/provider/response';

const EVENT: CustomResourceEvent = {
  RequestType: 'Create',
  ResponseURL: 'http://127.0.0.1/secret',
  StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/demo/6e9c1d50-0000-0000-0000-000000000000',
  RequestId: '6e9c1d50-0000-0000-0000-000000000001',
  ResourceType: 'Custom::AgentCoreCommand',
  LogicalResourceId: 'Check',
};

const anyText = fc.oneof(
  fc.string({ maxLength: 9_000 }),
  fc.string({ unit: 'binary', maxLength: 9_000 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 9_000 }).map((units) => String.fromCharCode(...units)),
);
const bytesOf = (text: string) => Buffer.byteLength(text, 'utf8');
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');

test('a success never takes more than 4,096 bytes, keeps the ends of both streams, and says when something is missing', () => {
  fc.assert(fc.property(anyText, anyText, (Stdout, Stderr) => {
    const body = responseBody(EVENT, { physicalId: 'id', attributes: { ExitCode: '0', Stdout, Stderr, Truncated: 'false' } });
    expect(bytesOf(body)).toBeLessThanOrEqual(MAX_RESPONSE_BYTES);
    const { Data } = JSON.parse(body);
    expect(wellFormed(Stdout).endsWith(Data.Stdout)).toBe(true);
    expect(wellFormed(Stderr).endsWith(Data.Stderr)).toBe(true);
    const whole = Data.Stdout === wellFormed(Stdout) && Data.Stderr === wellFormed(Stderr);
    expect(Data.Truncated).toBe(String(!whole));
  }), { numRuns: 200 });
});

test('a failure never takes more than 4,096 bytes and keeps the beginning of the reason', () => {
  fc.assert(fc.property(anyText, (reason) => {
    const body = responseBody(EVENT, { physicalId: 'id', reason });
    expect(bytesOf(body)).toBeLessThanOrEqual(MAX_RESPONSE_BYTES);
    expect(wellFormed(reason).startsWith(JSON.parse(body).Reason)).toBe(true);
  }), { numRuns: 200 });
});

test('uses the whole room: one stream gets what the other one leaves', () => {
  const body = responseBody(EVENT, { physicalId: 'id', attributes: { Stdout: 'x'.repeat(9_000), Stderr: 'short', Truncated: 'false' } });
  // `Truncated` could have taken one byte more
  expect(bytesOf(body)).toBe(MAX_RESPONSE_BYTES - 1);
  expect(JSON.parse(body).Data.Stderr).toBe('short');
});

test('what was truncated before stays marked', () => {
  const body = responseBody(EVENT, { physicalId: 'id', attributes: { Stdout: 'end', Stderr: '', Truncated: 'true' } });
  expect(JSON.parse(body).Data).toEqual({ Stdout: 'end', Stderr: '', Truncated: 'true' });
});

test('attributes without output are passed as they are, with what CloudFormation requires', () => {
  const body = responseBody(EVENT, { physicalId: 'demo-0123456789', attributes: { AgentRuntimeVersion: '2', FailureReason: '' } });
  expect(JSON.parse(body)).toEqual({
    Status: 'SUCCESS',
    PhysicalResourceId: 'demo-0123456789',
    StackId: EVENT.StackId,
    RequestId: EVENT.RequestId,
    LogicalResourceId: 'Check',
    Data: { AgentRuntimeVersion: '2', FailureReason: '' },
  });
});

test('head and tail are the longest that fit, counted in bytes of JSON', () => {
  expect(head('a"b', 3)).toBe('a"');
  expect(tail('a"b', 3)).toBe('"b');
  expect(tail('日本', 5)).toBe('本');
  expect(tail('abc', 0)).toBe('');
});
