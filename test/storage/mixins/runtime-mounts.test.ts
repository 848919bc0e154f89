import { Lazy, Mixins, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CfnRuntime, CfnRuntimeProps, Runtime, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceType, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AgentRuntime, CapacityProvider, Mount, RuntimeMounts, RuntimeMountsProps, SessionStorage } from '../../../src';
import { image, resourceOf, templateOf, testStack } from '../../util/stacks';

const EFS_ARN = 'arn:aws:elasticfilesystem:us-west-2:123456789012:access-point/fsap-0123456789abcdef0';
const VPC = { networkMode: 'VPC', networkModeConfig: { subnets: ['subnet-01234567'], securityGroups: ['sg-01234567'] } };

let stack: Stack;

beforeEach(() => {
  stack = testStack();
});

function native(props: Partial<CfnRuntimeProps> = {}): CfnRuntime {
  return new CfnRuntime(stack, 'Native', {
    agentRuntimeName: 'native',
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    networkConfiguration: { networkMode: 'PUBLIC' },
    roleArn: 'arn:aws:iam::123456789012:role/agent',
    ...props,
  });
}

const storage = (id = 'Storage') => new SessionStorage(stack, id);
const mounts = (props: RuntimeMountsProps) => new RuntimeMounts(props);
const filesystems = () => resourceOf(templateOf(stack), 'AWS::BedrockAgentCore::Runtime').Properties.FilesystemConfigurations;

it('gives a native runtime session storage', () => {
  native().with(mounts({ sessionStorage: storage() }));
  expect(filesystems()).toEqual([{ SessionStorage: { MountPath: '/mnt/workspace' } }]);
});

it('finds the native runtime in the official one, and no other construct', () => {
  const runtime = new Runtime(stack, 'Official', { agentRuntimeArtifact: image() });
  const mixin = mounts({ sessionStorage: storage() });
  expect([runtime.node.defaultChild!, runtime, stack].map((construct) => mixin.supports(construct))).toEqual([true, false, false]);
  runtime.with(mixin);
  expect(filesystems()).toEqual([{ SessionStorage: { MountPath: '/mnt/workspace' } }]);
});

it('adds to what is there, and changes none of it', () => {
  const runtime = native({ filesystemConfigurations: [{ efsAccessPoint: { accessPointArn: EFS_ARN, mountPath: '/mnt/tools' } }], networkConfiguration: VPC });
  Mixins.of(stack).apply(mounts({ sessionStorage: storage() }));
  expect(runtime.filesystemConfigurations).toHaveLength(2);
  expect(filesystems()).toEqual([{ EfsAccessPoint: { AccessPointArn: EFS_ARN, MountPath: '/mnt/tools' } }, { SessionStorage: { MountPath: '/mnt/workspace' } }]);
});

it.each<[string, () => void, RegExp]>([
  ['applied twice', () => native().with(mounts({ sessionStorage: storage() })).with(mounts({ sessionStorage: storage('Again') })), /mount path \/mnt\/workspace is used twice.*\n.*2 filesystems of kind sessionStorage/],
  ['what is there already', () => native({ filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }] }).with(mounts({ sessionStorage: storage() })), /mount path \/mnt\/workspace is used twice/],
  ['a session storage that an AgentRuntime has', () => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), sessionStorage: storage() }).with(mounts({ sessionStorage: storage('Again') })), /2 filesystems of kind sessionStorage/],
  ['an access point outside of a VPC', () => native().with(mounts({ mounts: [efs()] })), /EFS and S3 Files access points need network mode VPC, got PUBLIC/],
])('%s is told at synth', (_title, make, message) => {
  make();
  expect(() => Template.fromStack(stack)).toThrow(message);
});

it('cannot add to a token, and says so', () => {
  const runtime = native({ filesystemConfigurations: { resolve: () => [], creationStack: [] } });
  expect(() => runtime.with(mounts({ sessionStorage: storage() }))).toThrow('Stack/Native: its filesystemConfigurations are a token');
});

it('leaves a token alone where it adds no filesystem', () => {
  const capacityProvider = CapacityProvider.fromCapacityProviderArn(stack, 'Pool', 'arn:aws:bedrock-agentcore:us-west-2:123456789012:capacity-provider/pool-0123456789');
  native({ filesystemConfigurations: Lazy.any({ produce: () => undefined }) }).with(mounts({ capacityProvider }));
  expect(resourceOf(templateOf(stack), 'AWS::BedrockAgentCore::Runtime').Properties.CapacityProviderConfiguration).toBeDefined();
});

