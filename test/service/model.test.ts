import { CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES } from '../../src/service/model/control-plane';
import { DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES } from '../../src/service/model/data-plane';
import { Shapes } from '../../src/service/model/model';
import { violations } from '../../src/service/model/validate';
import { crossFieldViolations, runtimeInputViolations } from '../../src/service/runtime-input';

const VALID = {
  agentRuntimeName: 'coder',
  roleArn: 'arn:aws:iam::111122223333:role/agent',
  agentRuntimeArtifact: { containerConfiguration: { containerUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
};
const told = (change: object) => runtimeInputViolations({ ...VALID, ...change }).map(({ path, message }) => `${path}: ${message}`);

test.each([
  ['control', CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES],
  ['data', DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES],
])('the model of the %s plane is whole: no reference leads nowhere', (_, operations, shapes) => {
  const named = Object.values(operations).flatMap(({ input, output, errors = [] }) => [input, ...(output ? [output] : []), ...errors]);
  const inner = Object.values(shapes as Shapes).flatMap((shape) => [
    ...Object.values(shape.members ?? {}), ...[shape.member, shape.key, shape.value].filter((ref) => ref !== undefined),
  ]);
  expect([...named, ...inner].filter(({ shape }) => !(shape in shapes))).toEqual([]);
  expect(Object.values(shapes as Shapes).every(({ pattern }) => pattern === undefined || new RegExp(pattern))).toBe(true);
});

test('a valid input has no fault', () => {
  expect(told({})).toEqual([]);
});

test('on a capacity provider sessions live longer, and mounts name its volumes', () => {
  const input = {
    ...VALID,
    capacityProviderConfiguration: { capacityProviderArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:capacity-provider/pool-0123456789' },
    lifecycleConfiguration: { maxLifetime: 1_209_600 },
    filesystemConfigurations: [{ capacityProviderVolume: { volumeName: 'data', mountPath: '/mnt/a' } }],
  };
  expect(runtimeInputViolations(input)).toEqual([]);
  expect(crossFieldViolations(input, ['data'])).toEqual([]);
  expect(crossFieldViolations(input, ['other']).map(({ message }) => message)).toEqual([expect.stringMatching(/"data" is not among .*: other/)]);
});

test.each<[string, object, RegExp]>([
  ['a missing member', { roleArn: undefined }, /^roleArn: is required/],
  ['an unknown member', { colour: 'red' }, /^colour: is not known here/],
  ['two members of a union', { agentRuntimeArtifact: { ...VALID.agentRuntimeArtifact, codeConfiguration: {} } }, /^agentRuntimeArtifact: exactly one of/],
  ['no member of a union', { agentRuntimeArtifact: {} }, /exactly one of containerConfiguration, codeConfiguration is allowed, got none/],
  ['a value outside of an enumeration', { networkConfiguration: { networkMode: 'NONE' } }, /"NONE" is not one of PUBLIC, VPC/],
  ['a pattern that does not match', { agentRuntimeName: '1a' }, /^agentRuntimeName: "1a" does not match/],
  ['a list that is too long', { filesystemConfigurations: Array(6).fill({ sessionStorage: { mountPath: '/mnt/a' } }) }, /6 members where 0 to 5 are allowed/],
  ['a number that is too small', { lifecycleConfiguration: { maxLifetime: 59 } }, /^lifecycleConfiguration.maxLifetime: 59 where 60 to 1209600/],
  ['a string for a number', { lifecycleConfiguration: { maxLifetime: '60' } }, /"60" is not an integer/],
  ['an item of a list', { filesystemConfigurations: [{ sessionStorage: { mountPath: '/data/a' } }] }, /^filesystemConfigurations\[0\].sessionStorage.mountPath: "\/data\/a" does not/],
  ['a key of a map', { environmentVariables: { '': 'x' } }, /environmentVariables.key\(\): 0 characters/],
  ['EFS without a VPC', {
    filesystemConfigurations: [{ efsAccessPoint: { accessPointArn: 'arn:aws:elasticfilesystem:us-east-1:1:access-point/fsap-01234567', mountPath: '/mnt/a' } }],
  }, /need network mode VPC/],
  ['the same path twice', {
    filesystemConfigurations: [
      { sessionStorage: { mountPath: '/mnt/a/' } },
      { s3FilesAccessPoint: { accessPointArn: `arn:aws:s3files:us-east-1:1:file-system/fs-${'0'.repeat(17)}/access-point/fsap-${'0'.repeat(17)}`, mountPath: '/mnt/a' } },
    ],
  }, /\/mnt\/a is used twice/],
  ['life times of instances on a microVM', { lifecycleConfiguration: { maxLifetime: 28_801 } }, /^lifecycleConfiguration: maxLifetime of 28801 s is not between 60 and 28800/],
  ['a volume without a capacity provider', { filesystemConfigurations: [{ capacityProviderVolume: { volumeName: 'v', mountPath: '/mnt/a' } }] }, /need a capacity provider/],
])('%s is named with its path', (_, change, message) => {
  expect(told(change).join('\n')).toMatch(message);
});

test('sensitive values are not shown', () => {
  expect(violations(CONTROL_PLANE_SHAPES, 'Description', '')[0].message).not.toContain('""');
});
