import { App, CfnParameter, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccessPoint, CfnAccessPoint, FileSystem } from 'aws-cdk-lib/aws-efs';
import { IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnAccessPoint as CfnS3FilesAccessPoint, CfnMountTarget } from 'aws-cdk-lib/aws-s3files';
import { AgentRuntime, AgentRuntimeProps, Mount, Provisioning, SessionStorage } from '../../src';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

const EFS_ARN = 'arn:aws:elasticfilesystem:us-west-2:123456789012:access-point/fsap-0123456789abcdef0';
const S3_FILES_ARN = 'arn:aws:s3files:us-west-2:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0';

let stack: Stack;
let vpc: Vpc;

beforeEach(() => {
  stack = testStack();
  vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
});

function agent(props: Partial<AgentRuntimeProps>): AgentRuntime {
  return new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...props });
}

const inVpc = () => RuntimeNetworkConfiguration.usingVpc(stack, { vpc });
const efsRef = (id = 'ImportedEfs') => AccessPoint.fromAccessPointAttributes(stack, id, { accessPointArn: EFS_ARN });
const s3FilesRef = (id = 'S3Files') => new CfnS3FilesAccessPoint(stack, id, { fileSystemId: 'fs-0123456789abcdef0' });
const runtimeOf = (template = templateOf(stack)) => resourceOf(template, 'Custom::AgentCoreRuntime');

/** The statements of the execution role that are about a service. */
function statements(service: string): any[] {
  return Object.values(templateOf(stack).Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy')
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => JSON.stringify(Action).includes(`"${service}:`));
}

describe('an EFS access point', () => {
  let fileSystem: FileSystem;
  let accessPoint: AccessPoint;

  beforeEach(() => {
    fileSystem = new FileSystem(stack, 'Efs', { vpc });
    accessPoint = fileSystem.addAccessPoint('AccessPoint', { posixUser: { uid: '1000', gid: '1000' } });
  });

  it('is mounted by its ARN, after the session storage', () => {
    agent({ networkConfiguration: inVpc(), sessionStorage: new SessionStorage(stack, 'Storage'), mounts: [Mount.efsAccessPoint(accessPoint, '/mnt/tools/')] });
    expect(runtimeOf().Properties.FilesystemConfigurations).toEqual([
      { SessionStorage: { MountPath: '/mnt/workspace' } },
      { EfsAccessPoint: { AccessPointArn: stack.resolve(accessPoint.accessPointArn), MountPath: '/mnt/tools' } },
    ]);
  });

  it('is allowed to be mounted and written to, on its file system and through it alone', () => {
    agent({ networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint(accessPoint, '/mnt/tools')] });
    const [fileSystemArn, accessPointArn] = [fileSystem.fileSystemArn, accessPoint.accessPointArn].map((arn) => stack.resolve(arn));
    expect(statements('elasticfilesystem')).toEqual([
      {
        Effect: 'Allow',
        Action: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
        Resource: fileSystemArn,
        Condition: { ArnEquals: { 'elasticfilesystem:AccessPointArn': accessPointArn } },
      },
      { Effect: 'Allow', Action: ['elasticfilesystem:DescribeAccessPoints', 'elasticfilesystem:DescribeMountTargets'], Resource: [fileSystemArn, accessPointArn] },
    ]);
  });

  it('is not allowed to be written to where it is read-only', () => {
    agent({ networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint(accessPoint, '/mnt/tools', { readOnly: true })] });
    expect(statements('elasticfilesystem')[0].Action).toBe('elasticfilesystem:ClientMount');
  });

  it('is reached on the NFS port, and the runtime comes after the rule, the mount targets and the policy', () => {
    const runtime = agent({ networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint(accessPoint, '/mnt/tools')] });
    const template = templateOf(stack);
    const rule = resourceOf(template, 'AWS::EC2::SecurityGroupIngress');
    expect(rule.Properties).toMatchObject({
      FromPort: 2049,
      ToPort: 2049,
      IpProtocol: 'tcp',
      GroupId: stack.resolve(fileSystem.connections.securityGroups[0].securityGroupId),
      SourceSecurityGroupId: stack.resolve(runtime.connections!.securityGroups[0].securityGroupId),
    });
    const targets = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::EFS::MountTarget').map(([id]) => id);
    const [policy] = Object.entries(template.Resources).find(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties).includes('ClientMount'))!;
    expect(targets).toHaveLength(2);
    expect(runtimeOf(template).DependsOn).toEqual(expect.arrayContaining([rule.id, policy, ...targets]));
  });

  it('of another stack makes rules and order without a cycle', () => {
    const other = new Stack(stack.node.root as App, 'Other');
    const runtime = new AgentRuntime(other, 'Agent', {
      agentRuntimeArtifact: image(),
      networkConfiguration: RuntimeNetworkConfiguration.usingVpc(other, { vpc }),
      mounts: [Mount.efsAccessPoint(accessPoint, '/mnt/tools')],
    });
    const template = Template.fromStack(other);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    expect(Stack.of(runtime).dependencies).toContain(stack);
    expect(stack.dependencies).toEqual([]);
  });

  it('that does not tell its file system may be of any, and says what is left to do', () => {
    agent({ networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint(efsRef(), '/mnt/tools')] });
    expect(JSON.stringify(statements('elasticfilesystem')[0].Resource)).toMatch(/:file-system\/\*"/);
    expect(statements('elasticfilesystem')[0].Condition).toEqual({ ArnEquals: { 'elasticfilesystem:AccessPointArn': EFS_ARN } });
    Annotations.fromStack(stack).hasInfo('/Stack/Agent', Match.stringLikeRegexp('network of the file system at /mnt/tools is not known.*port 2049.*mountNetworkNotOpened'));
  });

  it('can be told its file system', () => {
    agent({ networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint(efsRef(), '/mnt/tools', { fileSystem })] });
    expect(statements('elasticfilesystem')[0].Resource).toEqual(stack.resolve(fileSystem.fileSystemArn));
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  });

  it('as an L1 names its file system by id', () => {
    agent({ networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint(new CfnAccessPoint(stack, 'L1', { fileSystemId: 'fs-01234567' }), '/mnt/tools')] });
    expect(JSON.stringify(statements('elasticfilesystem')[0].Resource)).toContain(':file-system/fs-01234567');
  });
});

