import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { App, Aws, CfnParameter, Duration, Environment, NestedStack, Stack, Validations } from 'aws-cdk-lib';
import { RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AgentRuntime, AgentRuntimeProps, Command, CommandRunner } from '../../src';
import { inlinePolicyCharacters } from '../../src/runtime/inline-policies';
import { ProviderFunction } from '../../src/runtime/provider-function';
import { TemplateJson, image, resourceOf, templateOf, testStack } from '../util/stacks';

const FLAGS: Record<string, unknown> = JSON.parse(readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));

function agent(stack: Stack, id: string, props: Partial<AgentRuntimeProps> = {}): AgentRuntime {
  const executionRole = Role.fromRoleArn(stack, `${id}Role`, `arn:aws:iam::123456789012:role/${id}`, { mutable: false });
  return new AgentRuntime(stack, id, { agentRuntimeArtifact: image(), runtimeName: id, executionRole, ...props });
}

/** The statements of a provider, once references are written out. */
function statements(template: TemplateJson, idPart: string): any[] {
  const found = Object.entries(template.Resources).filter(([id, { Type }]) => id.includes(idPart) && /Policy|Role/.test(Type));
  return found.flatMap(([, { Properties }]) => (Properties.PolicyDocument ?? Properties.Policies[0].PolicyDocument).Statement)
    .map((statement) => JSON.parse(JSON.stringify(statement, (_key, value) => flatten(value))));
}

function flatten(value: any): unknown {
  if (value?.['Fn::Join']) return value['Fn::Join'][1].map(flatten).join('');
  if (value?.Ref) return `<${value.Ref.replace('AWS::', '')}>`;
  return value;
}

const basics = (stack: Stack) => statements(templateOf(stack), 'CdkAgentCoreRuntimeProviderRole');

