import { join } from 'node:path';
import { App, CfnParameter, CfnResource, Duration, NestedStack, RemovalPolicy, Stack, Stage, Token, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { CustomResourceConfig } from 'aws-cdk-lib/custom-resources';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import {
  AgentCoreFunctionProps, AgentCoreProvider, AgentCoreProviderProps, AgentCoreStopSession, AgentCoreWorkflow, AgentRuntime, Command, CommandRunner,
  ScheduledCommand,
} from '../../src';
import { image, TemplateJson } from '../util/stacks';

const ROLE_ARN = 'arn:aws:iam::123456789012:role/functions';
const ENV = { account: '123456789012', region: 'us-west-2' };

interface Kind {
  readonly name: string;
  readonly configure: (scope: Construct, props: AgentCoreFunctionProps) => void;
  /** Declares what makes the stack have the function. */
  readonly use: (stack: Stack) => void;
  readonly id: string;
}

function agent(stack: Stack): AgentRuntime {
  const executionRole = Role.fromRoleArn(stack, 'AgentRole', 'arn:aws:iam::123456789012:role/agent', { mutable: false });
  return new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'agent', executionRole });
}

const RUNTIME_ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/coder-0123456789';

const KINDS: Kind[] = [
  {
    name: 'AgentCoreProvider',
    configure: (scope, props) => AgentCoreProvider.configure(scope, props),
    use: (stack) => void new CommandRunner(stack, 'Check', { runtime: agent(stack), command: Command.shell('true') }),
    id: 'CdkAgentCoreRuntimeProvider',
  },
  {
    name: 'AgentCoreWorkflow',
    configure: (scope, props) => AgentCoreWorkflow.configure(scope, props),
    use: (stack) => void AgentCoreStopSession.jsonPath(stack, 'Stop', { runtime: AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', RUNTIME_ARN), sessionId: 's'.repeat(33) }),
    id: 'CdkAgentCoreRuntimeWorkflow',
  },
];

describe.each(KINDS.map((kind) => [kind.name, kind] as const))('%s', (_name, { configure, use, id }) => {
  let app: App;
  let stack: Stack;

  beforeEach(() => {
    app = new App({ analyticsReporting: false });
    stack = new Stack(app, 'Stack', { env: ENV });
  });

  const template = (of = stack): TemplateJson => Template.fromStack(of).toJSON() as TemplateJson;
  const resources = (type: string, of = stack) => Object.entries(template(of).Resources).filter(([, { Type }]) => Type === type);
  const functionOf = (of = stack) => resources('AWS::Lambda::Function', of).find(([logicalId]) => logicalId.startsWith(id))![1];
  const warnings = (rule: string) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(rule)).map(({ entry }) => String(entry.data));

  /** The template after all of `props` is used. */
  function configured(props: (stack: Stack) => AgentCoreFunctionProps): void {
    configure(stack, props(stack));
    use(stack);
  }

  it('leaves the function on arm64 with 256 MiB where nothing is configured', () => {
    use(stack);
    const { Properties } = functionOf();
    expect(Properties).toMatchObject({ Architectures: ['arm64'], MemorySize: 256 });
    for (const name of ['VpcConfig', 'Environment', 'ReservedConcurrentExecutions', 'KmsKeyArn']) expect(Properties).not.toHaveProperty(name);
  });

  it('takes memory, environment, concurrency and architecture', () => {
    configured(() => ({
      memorySize: 512, environment: { HTTPS_PROXY: 'http://proxy:3128' }, reservedConcurrentExecutions: 5, architecture: Architecture.X86_64,
    }));
    expect(functionOf().Properties).toMatchObject({
      MemorySize: 512, Environment: { Variables: { HTTPS_PROXY: 'http://proxy:3128' } }, ReservedConcurrentExecutions: 5, Architectures: ['x86_64'],
    });
  });

  it('connects the function to a VPC, with what Lambda needs for that, by a group of its own', () => {
    configured((scope) => ({ vpc: new Vpc(scope, 'Vpc', { restrictDefaultSecurityGroup: false }) }));
    const { Properties, DependsOn } = functionOf();
    expect(Properties.VpcConfig.SubnetIds).toEqual([1, 2, 3].slice(0, Properties.VpcConfig.SubnetIds.length).map((i) => ({ Ref: expect.stringMatching(new RegExp(`^VpcPrivateSubnet${i}`)) })));
    expect(resources('AWS::EC2::SecurityGroup').map(([, group]) => group.Properties.SecurityGroupEgress)).toEqual([
      [expect.objectContaining({ CidrIp: '0.0.0.0/0', IpProtocol: '-1' })],
    ]);
    const [[roleId, role]] = resources('AWS::IAM::Role').filter(([logicalId]) => logicalId.startsWith(id));
    expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    expect(role.Properties.Policies[0].PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: [
        'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
      ],
      Resource: '*',
    });
    expect(DependsOn).toContain(roleId);
  });

  it('takes subnets and groups', () => {
    configured((scope) => {
      const vpc = new Vpc(scope, 'Vpc', { natGateways: 0, restrictDefaultSecurityGroup: false, subnetConfiguration: [{ name: 'Inner', subnetType: SubnetType.PRIVATE_ISOLATED }] });
      return { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED }, securityGroups: [new SecurityGroup(scope, 'Group', { vpc })] };
    });
    const { VpcConfig } = functionOf().Properties;
    expect(VpcConfig.SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^Group/), 'GroupId'] }]);
    expect(VpcConfig.SubnetIds[0].Ref).toMatch(/^VpcInnerSubnet1/);
  });

  it('encrypts the log group, and lets CloudWatch Logs of the region use the key', () => {
    configured((scope) => ({ logEncryptionKey: new Key(scope, 'Key') }));
    const [[keyId, key]] = resources('AWS::KMS::Key');
    const [[, group]] = resources('AWS::Logs::LogGroup').filter(([logicalId]) => logicalId.startsWith(id));
    expect(group.Properties.KmsKeyId).toEqual({ 'Fn::GetAtt': [keyId, 'Arn'] });
    expect(key.Properties.KeyPolicy.Statement).toContainEqual({
      Effect: 'Allow',
      Principal: { Service: 'logs.us-west-2.amazonaws.com' },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      Resource: '*',
      Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':logs:us-west-2:123456789012:*']] } } },
    });
    expect(warnings('keyPolicyNotAdded')).toEqual([]);
  });

  it('says what the policy of a key needs that is not the app\'s', () => {
    configured((scope) => ({ logEncryptionKey: Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:us-west-2:123456789012:key/0') }));
    expect(warnings('keyPolicyNotAdded')).toEqual([expect.stringContaining('"Principal":{"Service":"logs.us-west-2.amazonaws.com"}')]);
  });

  it('takes a log group, and lets the function write to that one alone', () => {
    configured((scope) => ({ logGroup: new LogGroup(scope, 'Own', { retention: RetentionDays.ONE_YEAR }) }));
    const groups = resources('AWS::Logs::LogGroup');
    expect(groups.map(([logicalId]) => logicalId)).toEqual([expect.stringMatching(/^Own/)]);
    expect(functionOf().Properties.LoggingConfig).toEqual({ LogGroup: { Ref: groups[0][0] } });
    const [[, role]] = resources('AWS::IAM::Role').filter(([logicalId]) => logicalId.startsWith(id));
    expect(role.Properties.Policies[0].PolicyDocument.Statement[0].Resource).toEqual({ 'Fn::GetAtt': [groups[0][0], 'Arn'] });
  });

  describe('with a role', () => {
    const basics = ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'];
    const actions = () => ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) => resources(type)).flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement).flatMap(({ Action }) => Action);

    it.each([
      ['of the app', (scope: Stack) => new Role(scope, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })],
      ['that is imported', (scope: Stack) => Role.fromRoleArn(scope, 'Own', ROLE_ARN)],
    ])('%s gives it what the function needs, before there is the function', (_title, role) => {
      configured((scope) => ({ role: role(scope) }));
      expect(resources('AWS::IAM::Role').filter(([logicalId]) => logicalId.startsWith(id))).toEqual([]);
      expect(actions()).toEqual(expect.arrayContaining([...basics, 'bedrock-agentcore:StopRuntimeSession']));
      const [policyId] = resources('AWS::IAM::Policy').find(([, { Properties }]) => JSON.stringify(Properties).includes(basics[0]))!;
      expect(functionOf().DependsOn).toContain(policyId);
      expect(warnings('rolePermissionsNotAdded')).not.toContainEqual(expect.stringContaining(basics[0]));
    });

    it('of another stack makes that stack wait for nothing of this one', () => {
      const role = new Role(new Stack(app, 'Roles', { env: ENV }), 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      configured(() => ({ role }));
      expect(() => app.synth()).not.toThrow();
      expect(Stack.of(role).dependencies).toEqual([]);
      expect(actions()).toEqual(expect.arrayContaining([...basics, 'bedrock-agentcore:StopRuntimeSession']));
    });

    it('that several stacks share has the policies of each under names that no other stack has', () => {
      const roles = new Stack(app, 'Roles', { env: ENV });
      const role = new Role(roles, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      configure(app, { role });
      const stacks = [stack, new Stack(app, 'Second', { env: ENV })];
      stacks.forEach(use);
      for (const each of stacks) {
        const policies = Object.entries(template(each).Resources).filter(([logicalId, { Type }]) => Type === 'AWS::IAM::Policy' && !logicalId.startsWith('AgentExecution'));
        expect(policies.length).toBeGreaterThan(0);
        for (const [logicalId, { Properties }] of policies) {
          expect(Properties.PolicyName).toEqual({ 'Fn::Join': ['', [`${logicalId}-`, { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }]] });
        }
      }
    });

    it('has policies whose names IAM takes, however long their logical ids are', () => {
      const nested = new NestedStack(stack, 'Nested');
      configure(stack, { role: Role.fromRoleArn(stack, 'Own', ROLE_ARN) });
      use(nested);
      const long = new Construct(nested, 'x'.repeat(120));
      new CommandRunner(nested, 'Long', { runtime: new AgentRuntime(long, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'long' }), command: Command.shell('true') });
      const names = Object.values(template(nested).Resources).filter(({ Type }) => Type === 'AWS::IAM::Policy').map(({ Properties }) => Properties.PolicyName)
        .filter((name) => typeof name !== 'string').map((name) => name['Fn::Join'][1][0] as string);
      expect(names.length).toBeGreaterThan(0);
      expect(Math.max(...names.map(({ length }) => length + 36))).toBeLessThanOrEqual(128);
    });

    it('that takes none lists all of it in one warning, and changes nothing of the role', () => {
      configured((scope) => ({ role: Role.fromRoleArn(scope, 'Own', ROLE_ARN, { mutable: false }) }));
      expect(resources('AWS::IAM::Policy')).toEqual([]);
      expect(functionOf().Properties.Role).toBe(ROLE_ARN);
      const [warning, ...others] = warnings('the role of the function');
      expect(others).toEqual([]);
      expect(warning).toContain(`the role of the function ${ROLE_ARN} takes no statements`);
      const statements: { Action: string | string[] }[] = JSON.parse(/have these: (\[.*\])\./.exec(warning)![1]);
      expect(statements.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining([...basics, 'bedrock-agentcore:StopRuntimeSession']));
      expect(warning).not.toContain('TOKEN');
    });

    it('that is the app\'s, but not to be changed, stays as it is', () => {
      configured((scope) => ({ role: new Role(scope, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }).withoutPolicyUpdates() }));
      expect(resources('AWS::IAM::Policy')).toEqual([]);
      expect(warnings('the role of the function')).toHaveLength(1);
    });

    it('does not hold up the other uses of a role that takes none', () => {
      const role = Role.fromRoleArn(stack, 'Own', ROLE_ARN, { mutable: false });
      const before = role.attachInlinePolicy;
      configured(() => ({ role }));
      expect(role.attachInlinePolicy).toBe(before);
      expect(role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] })).statementAdded).toBe(true);
    });

    it('of another account is refused', () => {
      expect(() => configured((scope) => ({ role: Role.fromRoleArn(scope, 'Own', ROLE_ARN.replace('123456789012', '210987654321')) })))
        .toThrow('role is one of account 210987654321, but a function of account 123456789012 takes a role of its own account only');
    });
  });

  describe('is refused', () => {
    const vpc = () => new Vpc(stack, 'Vpc');

    it.each<[string, () => AgentCoreFunctionProps, string]>([
      ['subnets without a VPC', () => ({ vpcSubnets: { subnetType: SubnetType.PUBLIC } }), 'vpcSubnets is given without a vpc; give the vpc'],
      ['groups without a VPC', () => ({ securityGroups: [new SecurityGroup(stack, 'Group', { vpc: vpc() })] }), 'securityGroups is given without a vpc'],
      ['a key for a log group that has its own', () => ({ logGroup: new LogGroup(stack, 'Own'), logEncryptionKey: new Key(stack, 'Key') }), 'leave logEncryptionKey out'],
      ['too little memory', () => ({ memorySize: 127 }), 'memorySize is 127 MiB; use a whole number from 128 to 10240'],
      ['too much memory', () => ({ memorySize: 10_241 }), 'memorySize is 10241 MiB'],
      ['half a MiB', () => ({ memorySize: 128.5 }), 'memorySize is 128.5 MiB'],
      ['no concurrency', () => ({ reservedConcurrentExecutions: 0 }), 'reservedConcurrentExecutions is 0; use a whole number of 1 or more, since with 0 the function is never run'],
      ['a negative one', () => ({ reservedConcurrentExecutions: -1 }), 'reservedConcurrentExecutions is -1; use a whole number of 1 or more [rule'],
      ['a variable of Lambda\'s', () => ({ environment: { AWS_REGION: 'x' } }), 'environment has AWS_REGION, which Lambda sets itself'],
      ['a name that is none', () => ({ environment: { '1A': 'x' } }), 'environment has the name "1A"; a name has two characters or more'],
      ['a name of one letter', () => ({ environment: { A: 'x' } }), 'environment has the name "A"'],
    ])('with %s', (_title, props, message) => {
      expect(() => configure(stack, props())).toThrow(message);
    });

    it('with all that is wrong at once', () => {
      expect(() => configure(stack, { memorySize: 1, reservedConcurrentExecutions: 0 })).toThrow(/Stack: 2 faults in its properties\n.*memorySize.*\n.*reserved/);
    });

    it('on what has no function of its own', () => {
      expect(() => configure(new Construct(stack, 'Part'), {})).toThrow('Stack/Part: ');
      expect(() => configure(new Construct(stack, 'Other'), {})).toThrow('a construct that is no stack, stage or app; configure its stack [rule: cdk-agentcore-runtime:functionConfiguration]');
    });

    it('for an app, which has no path to name', () => {
      expect(() => configure(app, { memorySize: 64 })).toThrow(/^the app: memorySize is 64/);
    });

    it('a second time', () => {
      configure(app, {});
      configure(stack, {});
      expect(() => configure(stack, {})).toThrow('was called with this construct before; give all properties in one call');
    });

    it('too late', () => {
      use(stack);
      expect(() => configure(stack, {})).toThrow(/is called after Stack got its function, .*; call it before that/);
      expect(() => configure(app, {})).toThrow('is called after Stack got its function');
    });

    it('not where what is there has its own configuration', () => {
      configure(stack, { memorySize: 512 });
      use(stack);
      expect(() => configure(app, {})).not.toThrow();
    });
  });

  it('lets what is just inside and tokens pass', () => {
    const number = Token.asNumber({ resolve: () => 300 });
    configured((scope) => ({
      memorySize: number, reservedConcurrentExecutions: number, environment: { Ab: new CfnParameter(scope, 'Proxy').valueAsString },
    }));
    expect(functionOf().Properties).toMatchObject({ MemorySize: 300, ReservedConcurrentExecutions: 300, Environment: { Variables: { Ab: { Ref: 'Proxy' } } } });
    expect(() => configure(new Stack(app, 'Least'), { memorySize: 128, reservedConcurrentExecutions: 1 })).not.toThrow();
    expect(() => configure(new Stack(app, 'Most'), { memorySize: 10_240 })).not.toThrow();
  });

  it('counts from app, stage, stack and parent stack, the nearest alone', () => {
    const stage = new Stage(app, 'Prod');
    const [inStage, inStack] = ['A', 'B'].map((name) => new Stack(stage, name));
    const nested = new NestedStack(inStack, 'Nested');
    configure(app, { memorySize: 301, environment: { STAGE: 'all' } });
    configure(stage, { memorySize: 302 });
    configure(inStack, { memorySize: 303 });
    const all = [stack, inStage, inStack, nested];
    all.forEach(use);
    expect(all.map((of) => functionOf(of).Properties.MemorySize)).toEqual([301, 302, 303, 303]);
    expect(functionOf(inStage).Properties).not.toHaveProperty('Environment');
  });

  it('says nothing to cdk-nag, in a VPC too', () => {
    configured((scope) => ({ vpc: new Vpc(scope, 'Vpc', { restrictDefaultSecurityGroup: false }), logEncryptionKey: new Key(scope, 'Key', { enableKeyRotation: true }) }));
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const ours = violations.flatMap(({ ruleName, violatingResources }) => violatingResources
      .filter(({ constructPath }) => constructPath?.includes(id)).map(({ constructPath }) => `${ruleName} ${constructPath}`));
    expect(ours).toEqual([]);
  });

  it('says nothing to cdk-nag with a role of the user\'s', () => {
    configured((scope) => ({ role: new Role(scope, 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }), vpc: new Vpc(scope, 'Vpc', { restrictDefaultSecurityGroup: false }) }));
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations.filter(({ violatingResources }) => violatingResources.some(({ constructPath }) => constructPath?.includes(id)))).toEqual([]);
  });
});

