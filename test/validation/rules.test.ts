import { RULES } from '../../src/validation/rules';
import { Template } from '../../src/validation/template';

type Properties = Record<string, unknown>;
type Resources = Record<string, { Type: string; Properties?: Properties }>;

const NATIVE = 'AWS::BedrockAgentCore::Runtime';
const CUSTOM = 'Custom::AgentCoreRuntime';
const ENDPOINT = 'AWS::BedrockAgentCore::RuntimeEndpoint';
const EFS_ARN = 'arn:aws:elasticfilesystem:us-west-2:123456789012:access-point/fsap-0123456789abcdef0';
const S3_FILES_ARN = 'arn:aws:s3files:us-west-2:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0';

const VPC = { NetworkMode: 'VPC', NetworkModeConfig: { Subnets: ['subnet-12345678'], SecurityGroups: ['sg-12345678'] } };
const CAPACITY_PROVIDER = { CapacityProviderArn: 'arn:aws:bedrock-agentcore:us-west-2:123456789012:capacity-provider/gpus-0123456789' };
const storage = (MountPath: unknown = '/mnt/a') => ({ SessionStorage: { MountPath } });
const efs = (MountPath: unknown) => ({ EfsAccessPoint: { AccessPointArn: EFS_ARN, MountPath } });
const s3 = (MountPath: unknown) => ({ S3FilesAccessPoint: { AccessPointArn: S3_FILES_ARN, MountPath } });
const volume = (MountPath: unknown) => ({ CapacityProviderVolume: { VolumeName: 'data', MountPath } });
const mounts = (...FilesystemConfigurations: unknown[]) => ({ FilesystemConfigurations });

function runtime(properties: Properties = {}): Properties {
  return {
    AgentRuntimeName: 'agent',
    RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    NetworkConfiguration: { NetworkMode: 'PUBLIC' },
    ...properties,
  };
}

function command(properties: Properties = {}): Properties {
  return { AgentRuntimeArn: { 'Fn::GetAtt': ['Runtime', 'AgentRuntimeArn'] }, Qualifier: 'DEFAULT', Command: 'npm test', Timeout: '300', ...properties };
}

function findings(resources: Resources, { Parameters, region }: { Parameters?: object; region?: string } = {}): Record<string, string[]> {
  const template = new Template({ Resources: resources, Parameters }, region);
  return Object.fromEntries(RULES
    .map(({ name, check }) => [name, template.resources.flatMap((resource) => check(resource, template))] as const)
    // a notice on every runtime with session storage; it has tests of its own
    .filter(([name, found]) => found.length > 0 && name !== 'newVersionEmptiesSessionStorage'));
}

