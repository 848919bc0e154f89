import { CfnParameter, Duration, Size, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { EbsDeviceVolumeType, InstanceType, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { InstanceProfile, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AgentRuntime, AgentRuntimeProps, CapacityProvider, CapacityProviderOperatingSystem, CapacityProviderProps, Mount, SessionStorage } from '../../src';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

const TYPE = 'AWS::BedrockAgentCore::CapacityProvider';
const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:capacity-provider/pool-0123456789';

let stack: Stack;
let vpc: Vpc;

beforeEach(() => {
  stack = testStack();
  vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
});

function pool(props: Partial<CapacityProviderProps> = {}, id = 'Pool'): CapacityProvider {
  return new CapacityProvider(stack, id, { vpc, instanceTypes: [new InstanceType('m7g.large')], ...props });
}

function agent(props: Partial<AgentRuntimeProps>): AgentRuntime {
  return new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...props });
}

const propertiesOf = () => resourceOf(templateOf(stack), TYPE).Properties;
const ec2 = () => propertiesOf().ComputeConfiguration.Ec2Configuration;

describe('a capacity provider', () => {
  it('is launched in private subnets, behind a security group of its own', () => {
    const provider = pool();
    expect(ec2()).toEqual({
      LaunchTemplateSource: { LaunchParameters: { OperatingSystem: 'LINUX_ARM64', InstanceRequirements: { AllowedInstanceTypes: ['m7g.large'] } } },
      VpcConfiguration: {
        Subnets: vpc.privateSubnets.map(({ subnetId }) => stack.resolve(subnetId)),
        SecurityGroups: provider.connections.securityGroups.map(({ securityGroupId }) => stack.resolve(securityGroupId)),
      },
    });
  });

  it('takes all that can be chosen', () => {
    pool({
      description: 'for builds',
      operatingSystem: CapacityProviderOperatingSystem.LINUX_X86_64,
      instanceTypes: [new InstanceType('m7i.large'), new InstanceType('m7i.xlarge')],
      rootVolumeFreeSpace: Size.gibibytes(20),
      idleInstanceTimeout: Duration.minutes(1),
      maxLifetime: Duration.days(14),
      detailedMonitoring: true,
      propagatedTags: { team: 'agents' },
    });
    expect(propertiesOf().Description).toBe('for builds');
    expect(ec2()).toMatchObject({
      LaunchTemplateSource: {
        LaunchParameters: { OperatingSystem: 'LINUX_X86_64', InstanceRequirements: { AllowedInstanceTypes: ['m7i.large', 'm7i.xlarge'] }, Monitoring: 'DETAILED', PropagatedTags: { team: 'agents' } },
      },
      LifecycleConfiguration: { IdleInstanceTimeout: 60, MaxLifetime: 1_209_600 },
      RootVolume: { FreeSpaceGiB: 20 },
    });
  });

  it('is operated by a role for AgentCore of this account, and comes after it', () => {
    const provider = pool();
    const { id, Properties } = resourceOf(templateOf(stack), 'AWS::IAM::Role');
    expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([{
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'bedrock-agentcore.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }]);
    expect(JSON.stringify(Properties.ManagedPolicyArns)).toContain('policy/BedrockAgentCoreRuntimeInstancesOperatorRolePolicy');
    expect(resourceOf(templateOf(stack), TYPE).DependsOn).toContain(id);
    expect(propertiesOf().PermissionsConfiguration).toEqual({ CapacityProviderOperatorRoleArn: stack.resolve(provider.operatorRole.roleArn) });
  });

  it('passes no cdk-nag finding on its own', () => {
    pool();
    const report = new AwsSolutionsChecks(stack.node.root as any).validateScope(stack) as any;
    const findings = (report.violations as any[]).filter((violation) => JSON.stringify(violation).includes('Pool'));
    expect(findings).toEqual([]);
  });

  it('is tagged by Tags.of, as a list', () => {
    Tags.of(pool()).add('team', 'agents');
    expect(propertiesOf().Tags).toEqual([{ Key: 'team', Value: 'agents' }]);
  });

  it('lets a role of one\'s own pass the role of an instance profile', () => {
    const instanceRole = new Role(stack, 'InstanceRole', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const operatorRole = new Role(stack, 'Operator', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
    const profile = new InstanceProfile(stack, 'Profile', { role: instanceRole });
    pool({ operatorRole, instanceProfile: profile });
    expect(resourceOf(templateOf(stack), 'AWS::IAM::Policy').Properties.PolicyDocument.Statement).toEqual([{
      Effect: 'Allow', Action: 'iam:PassRole', Resource: stack.resolve(instanceRole.roleArn), Condition: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
    }]);
    expect(ec2().LaunchTemplateSource.LaunchParameters.InstanceProfileArn).toEqual(stack.resolve(profile.instanceProfileArn));
  });

  it('warns where an instance profile does not tell its role', () => {
    pool({ instanceProfile: InstanceProfile.fromInstanceProfileArn(stack, 'Profile', 'arn:aws:iam::123456789012:instance-profile/mine') });
    Annotations.fromStack(stack).hasWarning('/Stack/Pool', Match.stringLikeRegexp('instance-profile/mine does not tell its role.*instanceRoleNotPassed'));
  });
});

describe('the name', () => {
  const name = () => propertiesOf().Name;

  it('is generated within the grammar, however long the path', () => {
    pool({}, 'P'.repeat(80));
    expect(name()).toMatch(/^[a-zA-Z][a-zA-Z0-9_]{0,47}$/);
  });

  it('changes with what cannot change in place, and with nothing else', () => {
    const nameWith = (description: string, volume: number) => {
      stack = testStack();
      vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
      pool({ description }).addVolume('data', { size: Size.gibibytes(volume) });
      return name();
    };
    expect(nameWith('one', 10)).toBe(nameWith('another', 10));
    expect(nameWith('one', 10)).not.toBe(nameWith('one', 11));
  });

  it('can be one\'s own', () => {
    pool({ capacityProviderName: 'a'.repeat(48) });
    expect(name()).toBe('a'.repeat(48));
  });
});

describe('volumes', () => {
  it('have the size that is asked for', () => {
    const provider = pool();
    provider.addVolume('data', { size: Size.gibibytes(65_536), volumeType: EbsDeviceVolumeType.GP3, iops: 3000, throughput: 125, snapshotId: 'snap-0123456789abcdef0' });
    provider.addVolume('cache', { size: Size.gibibytes(1) });
    expect(provider.volumeNames).toEqual(['data', 'cache']);
    expect(ec2().Volumes).toEqual([
      { EbsConfiguration: { Name: 'data', SizeGiB: 65_536, VolumeType: 'gp3', Iops: 3000, Throughput: 125, SnapshotId: 'snap-0123456789abcdef0' } },
      { EbsConfiguration: { Name: 'cache', SizeGiB: 1 } },
    ]);
  });

  it('are encrypted with a key that the operator role may use for them', () => {
    const key = new Key(stack, 'Key');
    pool().addVolume('data', { size: Size.gibibytes(1), encryptionKey: key });
    expect(ec2().Volumes[0].EbsConfiguration.KmsKeyId).toEqual(stack.resolve(key.keyArn));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:CreateGrant', Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } })]),
      },
    });
  });

  it.each<[string, Parameters<CapacityProvider['addVolume']>, string]>([
    ['of no size', ['data', { size: Size.gibibytes(0) }], 'volume data sizeGiB: 0 where 1 to 65536 are allowed'],
    ['of too much', ['data', { size: Size.gibibytes(65_537) }], 'volume data sizeGiB: 65537 where 1 to 65536 are allowed'],
    ['of parts of a GiB', ['data', { size: Size.mebibytes(1536) }], 'volume data sizeGiB: 1.5 is not an integer'],
    ['with a name that starts with a digit', ['1data', { size: Size.gibibytes(1) }], '"1data" does not match'],
    ['with a name that is too long', ['d'.repeat(49), { size: Size.gibibytes(1) }], '49 characters where 1 to 48 are allowed'],
    ['with too few IOPS', ['data', { size: Size.gibibytes(1), iops: 99 }], 'iops: 99 where 100 to 256000 are allowed'],
    ['with IOPS that the type does not have', ['data', { size: Size.gibibytes(1), iops: 100, volumeType: EbsDeviceVolumeType.ST1 }], 'iops: can be chosen for gp3, io1, io2 only, not for st1'],
    ['with throughput that the type does not have', ['data', { size: Size.gibibytes(1), throughput: 125, volumeType: EbsDeviceVolumeType.IO2 }], 'throughput: can be chosen for gp3 only, not for io2'],
    ['of a snapshot that is none', ['data', { size: Size.gibibytes(1), snapshotId: 'vol-1' }], 'snapshotId: '],
    ['of a name that is taken', ['taken', { size: Size.gibibytes(1) }], 'volume "taken" is defined twice'],
  ])('cannot be %s', (_title, volume, message) => {
    const provider = pool();
    provider.addVolume('taken', { size: Size.gibibytes(1) });
    expect(() => provider.addVolume(...volume)).toThrow(/^Stack\/Pool: /);
    expect(() => provider.addVolume(...volume)).toThrow(message);
    expect(provider.volumeNames).toEqual(['taken']);
  });

  it('are five at most', () => {
    const provider = pool();
    for (let n = 1; n <= 5; n++) provider.addVolume(`data${n}`, { size: Size.gibibytes(1) });
    expect(() => provider.addVolume('data6', { size: Size.gibibytes(1) })).toThrow('Stack/Pool: 6 volumes, a capacity provider takes 5 at most');
  });
});

describe('properties', () => {
  const types = (count: number) => Array.from({ length: count }, () => new InstanceType('m7g.large'));

  it.each<[string, () => Partial<CapacityProviderProps>, string]>([
    ['a name with a hyphen', () => ({ capacityProviderName: 'my-pool' }), 'name: "my-pool" does not match'],
    ['a name that is too long', () => ({ capacityProviderName: 'a'.repeat(49) }), 'name: 49 characters where 1 to 48 are allowed'],
    ['an empty description', () => ({ description: '' }), 'description: 0 characters where 1 to 4096 are allowed'],
    ['no instance types', () => ({ instanceTypes: [] }), 'allowedInstanceTypes: 0 members where 1 to 30 are allowed'],
    ['31 instance types', () => ({ instanceTypes: types(31) }), 'allowedInstanceTypes: 31 members where 1 to 30 are allowed'],
    ['types of another architecture', () => ({ instanceTypes: [new InstanceType('m7i.large')] }), 'instance type m7i.large does not run LINUX_ARM64'],
    ['what is no instance type', () => ({ instanceTypes: [new InstanceType('large')] }), 'instance type large does not run LINUX_ARM64'],
    ['no security groups', () => ({ securityGroups: [] }), 'securityGroups: 0 members where 1 to 16 are allowed'],
    ['17 security groups', () => ({ securityGroups: Array.from({ length: 17 }, (_, n) => SecurityGroup.fromSecurityGroupId(stack, `Group${n}`, 'sg-01234567')) }), 'securityGroups: 17 members'],
    ['a root volume that is too small', () => ({ rootVolumeFreeSpace: Size.gibibytes(1) }), 'freeSpaceGiB: 1 where 2 to 65000 are allowed'],
    ['an idle time that is too short', () => ({ idleInstanceTimeout: Duration.seconds(59) }), 'idleInstanceTimeout: 59 where 60 to 1209600 are allowed'],
    ['parts of a second', () => ({ idleInstanceTimeout: Duration.millis(60_500) }), 'idleInstanceTimeout: 60.5 is not an integer'],
    ['a life time that is too long', () => ({ maxLifetime: Duration.days(15) }), 'maxLifetime: 1296000 where 60 to 1209600 are allowed'],
    ['a propagated tag without a key', () => ({ propagatedTags: { '': 'x' } }), 'propagatedTags.key(): 0 characters where 1 to 128 are allowed'],
    ['an idle time beyond the life time', () => ({ idleInstanceTimeout: Duration.hours(9) }), 'idleInstanceTimeout of 32400 s must be less than or equal to maxLifetime of 28800 s'],
  ])('cannot be %s', (_title, props, message) => {
    const given = props();
    expect(() => pool(given)).toThrow(/^Stack\/Pool: /);
    expect(() => pool(given, 'Again')).toThrow(message);
  });

  it('are all judged at once', () => {
    expect(() => pool({ description: '', instanceTypes: [] })).toThrow(/^Stack\/Pool: 2 faults in its properties\n/);
  });

  it('may be tokens', () => {
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    pool({ capacityProviderName: text('Name'), description: text('Description'), maxLifetime: Duration.seconds(new CfnParameter(stack, 'Life', { type: 'Number' }).valueAsNumber) });
    expect(propertiesOf()).toMatchObject({ Name: { Ref: 'Name' }, Description: { Ref: 'Description' } });
    expect(ec2().LifecycleConfiguration).toEqual({ MaxLifetime: { Ref: 'Life' } });
  });
});

describe('an imported capacity provider', () => {
  it('tells its id', () => {
    const imported = CapacityProvider.fromCapacityProviderArn(stack, 'Imported', ARN);
    expect(imported).toMatchObject({ capacityProviderArn: ARN, capacityProviderId: 'pool-0123456789' });
    expect(imported.env).toMatchObject({ region: 'us-west-2', account: '123456789012' });
  });

  it('is none where the ARN is none', () => {
    expect(() => CapacityProvider.fromCapacityProviderArn(stack, 'Imported', 'arn:aws:ecs:us-west-2:123456789012:capacity-provider/pool'))
      .toThrow(/^Stack\/Imported: capacity provider ARN: "arn:aws:ecs:.*" does not match /);
  });

  it('runs a runtime that mounts its volumes', () => {
    agent({ capacityProvider: CapacityProvider.fromCapacityProviderArn(stack, 'Imported', ARN), mounts: [Mount.capacityProviderVolume('data', '/mnt/data')] });
    expect(resourceOf(templateOf(stack), 'Custom::AgentCoreRuntime').Properties).toMatchObject({
      CapacityProviderConfiguration: { CapacityProviderArn: ARN },
      FilesystemConfigurations: [{ CapacityProviderVolume: { VolumeName: 'data', MountPath: '/mnt/data' } }],
    });
  });
});

describe('session storage on a capacity provider', () => {
  it('is a volume of the declared size, and nothing is said about size or new versions', () => {
    const provider = pool();
    const storage = new SessionStorage(stack, 'Workspace', { sizeInGiB: 20, capacityProvider: provider });
    const runtime = agent({ sessionStorage: storage });
    expect(ec2().Volumes).toEqual([{ EbsConfiguration: { Name: storage.volumeName, SizeGiB: 20 } }]);
    const { Properties, DependsOn } = resourceOf(templateOf(stack), 'Custom::AgentCoreRuntime');
    expect(Properties).toMatchObject({
      CapacityProviderConfiguration: { CapacityProviderArn: stack.resolve(provider.capacityProviderArn) },
      FilesystemConfigurations: [{ CapacityProviderVolume: { VolumeName: storage.volumeName, MountPath: '/mnt/workspace' } }],
    });
    expect(Properties).not.toHaveProperty('NetworkConfiguration');
    expect(DependsOn).toContain(resourceOf(templateOf(stack), TYPE).id);
    expect(runtime.capacityProvider).toBe(provider);
    expect(Annotations.fromStack(stack).findWarning('*', Match.not(Match.stringLikeRegexp('imagePermissionsNotAdded')))).toEqual([]);
    expect(Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('newVersionEmptiesSessionStorage'))).toEqual([]);
  });

  it('has a name of its own choice that volumes may have', () => {
    const storage = new SessionStorage(stack, 'W'.repeat(80), { capacityProvider: pool() });
    expect(storage.volumeName).toMatch(/^[a-zA-Z][a-zA-Z0-9_-]{0,47}$/);
    expect(new SessionStorage(stack, 'Named', { capacityProvider: pool({}, 'Other'), volumeName: 'work' }).volumeName).toBe('work');
  });

  it.each<[string, () => void, string]>([
    ['a volume name without a capacity provider', () => new SessionStorage(stack, 'W', { volumeName: 'work' }), 'volumeName names a volume of a capacity provider'],
    ['an imported provider without a volume name', () => new SessionStorage(stack, 'W', { capacityProvider: CapacityProvider.fromCapacityProviderArn(stack, 'I', ARN) }), 'give the name of one that it has as volumeName'],
    ['a size for a volume that is there', () => new SessionStorage(stack, 'W', { sizeInGiB: 5, volumeName: 'work', capacityProvider: CapacityProvider.fromCapacityProviderArn(stack, 'I', ARN) }), 'leave sizeInGiB out'],
    ['a size of 101', () => new SessionStorage(stack, 'W', { sizeInGiB: 101, capacityProvider: pool() }), 'size of 101 GiB is not a whole number from 1 to 100'],
  ])('cannot have %s', (_title, make, message) => {
    expect(make).toThrow(message);
  });

  it('on an imported one takes the volume that is there', () => {
    const storage = new SessionStorage(stack, 'W', { volumeName: 'work', capacityProvider: CapacityProvider.fromCapacityProviderArn(stack, 'I', ARN) });
    expect(storage.sizeInGiB).toBeUndefined();
    agent({ sessionStorage: storage });
    expect(resourceOf(templateOf(stack), 'Custom::AgentCoreRuntime').Properties.FilesystemConfigurations)
      .toEqual([{ CapacityProviderVolume: { VolumeName: 'work', MountPath: '/mnt/workspace' } }]);
  });
});

describe('a runtime on a capacity provider', () => {
  const efs = () => Mount.efsAccessPoint({ accessPointRef: { accessPointArn: 'arn:aws:elasticfilesystem:us-west-2:123456789012:access-point/fsap-01234567', accessPointId: 'x' } } as any, '/mnt/efs');

  it.each<[string, () => Partial<AgentRuntimeProps>, string]>([
    ['managed session storage', () => ({ capacityProvider: pool(), sessionStorage: new SessionStorage(stack, 'W') }), 'takes filesystems of kind capacityProviderVolume only'],
    ['access points', () => ({ capacityProvider: pool(), mounts: [efs()] }), 'takes filesystems of kind capacityProviderVolume only'],
    ['a volume that it does not define', () => ({ capacityProvider: pool(), mounts: [Mount.capacityProviderVolume('data', '/mnt/d')] }), 'volume "data" is not among those that the capacity provider defines: none'],
    ['a network of its own', () => ({ capacityProvider: pool(), networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc }) }), 'leave networkConfiguration out'],
    ['another provider than its storage', () => ({ capacityProvider: pool(), sessionStorage: new SessionStorage(stack, 'W', { capacityProvider: pool({}, 'Other') }) }), 'a runtime runs on one of them'],
  ])('cannot have %s', (_title, props, message) => {
    const given = props();
    expect(() => agent(given)).toThrow(message);
  });
});