it('tells what is wrong with a mount itself at once', () => {
  expect(() => native().with(mounts({ mounts: [Mount.capacityProviderVolume('1', '/mnt/x')] }))).toThrow('Stack/Native: capacityProviderVolume.volumeName: "1" does not match');
});

function efs(): Mount {
  const fileSystem = new FileSystem(stack, 'Efs', { vpc: new Vpc(stack, 'EfsVpc') });
  return Mount.efsAccessPoint(fileSystem.addAccessPoint('AccessPoint'), '/mnt/tools');
}

describe('an access point', () => {
  it('gets permissions and rules from the official runtime', () => {
    const networkConfiguration = RuntimeNetworkConfiguration.usingVpc(stack, { vpc: new Vpc(stack, 'Vpc') });
    new Runtime(stack, 'Official', { agentRuntimeArtifact: image(), networkConfiguration }).with(mounts({ mounts: [efs()] }));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    template.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'] })]) } });
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });

  it('gets them from the role and the groups that are named, for a runtime without an L2', () => {
    const executionRole = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
    const group = new SecurityGroup(stack, 'Group', { vpc: new Vpc(stack, 'Vpc') });
    native({ networkConfiguration: VPC }).with(mounts({ mounts: [efs()], executionRole, securityGroups: [group] }));
    const template = templateOf(stack);
    const rule = resourceOf(template, 'AWS::EC2::SecurityGroupIngress');
    const policy = resourceOf(template, 'AWS::IAM::Policy');
    expect(resourceOf(template, 'AWS::BedrockAgentCore::Runtime').DependsOn).toEqual(expect.arrayContaining([rule.id, policy.id]));
  });

  it('says what is left to do where neither is known', () => {
    native({ networkConfiguration: VPC }).with(mounts({ mounts: [efs()] }));
    Annotations.fromStack(stack).hasWarning('/Stack/Native', Match.stringLikeRegexp('mountPermissionsNotAdded'));
    Annotations.fromStack(stack).hasInfo('/Stack/Native', Match.stringLikeRegexp('the network of the runtime at /mnt/tools is not known'));
  });
});

it('puts a native runtime on a capacity provider, whatever the version of the L1', () => {
  const capacityProvider = new CapacityProvider(stack, 'Pool', { vpc: new Vpc(stack, 'Vpc'), instanceTypes: [new InstanceType('m7g.large')] });
  const sessionStorage = new SessionStorage(stack, 'Storage', { capacityProvider, sizeInGiB: 10 });
  native().with(mounts({ sessionStorage })).with(mounts({ mounts: [] }));
  const { Properties } = resourceOf(templateOf(stack), 'AWS::BedrockAgentCore::Runtime');
  expect(Properties.FilesystemConfigurations).toEqual([{ CapacityProviderVolume: { VolumeName: sessionStorage.volumeName, MountPath: '/mnt/workspace' } }]);
  expect(Properties.CapacityProviderConfiguration).toEqual({ CapacityProviderArn: stack.resolve(capacityProvider.capacityProviderArn) });
  expect(Properties).not.toHaveProperty('NetworkConfiguration');
});

it('measures each volume that wants it', () => {
  const capacityProvider = new CapacityProvider(stack, 'Pool', { vpc: new Vpc(stack, 'Vpc'), instanceTypes: [new InstanceType('m7g.large')] });
  const runtime = native();
  for (const mountPath of ['/mnt/one', '/mnt/two']) {
    runtime.with(mounts({ sessionStorage: new SessionStorage(stack, mountPath.slice(5), { capacityProvider, mountPath, verifyOnDeploy: true }) }));
  }
  const commands = Object.values(templateOf(stack).Resources).filter(({ Type }) => Type === 'Custom::AgentCoreCommand').map(({ Properties }) => Properties.Command);
  expect(commands).toEqual([expect.stringContaining("path='/mnt/one'"), expect.stringContaining("path='/mnt/two'")]);
});

it('measures a storage that wants it', () => {
  const runtime = native();
  runtime.with(mounts({ sessionStorage: new SessionStorage(stack, 'Storage', { verifyOnDeploy: true }) }));
  expect(resourceOf(templateOf(stack), 'Custom::AgentCoreCommand').Properties.AgentRuntimeArn).toEqual({ 'Fn::GetAtt': ['Native', 'AgentRuntimeArn'] });
});