describe('AgentCoreProvider', () => {
  function providerStack(props?: (stack: Stack) => AgentCoreProviderProps): Stack {
    const stack = new Stack(new App(), 'Stack');
    if (props) AgentCoreProvider.configure(stack, props(stack));
    agent(stack);
    return stack;
  }

  it('lets the function decrypt code with a key', () => {
    const stack = providerStack((scope) => ({ codeEncryptionKey: new Key(scope, 'Code') }));
    const template = Template.fromStack(stack).toJSON() as TemplateJson;
    const key = Object.keys(template.Resources).find((id) => id.startsWith('Code'));
    const statements = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role').flatMap(({ Properties }) => Properties.Policies[0].PolicyDocument.Statement);
    expect(statements).toContainEqual({ Effect: 'Allow', Action: 'kms:Decrypt', Resource: { 'Fn::GetAtt': [key, 'Arn'] } });
  });

  it.each([
    ['addLogRetentionLifetime', (config: CustomResourceConfig) => config.addLogRetentionLifetime(RetentionDays.TWO_YEARS), 'AWS::Logs::LogGroup', { Properties: { RetentionInDays: 731 } }],
    ['addRemovalPolicy', (config: CustomResourceConfig) => config.addRemovalPolicy(RemovalPolicy.RETAIN), 'AWS::Logs::LogGroup', { DeletionPolicy: 'Retain' }],
    ['addLambdaRuntime', (config: CustomResourceConfig) => config.addLambdaRuntime(Runtime.NODEJS_22_X), 'AWS::Lambda::Function', { Properties: { Runtime: 'nodejs22.x' } }],
  ])('is found by CustomResourceConfig: %s', (_method, change, type, expected) => {
    const stack = providerStack();
    change(CustomResourceConfig.of(stack.node.root));
    const template = Template.fromStack(stack).toJSON() as TemplateJson;
    expect(Object.values(template.Resources).filter(({ Type }) => Type === type)).toMatchObject([expected]);
  });

  it('leaves the log group of the user to the user', () => {
    const stack = providerStack((scope) => ({ logGroup: new LogGroup(scope, 'Own', { retention: RetentionDays.ONE_YEAR }) }));
    CustomResourceConfig.of(stack).addLogRetentionLifetime(RetentionDays.ONE_DAY);
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
  });

  it('acknowledged warnings are not given', () => {
    const stack = providerStack((scope) => ({ role: Role.fromRoleArn(scope, 'Own', ROLE_ARN, { mutable: false }) }));
    Validations.of(stack).acknowledge({ id: 'cdk-agentcore-runtime:rolePermissionsNotAdded', reason: 'they are kept elsewhere' });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('rolePermissionsNotAdded'))).toEqual([]);
  });

  it('keeps the dependencies of custom resources where the role takes no policy', () => {
    const stack = providerStack((scope) => ({ role: Role.fromRoleArn(scope, 'Own', ROLE_ARN, { mutable: false }) }));
    const { Resources } = Template.fromStack(stack).toJSON() as TemplateJson;
    const all = Object.values(Resources).flatMap(({ DependsOn }) => DependsOn ?? []);
    expect(all.filter((id) => !Resources[id])).toEqual([]);
    expect(stack.node.findAll().filter(CfnResource.isCfnResource).length).toBeGreaterThan(0);
  });
});

