import * as fc from 'fast-check';
import { differingMembers } from '../../src/provider/difference';

const WANTED = {
  agentRuntimeName: 'coder',
  roleArn: 'arn:aws:iam::111122223333:role/agent',
  agentRuntimeArtifact: {
    codeConfiguration: { code: { s3: { bucket: 'code', prefix: 'a.zip' } }, runtime: 'PYTHON_3_13', entryPoint: ['opentelemetry-instrument', 'main.py'] },
  },
  networkConfiguration: { networkMode: 'VPC', networkModeConfig: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-a'] } },
  environmentVariables: { A: '1', B: '2' },
  filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
  tags: { Team: 'agents' },
};

/** As the service tells it back: defaults filled in, more members, sets in another order. */
const LIVE = {
  ...WANTED,
  agentRuntimeId: 'coder-0123456789',
  agentRuntimeVersion: '3',
  status: 'READY',
  networkConfiguration: { networkModeConfig: { securityGroups: ['sg-a'], subnets: ['subnet-b', 'subnet-a'] }, networkMode: 'VPC' },
  environmentVariables: { B: '2', A: '1' },
  protocolConfiguration: { serverProtocol: 'HTTP' },
  lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 },
  platformVersion: 'V1',
  metadataConfiguration: { requireMMDSV2: true },
  tags: undefined,
};

test('what the service fills in or reorders is no difference, and neither are tags', () => {
  expect(differingMembers(WANTED, LIVE)).toEqual([]);
});

test.each([
  ['environmentVariables', { environmentVariables: { A: '1', B: '3' } }],
  ['environmentVariables', { environmentVariables: undefined }],
  ['roleArn', { roleArn: 'arn:aws:iam::111122223333:role/other' }],
  ['filesystemConfigurations', { filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/other' } }] }],
  ['filesystemConfigurations', { filesystemConfigurations: [] }],
  ['lifecycleConfiguration', { lifecycleConfiguration: { maxLifetime: 600 } }],
  ['protocolConfiguration', { protocolConfiguration: { serverProtocol: 'MCP' } }],
  ['description', { description: 'new' }],
  ['platformVersion', { platformVersion: 'V2' }],
  ['agentRuntimeArtifact', { agentRuntimeArtifact: { codeConfiguration: { ...WANTED.agentRuntimeArtifact.codeConfiguration, entryPoint: ['main.py'] } } }],
])('a change of %s is named', (member, change) => {
  expect(differingMembers({ ...WANTED, ...change }, LIVE)).toEqual([member]);
});

test('what the service tells without content, or sets by itself, is no difference', () => {
  const { networkConfiguration, ...withoutNetwork } = WANTED;
  expect(differingMembers(withoutNetwork, {
    ...LIVE, description: '', authorizerConfiguration: {}, requestHeaderConfiguration: {}, networkConfiguration: { networkMode: 'PUBLIC' },
  })).toEqual([]);
  expect(differingMembers(WANTED, {
    ...LIVE,
    networkConfiguration: {
      ...networkConfiguration,
      networkModeConfig: { ...networkConfiguration.networkModeConfig, requireServiceS3Endpoint: false },
    },
  })).toEqual([]);
});

test('the order of the entry point matters', () => {
  const codeConfiguration = { ...WANTED.agentRuntimeArtifact.codeConfiguration, entryPoint: ['main.py', 'opentelemetry-instrument'] };
  expect(differingMembers({ ...WANTED, agentRuntimeArtifact: { codeConfiguration } }, LIVE)).toEqual(['agentRuntimeArtifact']);
});

test('a trailing slash of a mount path and defaults written out are no difference', () => {
  expect(differingMembers({
    ...WANTED,
    filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace/' } }],
    protocolConfiguration: { serverProtocol: 'HTTP' },
    lifecycleConfiguration: { maxLifetime: 28_800 },
  }, LIVE)).toEqual([]);
});

test('sets compare equal in any order', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.stringMatching(/^subnet-[0-9a-f]{8}$/), { minLength: 1, maxLength: 16 }), fc.integer(), (subnets, seed) => {
    const shuffled = [...subnets].sort((a, b) => ((a + seed) < (b + seed) ? 1 : -1));
    const network = (list: string[]) => ({ networkMode: 'VPC', networkModeConfig: { subnets: list, securityGroups: ['sg-a'] } });
    expect(differingMembers({ ...WANTED, networkConfiguration: network(subnets) }, { ...LIVE, networkConfiguration: network(shuffled) })).toEqual([]);
  }));
});