describe('function', () => {
  it('is one per stack', () => {
    const stack = testStack();
    const first = agent(stack, 'one');
    agent(stack, 'two');
    new CommandRunner(stack, 'Check', { runtime: first, command: Command.shell('true') });
    const types = Object.values(templateOf(stack).Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(1);
    expect(types.filter((type) => type === 'Custom::AgentCoreRuntime')).toHaveLength(2);
  });

  it('is another one in another stack', () => {
    const app = new App();
    const [first, second] = ['First', 'Second'].map((id) => ProviderFunction.of(new Stack(app, id)));
    expect(first).not.toBe(second);
  });

  it('has the longest time that Lambda gives, and CloudFormation waits a little longer', () => {
    const stack = testStack();
    agent(stack, 'agent');
    const template = templateOf(stack);
    expect(resourceOf(template, 'AWS::Lambda::Function').Properties).toMatchObject({ Timeout: 900, Handler: 'index.handler', Runtime: 'nodejs24.x' });
    expect(Number(resourceOf(template, 'Custom::AgentCoreRuntime').Properties.ServiceTimeout)).toBeGreaterThan(900);
  });

  it('is named after the content of its bundle, and ships nothing else', () => {
    const stack = testStack();
    agent(stack, 'agent');
    const [, name] = /^(\w+)\.zip$/.exec(resourceOf(templateOf(stack), 'AWS::Lambda::Function').Properties.Code.S3Key)!;
    const staged = path.join((stack.node.root as App).synth().directory, `asset.${name}`);
    expect(readdirSync(staged)).toEqual(['index.js']);
    // aws-cdk-lib hashes the hash that it is given
    expect(name).toBe(sha256(sha256(readFileSync(path.join(staged, 'index.js')))));
  });
});

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

describe('permissions', () => {
  const arn = (resource: string) => `arn:<Partition>:bedrock-agentcore:<Region>:<AccountId>:${resource}`;
  const own = arn('runtime/agent-??????????');
  const directory = arn('workload-identity-directory/default');
  const actions = (...names: string[]) => names.map((name) => `bedrock-agentcore:${name}`);

  it('for one runtime are on its name, what the service removes with it, and its execution role', () => {
    const stack = testStack();
    agent(stack, 'agent');
    expect(statements(templateOf(stack), 'ProvisioningPolicy')).toEqual([
      {
        Effect: 'Allow',
        Action: actions(
          'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'DeleteAgentRuntimeEndpoint', 'DeleteWorkloadIdentity',
          'UntagResource', 'ListTagsForResource',
        ),
        Resource: [own, `${own}/runtime-endpoint/DEFAULT`, directory, `${directory}/workload-identity/agent-??????????`],
      },
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::123456789012:role/agent',
        Condition: { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } },
      },
    ]);
  });

  it('in general are its own logs, what names no runtime, and one service-linked role', () => {
    const stack = testStack();
    agent(stack, 'one');
    agent(stack, 'two');
    expect(basics(stack)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^CdkAgentCoreRuntimeProviderLogGroup/), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'bedrock-agentcore:ListAgentRuntimes', Resource: '*' },
      {
        Effect: 'Allow',
        Action: actions('CreateAgentRuntime', 'CreateAgentRuntimeEndpoint', 'CreateWorkloadIdentity', 'TagResource'),
        Resource: [arn('runtime/*'), directory, `${directory}/workload-identity/*`],
      },
      {
        Effect: 'Allow',
        Action: 'iam:CreateServiceLinkedRole',
        Resource: 'arn:<Partition>:iam::<AccountId>:role/aws-service-role/runtime-identity.bedrock-agentcore.amazonaws.com/AWSServiceRoleForBedrockAgentCoreRuntimeIdentity',
        Condition: { StringEquals: { 'iam:AWSServiceName': 'runtime-identity.bedrock-agentcore.amazonaws.com' } },
      },
    ]);
  });

  it('in general are its own logs and the list of runtimes where there are only commands', () => {
    const stack = testStack();
    const runtime = agent(new Stack(stack.node.root as App, 'Agents'), 'agent');
    new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
    expect(basics(stack).flatMap(({ Action }) => Action)).toEqual([
      'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents', 'bedrock-agentcore:ListAgentRuntimes',
    ]);
  });

  it('reach a second service-linked role for a runtime in a VPC', () => {
    const stack = testStack();
    agent(stack, 'agent', { networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc: new Vpc(stack, 'Vpc') }) });
    expect(basics(stack).map(({ Condition }) => Condition?.StringEquals['iam:AWSServiceName']))
      .toEqual([undefined, undefined, undefined, 'runtime-identity.bedrock-agentcore.amazonaws.com', 'network.bedrock-agentcore.amazonaws.com']);
  });

  it('for a renamed runtime come in a policy of their own, so that those for the old name can stay until it is deleted', () => {
    const idFor = (runtimeName: string) => {
      const stack = testStack();
      agent(stack, 'agent', { runtimeName });
      return resourceOf(templateOf(stack), 'AWS::IAM::Policy').id;
    };
    expect(idFor('old')).not.toBe(idFor('new'));
    expect(idFor('old')).toBe(idFor('old'));
  });

  it('follow a name that is a token', () => {
    const stack = testStack();
    agent(stack, 'agent', { runtimeName: new CfnParameter(stack, 'Name').valueAsString });
    const [{ Resource: [runtime] }] = statements(templateOf(stack), 'ProvisioningPolicy');
    expect(runtime).toBe(arn('runtime/<Name>-??????????'));
  });

  it('for commands on DEFAULT are part of the runtime\'s, those on another endpoint add a statement', () => {
    const stack = testStack();
    const runtime = agent(stack, 'agent');
    const check = (id: string, qualifier?: string) => new CommandRunner(stack, id, { runtime, command: Command.shell('true'), qualifier });
    const commands = actions('InvokeAgentRuntimeCommand', 'StopRuntimeSession');
    check('First');
    check('Second');
    expect(statements(templateOf(stack), 'ProvisioningPolicy')).toEqual([
      expect.objectContaining({ Action: expect.arrayContaining(commands) }), expect.objectContaining({ Action: 'iam:PassRole' }),
    ]);

    const other = testStack();
    new CommandRunner(other, 'Check', { runtime: agent(other, 'agent'), command: Command.shell('true'), qualifier: 'canary' });
    const [first, , last] = statements(templateOf(other), 'ProvisioningPolicy');
    expect(first.Action).not.toContain(commands[0]);
    expect(last).toEqual({ Effect: 'Allow', Action: commands, Resource: [own, `${own}/runtime-endpoint/canary`] });
  });

  it('to call itself come once per stack, in a policy that names the function', () => {
    const stack = testStack();
    const runtime = agent(stack, 'agent');
    for (const id of ['One', 'Two']) new CommandRunner(stack, id, { runtime, command: Command.shell('true'), timeout: Duration.hours(1) });
    const template = templateOf(stack);
    const found = Object.entries(template.Resources).filter(([id]) => id.includes('CallItself'));
    expect(found).toHaveLength(1);
    const [[id, { Properties }]] = found;
    expect(Properties.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [resourceOf(template, 'AWS::Lambda::Function').id, 'Arn'] } },
    ]);
    for (const { Type, DependsOn } of Object.values(template.Resources)) {
      if (Type === 'Custom::AgentCoreCommand') expect(DependsOn).toContain(id);
    }
  });
});

