import { validateVersion } from '../../src/service/version';

test.each(['1', '10', '99999'])('version %s is one', (version) => {
  expect(validateVersion(version)).toEqual([]);
});

test.each(['', '0', '01', '100000', '-1', '1.5', 'v2', '1 '])('version "%s" is none', (version) => {
  expect(validateVersion(version)).toEqual([expect.stringMatching(/^version ".*" is not a whole number from 1 to 99999/)]);
});
