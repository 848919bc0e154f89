import * as fc from 'fast-check';
import {
  isShellResumable, runtimeOfShellPath, SHELL_CLOSE, SHELL_LIMITS, shellPath, validateShellId, validateTerminalSize,
} from '../../src/service/shell';
import {
  decodeResize, decodeShellFrame, decodeShellStatus, encodeResize, encodeShellFrame, encodeShellStatus, SHELL_CHANNEL, shellFramesOf,
} from '../../src/service/shell-frames';

test.each([
  ['a', true], ['0', true], ['debug_1-x', true], ['x'.repeat(128), true],
  ['', false], ['x'.repeat(129), false], ['-a', false], ['_a', false], ['a b', false], ['a/b', false], ['a\n', false], ['ä', false],
])('the shell id %j: %s', (id, allowed) => {
  expect(validateShellId(id).length === 0).toBe(allowed);
});

test.each([[1, 1, 0], [65_535, 65_535, 0], [0, 24, 1], [80, 65_536, 1], [1.5, NaN, 2]])('a terminal of %d by %d has %d faults', (columns, rows, faults) => {
  expect(validateTerminalSize(columns, rows)).toHaveLength(faults);
});

test('bytes are cut into frames that the service takes, and are the same when put together', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 3 * SHELL_LIMITS.frameBytes }), fc.integer({ min: 0, max: 255 }), (size, value) => {
    const bytes = Buffer.alloc(size, value);
    const frames = shellFramesOf(SHELL_CHANNEL.stdin, bytes);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(SHELL_LIMITS.frameBytes);
    const read = frames.map((frame) => decodeShellFrame(frame)!);
    expect(read.every(({ channel }) => channel === SHELL_CHANNEL.stdin)).toBe(true);
    expect(Buffer.concat(read.map(({ payload }) => payload)).equals(bytes)).toBe(true);
  }));
});

test('an empty frame has no channel', () => {
  expect(decodeShellFrame(Buffer.alloc(0))).toBeUndefined();
  expect(decodeShellFrame(encodeShellFrame(SHELL_CHANNEL.close))).toEqual({ channel: 255, payload: Buffer.alloc(0) });
});

test('statuses are read as they were written', () => {
  const status = fc.oneof(
    fc.record({ kind: fc.constant('connected' as const), shellId: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), reconnected: fc.boolean(), bytesDropped: fc.nat() }),
    fc.record({ kind: fc.constant('ended' as const), exitCode: fc.integer({ min: 1, max: 255 }), message: fc.string() }),
    fc.record({ kind: fc.constant('ended' as const), exitCode: fc.constant(undefined), message: fc.string() }),
    fc.constant({ kind: 'ended' as const, exitCode: 0, message: '' }),
  );
  fc.assert(fc.property(status, (written) => {
    expect(decodeShellStatus(decodeShellFrame(encodeShellStatus(written))!.payload)).toEqual(written);
  }));
});

test('an exit by a signal has its code among the causes', () => {
  const body = {
    metadata: {},
    status: 'Failure',
    details: { causes: [{ reason: 'Signal', message: '9' }, { reason: 'ExitCode', message: '137' }] },
  };
  expect(decodeShellStatus(Buffer.from(JSON.stringify(body)))).toMatchObject({ kind: 'ended', exitCode: 137 });
});

test('whatever a frame holds, reading it throws nothing', () => {
  fc.assert(fc.property(fc.oneof(fc.uint8Array(), fc.json().map((text) => Buffer.from(text))), (bytes) => {
    const payload = Buffer.from(bytes);
    decodeShellStatus(payload);
    const size = decodeResize(payload);
    if (size) expect(validateTerminalSize(size.columns, size.rows)).toEqual([]);
  }));
});

test('sizes are read as they were written', () => {
  expect(decodeResize(decodeShellFrame(encodeResize(120, 40))!.payload)).toEqual({ columns: 120, rows: 40 });
  expect(decodeResize(Buffer.from('{"width":0,"height":1}'))).toBeUndefined();
});

test('a connection is made anew unless the shell has ended, was taken over, or refuses what is sent', () => {
  const { goingAway, internalError, ...others } = SHELL_CLOSE;
  for (const code of [goingAway, internalError, 1006]) expect(isShellResumable(code)).toBe(true);
  for (const code of Object.values(others)) expect(isShellResumable(code)).toBe(false);
});

test('the path of a shell names its runtime', () => {
  const arn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-a1b2c3d4e5';
  expect(decodeURIComponent(runtimeOfShellPath(shellPath(arn))!)).toBe(arn);
  for (const path of ['/runtimes/a/ws', '/runtimes/a/b/ws/shells', '/runtimes//ws/shells', '/runtimes/a/commands']) expect(runtimeOfShellPath(path)).toBeUndefined();
});