describe('an S3 Files access point', () => {
  it('is mounted by its ARN and allowed through it alone', () => {
    agent({ networkConfiguration: inVpc(), mounts: [Mount.s3FilesAccessPoint(s3FilesRef(), '/mnt/data')] });
    const accessPointArn = { 'Fn::GetAtt': ['S3Files', 'AccessPointArn'] };
    const fileSystemArn = { 'Fn::Select': [0, { 'Fn::Split': ['/access-point/', accessPointArn] }] };
    expect(runtimeOf().Properties.FilesystemConfigurations).toEqual([{ S3FilesAccessPoint: { AccessPointArn: accessPointArn, MountPath: '/mnt/data' } }]);
    expect(statements('s3files')).toEqual([
      {
        Effect: 'Allow',
        Action: ['s3files:ClientMount', 's3files:ClientWrite'],
        Resource: fileSystemArn,
        Condition: { ArnEquals: { 's3files:AccessPointArn': accessPointArn } },
      },
      {
        Effect: 'Allow',
        Action: ['s3files:GetAccessPoint', 's3files:GetFileSystem', 's3files:GetMountTarget', 's3files:ListMountTargets'],
        Resource: [fileSystemArn, accessPointArn],
      },
    ]);
  });

  it('is reached through the security groups of its mount targets, after these are there', () => {
    const group = new SecurityGroup(stack, 'Targets', { vpc });
    const target = new CfnMountTarget(stack, 'Target', { fileSystemId: 'fs-0123456789abcdef0', subnetId: vpc.privateSubnets[0].subnetId, securityGroups: [group.securityGroupId] });
    agent({ networkConfiguration: inVpc(), mounts: [Mount.s3FilesAccessPoint(s3FilesRef(), '/mnt/data', { securityGroups: [group], mountTargets: [target] })] });
    const template = templateOf(stack);
    const rule = resourceOf(template, 'AWS::EC2::SecurityGroupIngress');
    expect(rule.Properties).toMatchObject({ FromPort: 2049, GroupId: stack.resolve(group.securityGroupId) });
    expect(runtimeOf(template).DependsOn).toEqual(expect.arrayContaining([rule.id, 'Target']));
    expect(Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('mountNetworkNotOpened'))).toEqual([]);
  });
});