const RUNTIME_CASES: readonly [rule: string, inside: Properties, outside: Properties, message: RegExp][] = [
  ['runtimeName', { AgentRuntimeName: 'a'.repeat(48) }, { AgentRuntimeName: 'a'.repeat(49) }, /^runtime name "a{48,}/],
  ['runtimeName', { AgentRuntimeName: 'my_agent' }, { AgentRuntimeName: 'my-agent' }, /"my-agent" is not a letter followed by/],
  ['runtimeName', { AgentRuntimeName: 'a1' }, { AgentRuntimeName: '1a' }, /"1a"/],
  ['runtimeName', { AgentRuntimeName: { Ref: 'Name' } }, { AgentRuntimeName: undefined }, /^agentRuntimeName: is required/],
  ['mountPath', mounts(storage('/mnt/a')), mounts(storage('/mnt/')), /"\/mnt\/" has 5 characters/],
  ['mountPath', mounts(storage(`/mnt/${'a'.repeat(195)}`)), mounts(storage(`/mnt/${'a'.repeat(196)}`)), /has 201 characters/],
  ['mountPath', mounts(storage('/mnt/a/')), mounts(storage('/mnt/a/b')), /"\/mnt\/a\/b" is not/],
  ['mountPath', mounts(storage('/mnt/...')), mounts(storage('/mnt/..')), /"\/mnt\/\.\." is not/],
  ['mountPath', mounts(storage({ Ref: 'Path' })), mounts(storage('data')), /"data"/],
  ['mountPath', { ...mounts(efs('/mnt/a'), efs('/mnt/b')), NetworkConfiguration: VPC }, { ...mounts(efs('/mnt/a'), efs('/mnt/a/')), NetworkConfiguration: VPC }, /\/mnt\/a is used twice/],
  ['filesystemCount', mounts(storage()), mounts(storage(), storage('/mnt/b')), /^2 filesystems of kind sessionStorage, .* 1 at most/],
  [
    'filesystemCount', { ...mounts(storage(), efs('/mnt/b'), efs('/mnt/c'), s3('/mnt/d'), s3('/mnt/e')), NetworkConfiguration: VPC },
    { ...mounts(efs('/mnt/b'), efs('/mnt/c'), efs('/mnt/d')), NetworkConfiguration: VPC }, /^3 filesystems of kind efsAccessPoint/,
  ],
  [
    'filesystemCount', { ...mounts(...['a', 'b', 'c', 'd', 'e'].map((name) => volume(`/mnt/${name}`))), CapacityProviderConfiguration: CAPACITY_PROVIDER },
    { ...mounts(...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => volume(`/mnt/${name}`))), CapacityProviderConfiguration: CAPACITY_PROVIDER }, /^6 filesystems/,
  ],
  ['filesystemNetwork', { ...mounts(efs('/mnt/a')), NetworkConfiguration: VPC }, mounts(efs('/mnt/a')), /need network mode VPC, got PUBLIC/],
  ['filesystemNetwork', { ...mounts(s3('/mnt/a')), NetworkConfiguration: { 'Fn::If': ['InVpc', 1, 2] } }, mounts(s3('/mnt/a')), /need network mode VPC/],
  ['filesystemNetwork', { ...mounts(s3('/mnt/a')), NetworkConfiguration: { NetworkMode: { Ref: 'Mode' } } }, { ...mounts(s3('/mnt/a')), NetworkConfiguration: undefined }, /need network mode VPC/],
  ['filesystemCompute', { ...mounts(volume('/mnt/a')), CapacityProviderConfiguration: CAPACITY_PROVIDER }, mounts(volume('/mnt/a')), /need a capacity provider/],
  ['filesystemCompute', { ...mounts(volume('/mnt/a')), CapacityProviderConfiguration: { Ref: 'X' } }, { ...mounts(storage()), CapacityProviderConfiguration: CAPACITY_PROVIDER }, /kind capacityProviderVolume only/],
  ['lifecycle', { LifecycleConfiguration: { IdleRuntimeSessionTimeout: 60 } }, { LifecycleConfiguration: { IdleRuntimeSessionTimeout: 59 } }, /^lifecycleConfiguration.idleRuntimeSessionTimeout: 59 where 60 to/],
  ['lifecycle', { LifecycleConfiguration: { MaxLifetime: '28800' } }, { LifecycleConfiguration: { MaxLifetime: '28801' } }, /^maxLifetime of 28801 s is not between 60 and 28800 s/],
  ['lifecycle', { LifecycleConfiguration: { MaxLifetime: 1209600 }, CapacityProviderConfiguration: CAPACITY_PROVIDER }, { LifecycleConfiguration: { MaxLifetime: 1209601 }, CapacityProviderConfiguration: CAPACITY_PROVIDER }, /1209601 where/],
  [
    'lifecycle', { LifecycleConfiguration: { IdleRuntimeSessionTimeout: 600, MaxLifetime: 600 } },
    { LifecycleConfiguration: { IdleRuntimeSessionTimeout: 601, MaxLifetime: 600 } }, /idleRuntimeSessionTimeout of 601 s must be less than or equal to maxLifetime of 600 s/,
  ],
  ['lifecycle', { LifecycleConfiguration: { IdleRuntimeSessionTimeout: 600, MaxLifetime: { Ref: 'Max' } } }, { LifecycleConfiguration: { IdleRuntimeSessionTimeout: 600, MaxLifetime: 59 } }, /59 where/],
  ['serviceModel', { Description: 'd'.repeat(4096) }, { Description: 'd'.repeat(4097) }, /^description: 4097 characters where 1 to 4096/],
  ['serviceModel', { ProtocolConfiguration: 'A2A' }, { ProtocolConfiguration: 'SMTP' }, /^protocolConfiguration.serverProtocol: "SMTP" is not one of/],
  ['serviceModel', { RoleArn: 'arn:aws:iam::123456789012:role/agent' }, { RoleArn: 'agent' }, /^roleArn: "agent" does not match/],
  ['serviceModel', { RoleArn: { Ref: 'RoleArn' } }, { RoleArn: undefined }, /^roleArn: is required/],
  ['serviceModel', { EnvironmentVariables: { A: 'a'.repeat(5000) } }, { EnvironmentVariables: { A: 'a'.repeat(5001) } }, /^environmentVariables.A: 5001 characters/],
  ['serviceModel', { NetworkConfiguration: { NetworkMode: 'VPC' } }, { NetworkConfiguration: { NetworkMode: 'PRIVATE' } }, /"PRIVATE" is not one of PUBLIC, VPC/],
  ['serviceModel', mounts({ SessionStorage: { MountPath: '/mnt/a' } }), mounts({ SessionStorage: { MountPath: '/mnt/a' }, EfsAccessPoint: { AccessPointArn: EFS_ARN, MountPath: '/mnt/b' } }), /exactly one of/],
  ['serviceModel', mounts(storage()), mounts({ SessionStorage: { } }), /^filesystemConfigurations\[0\]: undefined is not a structure/],
  ['serviceModel', { EnvironmentVariables: { A: '{{resolve:ssm:name}}' } }, { EnvironmentVariables: 'A=1' }, /environmentVariables is a string|EnvironmentVariables is a string/],
  ['serviceModel', { PlatformVersion: 'V2' }, { PlatformVersion: 'V 2' }, /^platformVersion: "V 2" does not match/],
  ['tags', { Tags: { team: 'agents' } }, { Tags: { 'aws:team': 'agents' } }, /"aws:team" begins with aws:/],
];

