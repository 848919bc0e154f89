import * as fc from 'fast-check';
import { endpointArn, formatRuntimeArn, parseRuntimeArn } from '../../src/service/arn';
import { validateCommandText, validateCommandTimeout, validateCommandWords } from '../../src/service/command';
import { validateLifecycle, withLifecycleDefaults } from '../../src/service/lifecycle';
import { isRuntimeId, validateEndpointName, validateRuntimeName } from '../../src/service/names';
import { logStreamUrl } from '../../src/service/partition';
import { composeSessionId, validateSessionId } from '../../src/service/session-id';
import { validateSizeInGiB } from '../../src/service/storage-size';

test.each([[1, true], [100, true], [0, false], [101, false], [1.5, false], [-1, false], [NaN, false], [Infinity, false]])('a size of %d GiB: %s', (size, allowed) => {
  expect(validateSizeInGiB(size).length === 0).toBe(allowed);
});

test.each([[1, true], [840, true], [841, false], [0, false], [1.5, false], [NaN, false]])('a time-out of %d s of at most 840: %s', (seconds, allowed) => {
  expect(validateCommandTimeout(seconds, 840).length === 0).toBe(allowed);
});

test.each([[0, false], [1, true], [65_536, true], [65_537, false]])('a command of %d characters: %s', (length, allowed) => {
  expect(validateCommandText('x'.repeat(length)).length === 0).toBe(allowed);
});

test('a command holds no null character', () => {
  expect(validateCommandText('echo a\0b')).toEqual([expect.stringContaining('null character')]);
});

test.each([['true', true], [['true', ''], true], ['', false], [' \n', false], [[], false], [['', 'x'], false]])('the words %j: %s', (words, allowed) => {
  expect(validateCommandWords(words as string | string[]).length === 0).toBe(allowed);
});

test.each([[32, false], [33, true], [256, true], [257, false]])('a session id of %d characters: %s', (length, allowed) => {
  expect(validateSessionId('x'.repeat(length)).length === 0).toBe(allowed);
});

test('composed session ids fit requests and responses, and differ where the digest does', () => {
  const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), digest, (label, hex) => {
    const id = composeSessionId(label, hex);
    expect(validateSessionId(id)).toEqual([]);
    expect(id).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9-_]{32,99}$/);
    expect(id.endsWith(hex.slice(0, 32))).toBe(true);
  }));
});

test.each([['a', true], ['A_1', true], ['x'.repeat(48), true], ['x'.repeat(49), false], ['1a', false], ['my-agent', false], ['', false]])('the name %j: %s', (name, allowed) => {
  expect(validateRuntimeName(name).length === 0).toBe(allowed);
  expect(validateEndpointName(name).length === 0).toBe(allowed);
});

test('ids of runtimes are told from ids that CloudFormation invents', () => {
  expect(isRuntimeId('coder-0123456789')).toBe(true);
  expect(isRuntimeId('demo-Agent-1A2B3C4D5E6F')).toBe(false);
  expect(isRuntimeId('no-runtime/Agent')).toBe(false);
});

test('ARNs are read and written alike', () => {
  const parts = fc.record({
    partition: fc.constantFrom('aws', 'aws-cn', 'aws-us-gov'),
    region: fc.constantFrom('us-east-1', 'cn-north-1', 'us-gov-west-1'),
    account: fc.stringMatching(/^[0-9]{12}$/),
    runtimeId: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,47}-[a-zA-Z0-9]{10}$/),
    endpointName: fc.option(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,47}$/), { nil: undefined }),
  });
  fc.assert(fc.property(parts, (given) => {
    expect(parseRuntimeArn(formatRuntimeArn(given))).toEqual(given);
  }));
  expect(parseRuntimeArn('arn:aws:bedrock-agentcore:us-east-1:111122223333:agent/x:1')).toBeUndefined();
  expect(endpointArn('arn')).toBe('arn/runtime-endpoint/DEFAULT');
});

test('life times: defaults, and a short maximum pulls the idle time down', () => {
  expect(withLifecycleDefaults()).toEqual({ idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 });
  expect(withLifecycleDefaults({ maxLifetime: 600 })).toEqual({ idleRuntimeSessionTimeout: 600, maxLifetime: 600 });
  expect(validateLifecycle({ idleRuntimeSessionTimeout: 601, maxLifetime: 600 })).toHaveLength(1);
  expect(validateLifecycle({ idleRuntimeSessionTimeout: 600, maxLifetime: 600 })).toEqual([]);
});

test.each([
  ['us-east-1', 'https://us-east-1.console.aws.amazon.com/'],
  ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
  ['us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
])('logs in %s are linked in the console of its partition', (region, host) => {
  const url = logStreamUrl(region, '/aws/lambda/provider', '2026/11/22/[$LATEST]abc');
  expect(url.startsWith(host)).toBe(true);
  expect(url).toContain('log-group/$252Faws$252Flambda$252Fprovider/log-events/2026$252F11$252F22$252F$255B$2524LATEST$255Dabc');
});
