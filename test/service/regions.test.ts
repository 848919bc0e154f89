import { supportedZoneIds, validateRegion, validateZoneId } from '../../src/service/regions';

it.each([
  ['us-east-1', ['use1-az1', 'use1-az2', 'use1-az4']],
  ['us-west-1', ['usw1-az1', 'usw1-az3']],
  ['us-west-2', ['usw2-az1', 'usw2-az2', 'usw2-az3']],
  ['ap-northeast-1', ['apne1-az1', 'apne1-az2', 'apne1-az4']],
  ['us-moon-1', undefined],
  ['constructor', undefined],
])('the zones of %s', (region, zones) => {
  expect(supportedZoneIds(region)).toEqual(zones);
});

it.each(['use1-az1', 'use1-az4', 'usw2-az3', 'cac1-az4', 'usgw1-az1', 'aps2-az1'])('%s is supported', (zone) => {
  expect(validateZoneId(zone)).toEqual([]);
});

it.each([
  ['use1-az3', 'of its region use1-az1, use1-az2, use1-az4 can'],
  ['usw2-az4', 'of its region usw2-az1, usw2-az2, usw2-az3 can'],
  ['usw1-az2', 'of its region usw1-az1, usw1-az3 can'],
  ['use1-bos1-az1', 'none of its region is known to'],
  ['euc2-az1', 'none of its region is known to'],
  ['', 'none of its region is known to'],
])('%s is not', (zone, reason) => {
  expect(validateZoneId(zone)).toEqual([`availability zone ${zone} cannot have network interfaces of AgentCore runtimes; ${reason}`]);
});

it('knows where there are microVMs and instances', () => {
  expect(validateRegion('us-gov-west-1')).toEqual([]);
  expect(validateRegion('us-gov-west-1', 'Instances')).toEqual([expect.stringMatching(/^region us-gov-west-1 is not known .* on Instances compute; known are us-east-1, /)]);
  expect(validateRegion('us-west-2', 'Instances')).toEqual([]);
  expect(validateRegion('eu-central-2')).toEqual([expect.stringMatching(/^region eu-central-2 is not known .* on microVM compute/)]);
});