describe('rules at synth', () => {
  const storage = () => new SessionStorage(stack, 'Storage');
  const efs = (path: string) => Mount.efsAccessPoint(efsRef(`Efs${path}`), path);
  const s3 = (path: string) => Mount.s3FilesAccessPoint(s3FilesRef(`S3${path}`), path);

  it('five mounts are enough: one session storage, two EFS, two S3 Files', () => {
    agent({ networkConfiguration: inVpc(), sessionStorage: storage(), mounts: [efs('/mnt/a'), efs('/mnt/b'), s3('/mnt/c'), s3('/mnt/d')] });
    expect(runtimeOf().Properties.FilesystemConfigurations).toHaveLength(5);
  });

  it.each<[string, () => Partial<AgentRuntimeProps>, string]>([
    ['three EFS access points', () => ({ networkConfiguration: inVpc(), mounts: [efs('/mnt/a'), efs('/mnt/b'), efs('/mnt/c')] }),
      '3 filesystems of kind efsAccessPoint, a runtime takes 2 at most'],
    ['three S3 Files access points', () => ({ networkConfiguration: inVpc(), mounts: [s3('/mnt/a'), s3('/mnt/b'), s3('/mnt/c')] }),
      '3 filesystems of kind s3FilesAccessPoint, a runtime takes 2 at most'],
    ['no VPC', () => ({ mounts: [efs('/mnt/a')] }), 'EFS and S3 Files access points need network mode VPC, got PUBLIC'],
    ['a public network', () => ({ networkConfiguration: RuntimeNetworkConfiguration.usingPublicNetwork(), mounts: [s3('/mnt/a')] }), 'need network mode VPC'],
    ['one path twice', () => ({ networkConfiguration: inVpc(), mounts: [efs('/mnt/a'), s3('/mnt/a/')] }), 'mount path /mnt/a is used twice'],
    ['the path of the session storage', () => ({ networkConfiguration: inVpc(), sessionStorage: storage(), mounts: [efs('/mnt/workspace')] }), 'mount path /mnt/workspace is used twice'],
    ['a path outside of /mnt', () => ({ networkConfiguration: inVpc(), mounts: [efs('/data')] }), 'mount path "/data"'],
    ['a volume without a capacity provider', () => ({ mounts: [Mount.capacityProviderVolume('data', '/mnt/a')] }), 'filesystems of kind capacityProviderVolume need a capacity provider'],
    ['a volume name that starts with a digit', () => ({ mounts: [Mount.capacityProviderVolume('1data', '/mnt/a')] }), 'capacityProviderVolume.volumeName: "1data" does not match'],
    ['an EFS ARN that is none', () => ({
      networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint({ ...efsRef(), accessPointRef: { accessPointArn: 'arn:aws:s3:::bucket', accessPointId: 'x' } } as any, '/mnt/a')],
    }), 'efsAccessPoint.accessPointArn: "arn:aws:s3:::bucket" does not match'],
    ['an S3 Files ARN without its file system', () => ({
      networkConfiguration: inVpc(), mounts: [Mount.s3FilesAccessPoint({ accessPointRef: { accessPointArn: S3_FILES_ARN.replace('fs-', 'gs-') } } as any, '/mnt/a')],
    }), 's3FilesAccessPoint.accessPointArn: '],
  ])('refuse %s', (_title, props, message) => {
    const given = props();
    expect(() => agent(given)).toThrow(/^Stack\/Agent: /);
    expect(() => new AgentRuntime(stack, 'Again', { agentRuntimeArtifact: image(), ...given })).toThrow(message);
  });

  it('let paths be tokens', () => {
    const path = new CfnParameter(stack, 'Path').valueAsString;
    agent({ networkConfiguration: inVpc(), mounts: [Mount.efsAccessPoint(efsRef('A'), path), Mount.efsAccessPoint(efsRef('B'), '/mnt/b')] });
    expect(runtimeOf().Properties.FilesystemConfigurations[0].EfsAccessPoint.MountPath).toEqual({ Ref: 'Path' });
  });
});