describe('the policies of the role', () => {
  function stackOf(count: number): Stack {
    const stack = testStack();
    for (let i = 0; i < count; i++) {
      new CommandRunner(stack, `Check${i}`, { runtime: agent(stack, `my_agent_number_${i}`), command: Command.shell('true') });
    }
    return stack;
  }

  it('have room for eight runtimes with commands', () => {
    expect(() => templateOf(stackOf(8))).not.toThrow();
  });

  it('have room for more in a nested stack, which has a provider of its own', () => {
    const stack = stackOf(8);
    const nested = new NestedStack(stack, 'Nested');
    new CommandRunner(nested, 'Check8', { runtime: agent(nested, 'my_agent_number_8'), command: Command.shell('true') });
    expect(() => templateOf(stack)).not.toThrow();
  });

  it('have none for nine, which synth says', () => {
    expect(() => templateOf(stackOf(9))).toThrow(
      /policies of about 1\d{4} characters on the role .* IAM allows 10240 in all; move some of the runtimes to another stack.* \[rule: cdk-agentcore-runtime:providerPolicies\]/,
    );
  });

  it('are measured with what CloudFormation fills in', () => {
    const document = (resource: string) => new PolicyDocument({ statements: [new PolicyStatement({ actions: ['a:B'], resources: [resource] })] });
    const empty = inlinePolicyCharacters(testStack(), [document('')]);
    const length = (resource: string, stack = testStack()) => inlinePolicyCharacters(stack, [document(resource)]) - empty;
    expect(empty).toBe('{"Statement":[{"Action":"a:B","Effect":"Allow","Resource":""}],"Version":"2012-10-17"}'.length);
    expect(length('x'.repeat(20))).toBe(20);
    expect(length(`arn:${Aws.PARTITION}:s:${Aws.REGION}:${Aws.ACCOUNT_ID}:r`)).toBe('arn:aws:s:ap-southeast-2:123456789012:r'.length);
    const inRegion = new Stack(new App(), 'Stack', { env: { region: 'eu-west-1' } });
    expect(length(Aws.REGION, inRegion)).toBe('eu-west-1'.length);
    const stack = testStack();
    expect(length(new Bucket(stack, 'Bucket').bucketArn, stack)).toBe(95);
  });
});

describe.each([['default flags', {}], ['all recommended flags', FLAGS]])('cdk-nag under %s', (_title, context) => {
  function findings(props: (stack: Stack) => Partial<AgentRuntimeProps> = () => ({}), env?: Environment) {
    const stack = new Stack(new App({ context }), 'Stack', { env });
    const runtime = agent(stack, 'agent', props(stack));
    new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
    new CommandRunner(stack, 'LongCheck', { runtime, command: Command.shell('true'), timeout: Duration.hours(1), qualifier: 'canary' });
    const report = new AwsSolutionsChecks(stack.node.root).validateScope(stack.node.root);
    templateOf(stack);
    return { stack, rules: report.violations.map(({ ruleName }) => ruleName) };
  }

  it('finds nothing', () => {
    expect(findings().rules).toEqual([]);
  });

  it('finds nothing in a stack with an environment', () => {
    expect(findings(undefined, { account: '123456789012', region: 'eu-west-1' }).rules).toEqual([]);
  });

  it('is told of each wildcard, and why it is there', () => {
    const { stack } = findings();
    const role = ProviderFunction.of(stack).node.findChild('Role');
    const arnOf = (resource: string) => `arn:<AWS::Partition>:bedrock-agentcore:<AWS::Region>:<AWS::AccountId>:${resource}`;
    expect(role.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY).map(({ data }) => data)).toEqual([{
      'AwsSolutions-IAM5[Resource::*]': expect.stringContaining('listing'),
      [`AwsSolutions-IAM5[Resource::${arnOf('runtime/*')}]`]: expect.stringContaining('no ARN before it is created'),
      [`AwsSolutions-IAM5[Resource::${arnOf('workload-identity-directory/default/workload-identity/*')}]`]: expect.stringContaining('no ARN before it is created'),
    }]);
  });

  it('finds nothing of ours besides what it finds of the official execution role', () => {
    const { rules } = findings(() => ({ executionRole: undefined }));
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter((rule) => !rule.startsWith('AwsSolutions-IAM5'))).toEqual([]);
  });
});
