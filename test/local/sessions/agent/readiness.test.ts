import { takePort } from '../../../../src/local/sessions/agent/readiness';

/** Finds these ports, one after the other. */
function finding(...ports: number[]) {
  return async () => ports.shift()!;
}

test('no two agents get the same port, also before either of them listens', async () => {
  const one = await takePort(finding(40_001));
  const other = await takePort(finding(40_001, 40_001, 40_002));
  expect([one.port, other.port]).toEqual([40_001, 40_002]);
  one.release();
  const next = await takePort(finding(40_001));
  expect(next.port).toBe(40_001);
  for (const { release } of [other, next]) release();
});

test('looking for a port ends where all that are found are taken', async () => {
  const { release } = await takePort(async () => 40_001);
  await expect(takePort(async () => 40_001)).rejects.toThrow('no port of 127.0.0.1 is free for an agent');
  release();
});
