import { InvalidPropertiesError, toRuntimeConfiguration } from '../../../src/provider/contract/properties';

const MINIMAL = {
  ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:provider',
  ServiceTimeout: '960',
  AgentRuntimeName: 'coder',
  RoleArn: 'arn:aws:iam::111122223333:role/agent',
  AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
};

test('takes the shape of the API: names, types of scalars, the protocol in a structure', () => {
  expect(toRuntimeConfiguration({
    ...MINIMAL,
    ProtocolConfiguration: 'MCP',
    NetworkConfiguration: { NetworkMode: 'VPC', NetworkModeConfig: { Subnets: ['subnet-01234567'], SecurityGroups: ['sg-01234567'] } },
    LifecycleConfiguration: { IdleRuntimeSessionTimeout: '120', MaxLifetime: '3600' },
    EnvironmentVariables: { lower_Case: '1' },
    RequestHeaderConfiguration: { RequestHeaderAllowlist: ['Authorization'] },
    AuthorizerConfiguration: { CustomJWTAuthorizer: { DiscoveryUrl: 'https://a/.well-known/openid-configuration', AllowedClients: ['c'] } },
    FilesystemConfigurations: [{ SessionStorage: { MountPath: '/mnt/workspace' } }],
    Tags: { Team: 'agents' },
  })).toEqual({
    agentRuntimeName: 'coder',
    roleArn: 'arn:aws:iam::111122223333:role/agent',
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
    protocolConfiguration: { serverProtocol: 'MCP' },
    networkConfiguration: { networkMode: 'VPC', networkModeConfig: { subnets: ['subnet-01234567'], securityGroups: ['sg-01234567'] } },
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 120, maxLifetime: 3600 },
    environmentVariables: { lower_Case: '1' },
    requestHeaderConfiguration: { requestHeaderAllowlist: ['Authorization'] },
    authorizerConfiguration: { customJWTAuthorizer: { discoveryUrl: 'https://a/.well-known/openid-configuration', allowedClients: ['c'] } },
    filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    tags: { Team: 'agents' },
  });
});

test('an empty LifecycleConfiguration is not sent', () => {
  expect(toRuntimeConfiguration({ ...MINIMAL, LifecycleConfiguration: {} })).not.toHaveProperty('lifecycleConfiguration');
});

test('all faults are told at once, by the path of the property', () => {
  const call = () => toRuntimeConfiguration({ ...MINIMAL, Colour: 'red', LifecycleConfiguration: { MaxLifetime: 'long' }, Tags: 'none' });
  expect(call).toThrow(InvalidPropertiesError);
  expect(call).toThrow(/Colour is not a property .*; LifecycleConfiguration.MaxLifetime is a string where a whole number is needed; Tags is a string where a map/);
});

test.each([
  ['a name with a hyphen', { AgentRuntimeName: 'my-agent' }, /agentRuntimeName: "my-agent" does not match/],
  ['two session storages', {
    FilesystemConfigurations: [{ SessionStorage: { MountPath: '/mnt/a' } }, { SessionStorage: { MountPath: '/mnt/b' } }],
  }, /2 filesystems of kind sessionStorage/],
  ['a mount path that is no directory of its own', { FilesystemConfigurations: [{ SessionStorage: { MountPath: '/mnt/..' } }] }, /"\/mnt\/.."/],
  ['an idle time over the maximum', { LifecycleConfiguration: { IdleRuntimeSessionTimeout: '900', MaxLifetime: '60' } }, /less than or equal/],
  ['no artifact', { AgentRuntimeArtifact: {} }, /agentRuntimeArtifact: is required/],
])('refuses %s before the service is asked', (_, change, message) => {
  expect(() => toRuntimeConfiguration({ ...MINIMAL, ...change })).toThrow(message);
});