it('a network that lets nothing out gets a rule for the way out too', () => {
  const group = new SecurityGroup(stack, 'Closed', { vpc, allowAllOutbound: false });
  const fileSystem = new FileSystem(stack, 'Efs', { vpc });
  const networkConfiguration = RuntimeNetworkConfiguration.usingVpc(stack, { vpc, securityGroups: [group] });
  agent({ networkConfiguration, mounts: [Mount.efsAccessPoint(fileSystem.addAccessPoint('AccessPoint'), '/mnt/tools')] });
  const template = templateOf(stack);
  const rules = [resourceOf(template, 'AWS::EC2::SecurityGroupEgress'), resourceOf(template, 'AWS::EC2::SecurityGroupIngress')];
  expect(rules.map(({ Properties }) => [Properties.FromPort, Properties.Description])).toEqual([[2049, 'Mounting /mnt/tools'], [2049, 'Mounting /mnt/tools']]);
  expect(runtimeOf(template).DependsOn).toEqual(expect.arrayContaining(rules.map(({ id }) => id)));
});

describe('a role that takes no statements', () => {
  const ARN = 'arn:aws:iam::123456789012:role/agent';
  const ROLES: Record<string, () => IRole> = {
    'is imported as immutable': () => Role.fromRoleArn(stack, 'Role', ARN, { mutable: false }),
    'adds grants to resources instead': () => Role.fromRoleArn(stack, 'Role', ARN, { mutable: false, addGrantsToResources: true }),
    'is another account\'s': () => Role.fromRoleArn(new Stack(stack.node.root, 'Other', { env: { account: '210987654321' } }), 'Role', ARN),
    'is kept as it is': () => new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') }).withoutPolicyUpdates(),
  };

  it.each(Object.entries(ROLES))('%s: one warning has the statements', (_title, role) => {
    const mounts = [Mount.efsAccessPoint(efsRef(), '/mnt/tools'), Mount.efsAccessPoint(efsRef('Other'), '/mnt/other', { readOnly: true })];
    agent({ networkConfiguration: inVpc(), executionRole: role(), mounts });
    const [{ entry }, ...others] = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('(role|mount)PermissionsNotAdded'));
    expect(others).toEqual([]);
    const [, json] = /^the execution role .*takes no statements from this app; see to it that its policies have these, besides what the official Runtime gives to a role that it makes: (.*)\. \[ack: cdk-agentcore-runtime:rolePermissionsNotAdded\]$/
      .exec(entry.data as string)!;
    const listed: { Action: string | string[]; Resource: unknown }[] = JSON.parse(json);
    expect(listed.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining(['logs:PutResourcePolicy', 'elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']));
    expect(listed.find(({ Action }) => Action === 'logs:PutResourcePolicy')).toEqual({
      Effect: 'Allow',
      Action: 'logs:PutResourcePolicy',
      Resource: expect.stringMatching(/^arn:\$\{AWS::Partition\}:logs:\$\{AWS::Region\}:\$\{AWS::AccountId\}:log-group:\/aws\/bedrock-agentcore\/runtimes\/\w+-\*$/),
    });
    expect(json).not.toContain('TOKEN');
  });

  it('is not one that is imported as mutable', () => {
    agent({ networkConfiguration: inVpc(), executionRole: Role.fromRoleArn(stack, 'Role', ARN), mounts: [Mount.efsAccessPoint(efsRef(), '/mnt/tools')] });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('(role|mount)PermissionsNotAdded'))).toEqual([]);
  });

  it('is not told of once that is acknowledged', () => {
    agent({ executionRole: Role.fromRoleArn(stack, 'Role', ARN, { mutable: false }) });
    Validations.of(stack).acknowledge({ id: 'cdk-agentcore-runtime:rolePermissionsNotAdded', reason: 'the role is kept elsewhere' });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('(role|mount)PermissionsNotAdded'))).toEqual([]);
  });
});

it('the native engine has the same properties', () => {
  agent({ networkConfiguration: inVpc(), provisioning: Provisioning.CLOUDFORMATION, mounts: [Mount.efsAccessPoint(efsRef(), '/mnt/tools')] });
  expect(resourceOf(templateOf(stack), 'AWS::BedrockAgentCore::Runtime').Properties.FilesystemConfigurations)
    .toEqual([{ EfsAccessPoint: { AccessPointArn: EFS_ARN, MountPath: '/mnt/tools' } }]);
});