describe('AgentCoreWorkflow', () => {
  function withRoleOf(another: (app: App, stack: Stack) => Stack) {
    const app = new App();
    const stack = new Stack(app, 'Stack', { env: ENV });
    const role = new Role(another(app, stack), 'Own', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    AgentCoreWorkflow.configure(stack, { role });
    new ScheduledCommand(stack, 'Backup', {
      runtime: agent(stack), command: Command.shell('true'), schedule: ScheduleExpression.rate(Duration.days(1)), outputBucket: new Bucket(stack, 'Output'),
    });
    return { app, role };
  }

  it('a role of another stack has its statements in the stack of the function', () => {
    const { app, role } = withRoleOf((root) => new Stack(root, 'Roles', { env: ENV }));
    expect(() => app.synth()).not.toThrow();
    expect(Stack.of(role).dependencies).toEqual([]);
  });

  it('says nothing to cdk-nag of what is added to a role of the user\'s', () => {
    const { app } = withRoleOf((_root, stack) => stack);
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const paths = violations.flatMap(({ violatingResources }) => violatingResources.map(({ constructPath }) => constructPath ?? ''));
    expect(paths.filter((path) => path.includes('CdkAgentCoreRuntimeWorkflow') || path.includes('Stack/Own'))).toEqual([]);
  });
});

test('a role of the provider that takes no statements is told of the bucket of assets as a policy names it', () => {
  const stack = new Stack(new App(), 'Stack');
  AgentCoreProvider.configure(stack, { role: Role.fromRoleArn(stack, 'Own', ROLE_ARN, { mutable: false }) });
  new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({ path: join(__dirname, 'agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] }),
  });
  const [{ entry }] = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('the role of the function'));
  expect(entry.data).toContain('"arn:${AWS::Partition}:s3:::cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/*"');
  expect(entry.data).not.toContain('Fn::');
});
