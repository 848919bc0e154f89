import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { App, Aws, CfnParameter, CfnResource, Duration, Environment, Stack, Validations } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AgentRuntime, AgentRuntimeProps, Command, CommandRunner } from '../../src';
import { policyCharacters } from '../../src/runtime/policy-size';
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

  const identities = `${directory}/workload-identity`;
  const allowed = (stack: Stack) => statements(templateOf(stack), 'CdkAgentCoreRuntimeProviderPolicy');

  it('by name are what one runtime takes, each action on what the service asks for it', () => {
    const stack = testStack();
    agent(stack, 'agent');
    expect(allowed(stack).filter(({ Resource }) => JSON.stringify(Resource).includes('agent-??????????'))).toEqual([
      {
        Effect: 'Allow',
        Action: actions(
          'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'DeleteAgentRuntimeEndpoint', 'ListTagsForResource', 'TagResource', 'UntagResource',
        ),
        Resource: [own],
      },
      { Effect: 'Allow', Action: 'bedrock-agentcore:DeleteAgentRuntimeEndpoint', Resource: [`${own}/runtime-endpoint/DEFAULT`] },
      { Effect: 'Allow', Action: 'bedrock-agentcore:DeleteWorkloadIdentity', Resource: [directory, `${identities}/agent-??????????`] },
    ]);
  });

  it('for the configuration of one runtime are to pass its execution role to the service', () => {
    const stack = testStack();
    agent(stack, 'agent');
    expect(statements(templateOf(stack), 'ProvisioningPolicy')).toEqual([{
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: 'arn:aws:iam::123456789012:role/agent',
      Condition: { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } },
    }]);
  });

  it('to create are there once: on what has no name yet, tags only of this stack, and the service-linked roles', () => {
    const stack = testStack();
    agent(stack, 'one');
    agent(stack, 'two');
    const linked = [
      ['runtime-identity', 'AWSServiceRoleForBedrockAgentCoreRuntimeIdentity'], ['network', 'AWSServiceRoleForBedrockAgentCoreNetwork'],
      ['runtime-instances', 'AWSServiceRoleForBedrockAgentCoreRuntimeInstances'],
    ].map(([name, role]) => [`${name}.bedrock-agentcore.amazonaws.com`, role]);
    expect(allowed(stack).slice(0, 4)).toEqual([
      { Effect: 'Allow', Action: actions('CreateAgentRuntime', 'CreateAgentRuntimeEndpoint'), Resource: [arn('runtime/*')] },
      { Effect: 'Allow', Action: 'bedrock-agentcore:CreateWorkloadIdentity', Resource: [directory, `${identities}/*`] },
      {
        Effect: 'Allow',
        Action: 'bedrock-agentcore:TagResource',
        Resource: [arn('runtime/*'), directory, `${identities}/*`],
        Condition: { StringEquals: { 'aws:RequestTag/cdk-agentcore-runtime:stack-id': '<StackId>' } },
      },
      {
        Effect: 'Allow',
        Action: 'iam:CreateServiceLinkedRole',
        Resource: linked.map(([service, role]) => `arn:<Partition>:iam::<AccountId>:role/aws-service-role/${service}/${role}`),
        Condition: { StringEquals: { 'iam:AWSServiceName': linked.map(([service]) => service) } },
      },
    ]);
    expect(basics(stack)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^CdkAgentCoreRuntimeProviderLogGroup/), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'bedrock-agentcore:ListAgentRuntimes', Resource: '*' },
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

  it('for a renamed runtime come in a policy of their own, so that those for the old name can stay until it is deleted', () => {
    const idsFor = (runtimeName: string) => {
      const stack = testStack();
      agent(stack, 'agent', { runtimeName });
      const template = templateOf(stack);
      return ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'].map((type) => resourceOf(template, type).id);
    };
    const [before, after] = [idsFor('old'), idsFor('new')];
    before.forEach((id, i) => expect(id).not.toBe(after[i]));
    expect(idsFor('old')).toEqual(before);
  });

  it('follow a name that is a token', () => {
    const stack = testStack();
    agent(stack, 'agent', { runtimeName: new CfnParameter(stack, 'Name').valueAsString });
    expect(JSON.stringify(allowed(stack))).toContain(arn('runtime/<Name>-??????????'));
  });

  it('for a name that another resource makes are in a policy that alone waits for it', () => {
    const stack = testStack();
    agent(stack, 'first');
    agent(stack, 'second', { runtimeName: `agent_${new Bucket(stack, 'Bucket').bucketName}` });
    const template = templateOf(stack);
    const waiting = Object.entries(template.Resources).filter(([, { Type, Properties }]) => /Policy$/.test(Type) && JSON.stringify(Properties).includes('{"Ref":"Bucket'));
    expect(waiting.map(([, { Type }]) => Type)).toEqual(['AWS::IAM::Policy']);
    const [first, second] = ['first', 'second'].map((id) => template.Resources[stack.getLogicalId(stack.node.findChild(id).node.defaultChild as CfnResource)]);
    expect(second.DependsOn).toContain(waiting[0][0]);
    expect(first.DependsOn).not.toContain(waiting[0][0]);
  });

  it('for commands are on the runtime and the one endpoint, each once', () => {
    const stack = testStack();
    const runtime = agent(stack, 'agent');
    const check = (id: string, qualifier?: string) => new CommandRunner(stack, id, { runtime, command: Command.shell('true'), qualifier });
    check('First');
    check('Second');
    check('Canary', 'canary');
    expect(allowed(stack).at(-1)).toEqual({
      Effect: 'Allow',
      Action: actions('InvokeAgentRuntimeCommand', 'StopRuntimeSession'),
      Resource: [own, `${own}/runtime-endpoint/DEFAULT`, `${own}/runtime-endpoint/canary`],
    });
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
  it('are in the report of roles that are made elsewhere, and not in the template', () => {
    const app = new App();
    const stack = new Stack(app, 'Ruled');
    Role.customizeRoles(stack, { usePrecreatedRoles: { 'Ruled/CdkAgentCoreRuntimeProvider/Role': 'provider' } });
    const runtime = agent(stack, 'agent');
    new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true'), timeout: Duration.hours(1) });
    expect(Object.values(templateOf(stack).Resources).map(({ Type }) => Type).filter((type) => type.startsWith('AWS::IAM'))).toEqual([]);
    const report = readFileSync(path.join(app.synth().directory, 'iam-policy-report.txt'), 'utf8');
    for (const text of ['CreateAgentRuntime', 'runtime/agent-??????????"', 'InvokeAgentRuntimeCommand', 'iam:PassRole', 'lambda:InvokeFunction']) {
      expect(report).toContain(text);
    }
    expect(report).not.toContain('#{Token');
  });

  it('are measured with what CloudFormation fills in', () => {
    const document = (resource: string) => new PolicyDocument({ statements: [new PolicyStatement({ actions: ['a:B'], resources: [resource] })] });
    const empty = policyCharacters(testStack(), document(''));
    const length = (resource: string, stack = testStack()) => policyCharacters(stack, document(resource)) - empty;
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
    const arnOf = (resource: string) => `arn:<AWS::Partition>:bedrock-agentcore:<AWS::Region>:<AWS::AccountId>:${resource}`;
    const { metadata } = ProviderFunction.of(stack).node;
    const acknowledged = metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY).map(({ data }) => data);
    expect(Object.assign({}, ...acknowledged)).toEqual({
      'AwsSolutions-IAM5[Resource::*]': expect.stringContaining('listing'),
      [`AwsSolutions-IAM5[Resource::${arnOf('runtime/*')}]`]: expect.stringContaining('no ARN before it is created'),
      [`AwsSolutions-IAM5[Resource::${arnOf('workload-identity-directory/default/workload-identity/*')}]`]: expect.stringContaining('no ARN before it is created'),
    });
  });

  it('finds nothing where code comes from the bucket of assets', () => {
    const code = () => ({
      agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({ path: __dirname, runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] }),
    });
    expect(findings(code).rules).toEqual([]);
    expect(findings(code, { account: '123456789012', region: 'eu-west-1' }).rules).toEqual([]);
  });

  it('finds nothing of ours besides what it finds of the official execution role', () => {
    const { rules } = findings(() => ({ executionRole: undefined }));
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter((rule) => !rule.startsWith('AwsSolutions-IAM5'))).toEqual([]);
  });
});