describe.each([NATIVE, CUSTOM])('%s', (Type) => {
  const check = (properties: Properties) => findings({ Runtime: { Type, Properties: runtime(properties) } });

  it('without a fault has no finding', () => {
    expect(check({})).toEqual({});
  });

  const cases = RUNTIME_CASES.map(([rule, inside, outside, message]) => [rule, message, inside, outside] as const);
  it.each(cases)('%s: just inside, and just outside: %s', (rule, message, inside, outside) => {
    expect(check(inside)).toEqual({});
    expect(check(outside)).toEqual({ ...check(outside), [rule]: expect.arrayContaining([expect.stringMatching(message)]) });
  });
});

it('a property that the provider does not know is an error for our type only', () => {
  const check = (Type: string) => findings({ Runtime: { Type, Properties: runtime({ SizeInGiB: 5 }) } });
  expect(check(CUSTOM)).toEqual({ unknownProperty: [expect.stringMatching(/^SizeInGiB is not a property that this version knows/)] });
  expect(check(NATIVE)).toEqual({});
});

describe('literal secrets', () => {
  it.each([
    ['a runtime', { Runtime: { Type: NATIVE, Properties: runtime({ EnvironmentVariables: { DB_PASSWORD: 'hunter2' } }) } }, 'environment variable DB_PASSWORD'],
    ['a command', { Command: { Type: 'Custom::AgentCoreCommand', Properties: command({ Command: 'PASSWORD=hunter2 ./login' }) } }, 'command'],
    ['a word', { Command: { Type: 'Custom::AgentCoreCommand', Properties: command({ Command: undefined, Arguments: ['login', '--password=hunter2'] }) } }, 'command'],
    ['a command on delete', { Command: { Type: 'Custom::AgentCoreCommand', Properties: command({ OnDelete: { Command: 'PASSWORD=hunter2 ./logout' } }) } }, 'command on delete'],
    ['a command\'s variable', { Command: { Type: 'Custom::AgentCoreCommand', Properties: command({ Environment: { PASSWORD: 'hunter2' } }) } }, 'environment variable PASSWORD'],
    ['a joined text', { Command: { Type: 'Custom::AgentCoreCommand', Properties: command({ Command: { 'Fn::Join': ['', ['PASSWORD=hun', 'ter2 ', { Ref: 'Host' }]] } }) } }, 'command'],
    ['a substituted text', { Command: { Type: 'Custom::AgentCoreCommand', Properties: command({ Command: { 'Fn::Sub': 'PASSWORD=hunter2 ./login ${Host}' } }) } }, 'command'],
  ])('are found in %s, and not told', (_title, resources: Resources, what) => {
    const found = findings(resources);
    expect(found).toEqual({ literalSecret: [`${what} looks as if it held a literal password`] });
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it.each([
    ['a parameter', { 'Fn::Join': ['', ['PASSWORD=', { Ref: 'Password' }]] }],
    ['a substitution', { 'Fn::Sub': 'PASSWORD=${Password} ./login' }],
    ['an output of another stack', { 'Fn::ImportValue': 'password=hunter2' }],
  ])('are not suspected in %s', (_title, Command) => {
    expect(findings({ Command: { Type: 'Custom::AgentCoreCommand', Properties: command({ Command }) } })).toEqual({});
  });
});

describe('commands', () => {
  const check = (properties: Properties, more: Resources = {}) => findings({ ...more, Command: { Type: 'Custom::AgentCoreCommand', Properties: command(properties) } });

  it.each<[string, Properties, Properties, RegExp]>([
    ['commandTimeout', { Timeout: '1' }, { Timeout: '0' }, /^time-out of 0 s is not a whole number from 1 to 3600 s/],
    ['commandTimeout', { Timeout: '3600' }, { Timeout: '3601' }, /^time-out of 3601 s/],
    ['commandTimeout', { Timeout: { Ref: 'Timeout' } }, { Timeout: '1.5' }, /^time-out of 1.5 s/],
    ['commandText', { Command: 'x' }, { Command: ' ' }, /^command is empty/],
    ['commandText', { Command: `x${' '.repeat(65_536 - "/bin/sh -c 'exec </dev/null; x'".length)}` }, { Command: `x${' '.repeat(65_537 - "/bin/sh -c 'exec </dev/null; x'".length)}` }, /has 65537 characters/],
    ['commandText', { Command: 'x' }, { OnDelete: { Command: '' } }, /^command is empty/],
    ['commandText', { Command: undefined, Arguments: ['x', ''] }, { Command: undefined, Arguments: ['', 'x'] }, /^command is empty/],
    ['commandEnvironment', { Environment: { A_1: '1' } }, { Environment: { '1A': '1' } }, /"1A"/],
    ['commandEnvironment', { Environment: { A: { Ref: 'X' } } }, { Environment: { A: '\0' } }, /null character/],
    ['commandWorkingDirectory', { WorkingDirectory: '/mnt/a' }, { WorkingDirectory: 'a' }, /"a" is not an absolute path/],
    ['commandSession', { SessionId: 's'.repeat(33) }, { SessionId: 's'.repeat(32) }, /has 32 characters, allowed are 33 to 256/],
    ['commandSession', { SessionId: 's'.repeat(256) }, { SessionId: 's'.repeat(257) }, /has 257 characters/],
    ['commandExitCodes', { ExpectedExitCodes: ['0', '255'] }, { ExpectedExitCodes: ['256'] }, /exit code 256 is not/],
    ['commandExitCodes', { ExpectedExitCodes: [{ Ref: 'Code' }] }, { ExpectedExitCodes: [] }, /no exit code is expected/],
    ['endpointName', { Qualifier: 'prod' }, { Qualifier: 'pre-prod' }, /"pre-prod"/],
    ['commandSecret', { Environment: { A: '{resolve:x}' } }, { Environment: { A: '{{resolve:secretsmanager:x}}' } }, /^environment variable A holds a dynamic reference/],
    ['commandSecret', { Command: { Ref: 'Shown' } }, { Command: { 'Fn::Sub': 'login ${Hidden}' } }, /^command holds parameter Hidden/],
  ])('%s: just inside %j, and just outside %j', (rule, inside, outside, message) => {
    const Parameters = { Shown: { Type: 'String' }, Hidden: { Type: 'String', NoEcho: true } };
    const checked = (properties: Properties) => findings({ Command: { Type: 'Custom::AgentCoreCommand', Properties: command(properties) } }, { Parameters });
    expect(checked(inside)).toEqual({});
    expect(checked(outside)[rule]).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  it('cannot run in a runtime with a JWT authorizer', () => {
    const AuthorizerConfiguration = { CustomJWTAuthorizer: { DiscoveryUrl: 'https://example.com/.well-known/openid-configuration' } };
    const within = (properties: Properties) => check({}, { Runtime: { Type: NATIVE, Properties: runtime(properties) } });
    expect(within({ AuthorizerConfiguration })).toEqual({ commandAuthorizer: [expect.stringMatching(/^runtime Runtime authorizes callers by JWT/)] });
    expect(within({})).toEqual({});
    expect(within({ AuthorizerConfiguration: { Ref: 'AWS::NoValue' } })).toEqual({});
  });
});

describe('endpoints', () => {
  const endpoint = (properties: Properties): Properties => ({ AgentRuntimeId: { 'Fn::GetAtt': ['Runtime', 'AgentRuntimeId'] }, Name: 'prod', ...properties });
  const check = (properties: Properties) => findings({
    Runtime: { Type: CUSTOM, Properties: runtime() }, Prod: { Type: ENDPOINT, Properties: endpoint(properties) },
  });
  const AgentRuntimeVersion = { 'Fn::GetAtt': ['Runtime', 'AgentRuntimeVersion'] };

  it('that follow their runtime have no finding', () => {
    expect(check({ AgentRuntimeVersion })).toEqual({});
    expect(check({ AgentRuntimeVersion: { Ref: 'Version' } })).toEqual({});
  });

  it('that stay behind are found', () => {
    expect(check({ AgentRuntimeVersion: '3' })).toEqual({ endpointVersion: ['endpoint "prod" is fixed to version "3", and stays there when Runtime gets a new one'] });
    expect(check({})).toEqual({ endpointVersion: [expect.stringMatching(/^endpoint "prod" names no version, .* that Runtime has when/)] });
  });

  it('of runtimes elsewhere are none of our business', () => {
    expect(check({ AgentRuntimeId: 'agent-0123456789', AgentRuntimeVersion: '3' })).toEqual({});
  });

  it('have names', () => {
    expect(check({ AgentRuntimeVersion, Name: 'a'.repeat(48) })).toEqual({});
    expect(check({ AgentRuntimeVersion, Name: 'a'.repeat(49) })).toEqual({ endpointName: [expect.stringMatching(/^endpoint name "a+/)] });
    expect(check({ AgentRuntimeVersion, Name: 'pre-prod' })).toEqual({ endpointName: [expect.stringMatching('"pre-prod"')] });
  });
});

describe('session storage', () => {
  const rule = RULES.find(({ name }) => name === 'newVersionEmptiesSessionStorage')!;
  const check = (resources: Resources) => {
    const template = new Template({ Resources: resources });
    return template.resources.flatMap((resource) => rule.check(resource, template));
  };
  const Endpoint = { Type: ENDPOINT, Properties: { AgentRuntimeId: { Ref: 'Runtime' }, Name: 'prod' } };

  it.each([NATIVE, CUSTOM])('of %s on DEFAULT alone is announced to be emptied', (Type) => {
    expect(check({ Runtime: { Type, Properties: runtime(mounts(storage('/mnt/data'))) } })).toEqual([expect.stringMatching(/^session storage at \/mnt\/data is emptied/)]);
    expect(check({ Runtime: { Type, Properties: runtime(mounts(storage({ Ref: 'Path' }))) } })).toHaveLength(1);
    expect(check({ Runtime: { Type, Properties: runtime(mounts(storage('/mnt/data'))) }, Endpoint })).toEqual([]);
    expect(check({ Runtime: { Type, Properties: runtime() } })).toEqual([]);
    expect(check({ Runtime: { Type, Properties: runtime({ ...mounts(efs('/mnt/a')), NetworkConfiguration: VPC }) } })).toEqual([]);
  });
});

describe('places', () => {
  it('regions', () => {
    const check = (region: string | undefined, properties: Properties = {}) => findings(
      { Runtime: { Type: NATIVE, Properties: runtime(properties) } }, { region },
    );
    expect(check('us-gov-west-1')).toEqual({});
    expect(check(undefined)).toEqual({});
    expect(check('us-moon-1')).toEqual({ region: [expect.stringMatching(/^region us-moon-1 /)] });
    expect(check('us-gov-west-1', { CapacityProviderConfiguration: CAPACITY_PROVIDER })).toEqual({ region: [expect.stringMatching('Instances')] });
  });

  it('availability zones, where they are told by id', () => {
    const check = (Properties: object) => findings({
      Subnet: { Type: 'AWS::EC2::Subnet', Properties: { ...Properties } },
      Runtime: { Type: NATIVE, Properties: runtime({ NetworkConfiguration: { NetworkMode: 'VPC', NetworkModeConfig: { Subnets: [{ Ref: 'Subnet' }], SecurityGroups: ['sg-12345678'] } } }) },
    });
    expect(check({ AvailabilityZoneId: 'use1-az4' })).toEqual({});
    expect(check({ AvailabilityZoneId: 'use1-az3' })).toEqual({ availabilityZone: [expect.stringMatching(/^subnet Subnet: availability zone use1-az3 /)] });
    expect(check({ AvailabilityZone: 'us-east-1c' })).toEqual({});
    expect(check({ AvailabilityZoneId: { Ref: 'Zone' } })).toEqual({});
  });
});

describe('grants of commands', () => {
  const check = (Action: unknown, Resource: unknown, Effect = 'Allow') => findings({
    Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement: [{ Effect, Action, Resource }] } } },
  });
  const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime';

  it.each([
    ['bedrock-agentcore:InvokeAgentRuntimeCommand', '*'],
    ['bedrock-agentcore:InvokeAgentRuntimeCommandShell', '*'],
    [['s3:GetObject', 'bedrock-agentcore:InvokeAgentRuntime*'], `${ARN}/*`],
    ['bedrock-agentcore:*', 'arn:aws:bedrock-agentcore:*:*:*'],
    ['bedrock-agentcore:invokeagentruntimecommand', [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':bedrock-agentcore:', { Ref: 'AWS::Region' }, ':1:runtime/*']] }]],
    ['bedrock-agentcore:InvokeAgentRuntimeCommand', { 'Fn::Sub': 'arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}:runtime/*' }],
  ])('%j on %j is every runtime', (action, resource) => {
    expect(check(action, resource)).toEqual({ commandGrantWildcard: [expect.stringMatching(/^commands are allowed on ".*", which is every runtime/)] });
  });

  it.each([
    ['bedrock-agentcore:InvokeAgentRuntimeCommand', `${ARN}/agent-0123456789`],
    ['bedrock-agentcore:InvokeAgentRuntimeCommand', `${ARN}/agent-??????????`],
    ['bedrock-agentcore:InvokeAgentRuntimeCommand', [{ 'Fn::GetAtt': ['Runtime', 'AgentRuntimeArn'] }, { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Runtime', 'AgentRuntimeArn'] }, '/*']] }]],
    ['bedrock-agentcore:InvokeAgentRuntime', '*'],
    ['bedrock-agentcore:ListAgentRuntimes', '*'],
    ['s3:*', '*'],
    ['*', '*'],
  ])('%j on %j is not', (action, resource) => {
    expect(check(action, resource)).toEqual({});
  });

  it('that deny are none', () => {
    expect(check('bedrock-agentcore:*', '*', 'Deny')).toEqual({});
  });

  it('are found inside of roles', () => {
    const Policies = [{ PolicyName: 'P', PolicyDocument: { Statement: { Effect: 'Allow', Action: 'bedrock-agentcore:*', Resource: '*' } } }];
    expect(findings({ Role: { Type: 'AWS::IAM::Role', Properties: { Policies } } })).toEqual({ commandGrantWildcard: [expect.any(String)] });
  });
});

describe('templates of any form', () => {
  it.each([
    {}, { Resources: {} }, { Resources: { A: {} } }, { Resources: { A: { Type: NATIVE } } }, { Resources: { A: { Type: 'Custom::AgentCoreCommand' } } },
    { Resources: { A: { Type: ENDPOINT } } }, { Resources: { A: { Type: 'AWS::IAM::Policy' } } }, null,
    { Resources: { A: { Type: NATIVE, Properties: { FilesystemConfigurations: 'x', NetworkConfiguration: 3, LifecycleConfiguration: [], Tags: null, EnvironmentVariables: [1] } } } },
    { Resources: { A: { Type: NATIVE, Properties: { FilesystemConfigurations: [null, 3, {}, { SessionStorage: null }, { SessionStorage: { Ref: 'X' } }] } } } },
    { Resources: { A: { Type: 'Custom::AgentCoreCommand', Properties: { Command: 3, OnDelete: 'x', Environment: [], Timeout: {}, ExpectedExitCodes: 'x', Arguments: [] } } } },
    { Resources: { A: { Type: 'AWS::IAM::Role', Properties: { Policies: [null, 3], PolicyDocument: 'x' } } } },
  ])('are read: %j', (body) => {
    const template = new Template(body);
    for (const { check } of RULES) for (const resource of template.resources) expect(Array.isArray(check(resource, template))).toBe(true);
  });
});
