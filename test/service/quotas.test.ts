import { FLEET_QUOTAS, quotaIn } from '../../src/service/quotas';

test('a quota is that of the region, and where that is not known the most of any', () => {
  const { activeSessions, newSessions } = FLEET_QUOTAS;
  expect([quotaIn(activeSessions, 'us-east-1'), quotaIn(activeSessions, 'eu-west-1'), quotaIn(activeSessions)]).toEqual([5_000, 2_500, 5_000]);
  expect([quotaIn(newSessions, 'us-east-1'), quotaIn(newSessions)]).toEqual([25, 25]);
});
