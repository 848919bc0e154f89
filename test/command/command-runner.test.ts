import { App, CfnOutput, CfnParameter, Duration, Fn, Lazy, NestedStack, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { CfnRuntime, CfnRuntimeEndpoint, IRuntimeEndpointRef, Runtime, RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AgentRuntime, Command, CommandRunner, CommandRunnerProps, Provisioning } from '../../src';
import { composeCommandLine } from '../../src/service/command-line';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/imported-0123456789';

function imported(stack: Stack) {
  return Runtime.fromAgentRuntimeAttributes(stack, 'Imported', {
    agentRuntimeArn: ARN,
    agentRuntimeId: 'imported-0123456789',
    agentRuntimeName: 'imported',
    roleArn: 'arn:aws:iam::123456789012:role/agent',
  });
}

function runner(props: Partial<CommandRunnerProps> = {}, stack: Stack = testStack()): CommandRunner {
  return new CommandRunner(stack, 'Check', { runtime: imported(stack), command: Command.shell('true'), ...props });
}

function namedEndpoint(endpointName?: string): IRuntimeEndpointRef {
  return Object.assign(new Construct(testStack(), 'Endpoint'), { endpointName }) as unknown as IRuntimeEndpointRef;
}

function commandIn(stack: Stack) {
  return resourceOf(templateOf(stack), 'Custom::AgentCoreCommand');
}

function rendered(props: Partial<CommandRunnerProps> = {}) {
  const stack = testStack();
  runner(props, stack);
  return commandIn(stack).Properties;
}

describe('template', () => {
  it('holds what the provider needs', () => {
    const { ServiceToken, ...properties } = rendered({ command: Command.shell('npm test && ls') });
    expect(ServiceToken).toEqual({ 'Fn::GetAtt': [expect.stringContaining('Function'), 'Arn'] });
    expect(properties).toEqual({ ServiceTimeout: '960', AgentRuntimeArn: ARN, Qualifier: 'DEFAULT', Command: 'npm test && ls', Timeout: '300' });
  });

  it('holds all that can be told', () => {
    const stack = testStack();
    const script = new CfnParameter(stack, 'Script');
    runner({
      command: Command.argv('node', script.valueAsString, '', 'it\'s "quoted"'),
      workingDirectory: '/mnt/workspace',
      environment: { CI: 'true', EMPTY: '' },
      timeout: Duration.minutes(14),
      qualifier: 'canary',
    }, stack);
    expect(commandIn(stack).Properties).toMatchObject({
      Arguments: ['node', { Ref: 'Script' }, '', 'it\'s "quoted"'],
      WorkingDirectory: '/mnt/workspace',
      Environment: { CI: 'true', EMPTY: '' },
      Timeout: '840',
      Qualifier: 'canary',
    });
  });

  it.each([
    ['our runtime', (stack: Stack) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() })],
    ['our runtime, provisioned by CloudFormation', (stack: Stack) => new AgentRuntime(stack, 'Agent', {
      agentRuntimeArtifact: image(), provisioning: Provisioning.CLOUDFORMATION,
    })],
    ['the official runtime', (stack: Stack) => new Runtime(stack, 'Agent', { agentRuntimeArtifact: image() })],
    ['the L1 runtime', (stack: Stack) => new CfnRuntime(stack, 'Agent', {
      agentRuntimeName: 'agent',
      roleArn: 'arn:aws:iam::123456789012:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
    })],
  ])('runs again for a new version of %s', (_title, create) => {
    const stack = testStack();
    const runtime = create(stack);
    runner({ runtime }, stack);
    const cfn = (runtime.node.defaultChild ?? runtime) as CfnRuntime;
    const id = stack.getLogicalId(cfn);
    expect(commandIn(stack).Properties).toMatchObject({
      AgentRuntimeArn: { 'Fn::GetAtt': [id, 'AgentRuntimeArn'] },
      AgentRuntimeVersion: { 'Fn::GetAtt': [id, 'AgentRuntimeVersion'] },
    });
  });

  it('says whether the command may be run again', () => {
    expect(rendered({ idempotent: true }).Idempotent).toBe('true');
    expect(rendered({ idempotent: false })).not.toHaveProperty('Idempotent');
    expect(rendered()).not.toHaveProperty('Idempotent');
  });

  it('lets CloudFormation wait for an hour, and the provider call itself, only where a command may take that long', () => {
    const timed = (timeout: Duration, more: Partial<CommandRunnerProps> = {}) => {
      const stack = testStack();
      runner({ timeout, ...more }, stack);
      const { Resources } = templateOf(stack);
      return [commandIn(stack).Properties.ServiceTimeout, Object.keys(Resources).filter((id) => id.includes('CallItself')).length];
    };
    expect(timed(Duration.seconds(840))).toEqual(['960', 0]);
    expect(timed(Duration.seconds(841))).toEqual(['3600', 1]);
    expect(timed(Duration.seconds(Lazy.number({ produce: () => 10 })))).toEqual(['3600', 1]);
    const onDelete = Command.shell('flush');
    expect(timed(Duration.seconds(840), { onDelete, onDeleteTimeout: Duration.seconds(841) })).toEqual(['3600', 1]);
    expect(timed(Duration.seconds(841), { onDelete, onDeleteTimeout: Duration.seconds(5) })).toEqual(['3600', 1]);
    expect(timed(Duration.seconds(840), { onDelete })).toEqual(['960', 0]);
  });

  it('runs on an endpoint of the app after it is deployed', () => {
    const stack = testStack();
    const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
    runner({ runtime, endpoint: runtime.addEndpoint('canary') }, stack);
    const { Properties, DependsOn } = commandIn(stack);
    expect(Properties.Qualifier).toBe('canary');
    expect(DependsOn).toContain(resourceOf(templateOf(stack), 'AWS::BedrockAgentCore::RuntimeEndpoint').id);
  });

  it('runs on an L1 endpoint', () => {
    const stack = testStack();
    const endpoint = new CfnRuntimeEndpoint(stack, 'Endpoint', { agentRuntimeId: 'imported-0123456789', name: 'canary' });
    runner({ endpoint }, stack);
    expect(commandIn(stack)).toMatchObject({ Properties: { Qualifier: 'canary' }, DependsOn: expect.arrayContaining(['Endpoint']) });
  });

  it('does not import a version from another stack, which could not change any more', () => {
    const app = new App();
    const agents = new Stack(app, 'Agents');
    const stack = new Stack(app, 'Checks');
    runner({ runtime: new AgentRuntime(agents, 'Agent', { agentRuntimeArtifact: image() }) }, stack);
    expect(commandIn(stack).Properties).not.toHaveProperty('AgentRuntimeVersion');
    expect(JSON.stringify(templateOf(agents).Outputs)).not.toContain('AgentRuntimeVersion');
  });

  it('takes the version into a nested stack, which needs no export', () => {
    const stack = testStack();
    const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
    const nested = new NestedStack(stack, 'Nested');
    runner({ runtime }, nested);
    expect(commandIn(nested).Properties.AgentRuntimeVersion).toEqual({ Ref: expect.stringContaining('AgentRuntimeVersion') });
  });

  it('runs in a runtime of another stack', () => {
    const app = new App();
    const runtime = new AgentRuntime(new Stack(app, 'Agents'), 'Agent', { agentRuntimeArtifact: image() });
    const stack = new Stack(app, 'Checks');
    runner({ runtime }, stack);
    expect(commandIn(stack).Properties.AgentRuntimeArn).toEqual({ 'Fn::ImportValue': expect.stringContaining('AgentRuntimeArn') });
  });

  it('offers what the command has told as attributes', () => {
    const stack = testStack();
    const check = runner({}, stack);
    const { exitCode, status, stdout, stderr, truncated, durationMillis, sessionId, logUrl } = check;
    const attributes = { exitCode, status, stdout, stderr, truncated, durationMillis, sessionId, logUrl };
    for (const [name, value] of Object.entries(attributes)) new CfnOutput(stack, name, { value });
    const template = templateOf(stack);
    const { id } = resourceOf(template, 'Custom::AgentCoreCommand');
    for (const name of Object.keys(attributes)) {
      expect(template.Outputs![name].Value).toEqual({ 'Fn::GetAtt': [id, name[0].toUpperCase() + name.slice(1)] });
    }
  });

  it('waits for what it is to be executed after', () => {
    const stack = testStack();
    const [first, second] = ['First', 'Second'].map((id) => new Bucket(stack, id));
    runner({ executeAfter: [first] }, stack).executeAfter(second);
    const ids = [first, second].map(({ node }) => stack.getLogicalId(node.defaultChild as CfnBucket));
    expect(commandIn(stack).DependsOn).toEqual(expect.arrayContaining(ids));
  });
});

describe('permissions', () => {
  function policies(stack: Stack) {
    const { Resources } = templateOf(stack);
    return Object.entries(Resources).filter(([, { Type }]) => /^AWS::IAM::(Managed)?Policy$/.test(Type));
  }

  it('name the runtime and the one endpoint', () => {
    const stack = testStack();
    runner({ qualifier: 'canary' }, stack);
    const [[id, { Type, Properties }]] = policies(stack);
    expect(Type).toBe('AWS::IAM::ManagedPolicy');
    expect(Properties.PolicyDocument.Statement).toEqual([{
      Effect: 'Allow',
      Action: ['bedrock-agentcore:InvokeAgentRuntimeCommand', 'bedrock-agentcore:StopRuntimeSession'],
      Resource: [ARN, `${ARN}/runtime-endpoint/canary`],
    }]);
    expect(commandIn(stack).DependsOn).toEqual([id]);
  });

  it.each([
    ['one endpoint', ['DEFAULT', 'DEFAULT']],
    ['two endpoints', ['DEFAULT', 'canary', 'canary']],
  ])('are in one policy for the commands on %s', (_title, qualifiers) => {
    const stack = testStack();
    const runtime = imported(stack);
    qualifiers.forEach((qualifier, i) => new CommandRunner(stack, `Check${i}`, { runtime, command: Command.shell('true'), qualifier }));
    const [[, { Properties }], ...others] = policies(stack);
    expect(others).toEqual([]);
    const [{ Resource }] = Properties.PolicyDocument.Statement;
    expect(Resource).toEqual([ARN, ...[...new Set(qualifiers)].map((qualifier) => `${ARN}/runtime-endpoint/${qualifier}`)]);
  });

  it('are another policy once the imported ARN is another one, so that those on the earlier one last until it is not needed', () => {
    const idFor = (arn: string) => {
      const stack = testStack();
      new CommandRunner(stack, 'Check', { runtime: AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', arn), command: Command.shell('true') });
      return commandIn(stack).DependsOn;
    };
    expect(idFor(ARN)).toEqual(idFor(ARN));
    expect(idFor(ARN)).not.toEqual(idFor(`${ARN.slice(0, -1)}8`));
  });

  it('on runtimes of other stacks are a policy each, although these have the same logical id', () => {
    const app = new App();
    const stack = new Stack(app, 'Checks');
    for (const name of ['First', 'Second']) {
      const runtime = new AgentRuntime(new Stack(app, name), 'Agent', { agentRuntimeArtifact: image() });
      new CommandRunner(stack, name, { runtime, command: Command.shell('true') });
      new CommandRunner(stack, `${name}Again`, { runtime, command: Command.shell('true') });
    }
    const found = policies(stack).map(([, { Type, Properties }]) => `${Type} ${JSON.stringify(Properties.PolicyDocument)}`);
    expect(found).toEqual([
      expect.stringMatching(/^AWS::IAM::Policy .*"Fn::ImportValue":"First:/), expect.stringMatching(/^AWS::IAM::Policy .*"Fn::ImportValue":"Second:/),
    ]);
  });

  it('come with a role, a function and a log group, and nothing else', () => {
    const stack = testStack();
    runner({}, stack);
    expect(Object.values(templateOf(stack).Resources).map(({ Type }) => Type).sort()).toEqual([
      'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup', 'Custom::AgentCoreCommand',
    ]);
  });
});

describe('bad properties', () => {
  it.each<[string, Partial<CommandRunnerProps>, RegExp]>([
    ['an empty command', { command: Command.shell('') }, /command is empty/],
    ['a blank command', { command: Command.shell(' \n') }, /command is empty/],
    ['an empty program', { command: Command.argv('', 'x') }, /command is empty/],
    ['a relative directory', { workingDirectory: 'app' }, /working directory "app" is not an absolute path/],
    ['a bad variable', { environment: { '1A': 'x' } }, /environment variable name "1A"/],
    ['a bad variable with a token', { environment: { '1A': Lazy.string({ produce: () => 'x' }) } }, /environment variable name "1A"/],
    ['no time', { timeout: Duration.seconds(0) }, /time-out of 0 s is not a whole number from 1 to 3600 s/],
    ['half a second', { timeout: Duration.millis(500) }, /time-out of 0.5 s/],
    ['more than an hour', { timeout: Duration.seconds(3601) }, /time-out of 3601 s is not a whole number from 1 to 3600 s/],
    ['a bad endpoint', { qualifier: 'my-endpoint' }, /endpoint name "my-endpoint"/],
    ['no endpoint', { qualifier: '' }, /endpoint name ""/],
    ['two endpoints', { qualifier: 'canary', endpoint: namedEndpoint('canary') }, /endpoint and qualifier both say where to run/],
    ['an endpoint without a name', { endpoint: namedEndpoint(undefined) }, /endpoint does not tell its name; give the name as qualifier/],
  ])('%s', (_title, props, message) => {
    expect(() => runner(props)).toThrow(/^Stack\/Check: /);
    expect(() => runner(props)).toThrow(message);
  });

  it('are told at once', () => {
    const attempt = () => runner({ command: Command.shell(''), workingDirectory: 'x', timeout: Duration.hours(2), qualifier: '-' });
    expect(attempt).toThrow(expect.objectContaining({ name: 'ValidationError' }));
    expect(attempt).toThrow(/^Stack\/Check: 4 faults in its properties\n.*command is empty.*\n.*working directory.*\n.*3600 s.*\n.*endpoint name/);
  });

  it.each([1, 840, 841, 3600])('a time-out of %d s is none', (seconds) => {
    expect(rendered({ timeout: Duration.seconds(seconds) }).Timeout).toBe(String(seconds));
  });

  it('the longest command is none, one more character is', () => {
    const room = 65_536 - composeCommandLine({ command: '' }).length;
    expect(rendered({ command: Command.shell('a'.repeat(room)) }).Command).toHaveLength(room);
    expect(() => runner({ command: Command.shell('a'.repeat(room + 1)) })).toThrow(/command has 65537 characters once it is wrapped/);
  });

  it('a command is as long as it is with directory and environment', () => {
    const room = 65_536 - composeCommandLine({ command: '' }).length;
    expect(() => runner({ command: Command.shell('a'.repeat(room)), workingDirectory: '/' })).toThrow(/once it is wrapped/);
    expect(() => runner({ command: Command.shell('a'.repeat(room)), environment: { A: '' } })).toThrow(/once it is wrapped/);
  });
});

it('lets tokens pass everywhere', () => {
  const stack = testStack();
  const text = new CfnParameter(stack, 'Text').valueAsString;
  const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
  runner({
    command: Command.shell(`echo ${text}`), workingDirectory: text, environment: { A: text }, timeout: Duration.seconds(seconds), qualifier: text,
  }, stack);
  expect(commandIn(stack).Properties).toMatchObject({
    Command: { 'Fn::Join': ['', ['echo ', { Ref: 'Text' }]] },
    WorkingDirectory: { Ref: 'Text' },
    Environment: { A: { Ref: 'Text' } },
    Timeout: { Ref: 'Seconds' },
    Qualifier: { Ref: 'Text' },
  });
});

describe('secrets are refused', () => {
  const secret = () => SecretValue.secretsManager('token').unsafeUnwrap();

  it.each<[string, () => Partial<CommandRunnerProps>, string]>([
    ['in shell text', () => ({ command: Command.shell(`curl -H ${secret()}`) }), 'command'],
    ['in an argument', () => ({ command: Command.argv('login', secret()) }), 'command'],
    ['in the environment', () => ({ environment: { TOKEN: secret() } }), 'environment variable TOKEN'],
    ['in the directory', () => ({ workingDirectory: `/mnt/${secret()}` }), 'working directory'],
    ['as a dynamic reference', () => ({ command: Command.shell('echo {{resolve:ssm-secure:token}}') }), 'command'],
    ['before they are unwrapped', () => ({ command: Command.shell(SecretValue.unsafePlainText('x').toString()) }), 'command'],
  ])('%s', (_title, props, what) => {
    expect(() => runner(props())).toThrow(`Stack/Check: ${what} holds a secret or a dynamic reference, but the service writes the text of commands`);
  });

  it('as a hidden parameter', () => {
    const stack = testStack();
    const parameter = new CfnParameter(stack, 'Token', { noEcho: true });
    expect(() => runner({ environment: { TOKEN: parameter.valueAsString } }, stack)).toThrow('environment variable TOKEN holds a secret');
  });

  it.each<[string, (parameter: CfnParameter) => string]>([
    ['a lazy value', (parameter) => Lazy.string({ produce: () => parameter.valueAsString })],
    ['Ref', (parameter) => Fn.ref(parameter.logicalId)],
    ['Ref to its name', () => Fn.ref('Token')],
    ['Fn::Sub', () => Fn.sub('-H ${Token}')],
    ['Fn::Sub with variables', () => Fn.sub('-H ${A}', { A: Fn.ref('Token') })],
    ['other functions', () => Fn.join('', ['a', Fn.select(0, Fn.split(',', Fn.ref('Token')))])],
  ])('as a hidden parameter behind %s', (_title, text) => {
    const stack = testStack();
    const parameter = new CfnParameter(stack, 'Token', { noEcho: true });
    expect(() => runner({ command: Command.shell(`curl ${text(parameter)}`) }, stack)).toThrow('command holds a secret');
  });

  it('at synth, where the parameter is hidden later', () => {
    const stack = testStack();
    runner({ environment: { TOKEN: Fn.ref('Token') } }, stack);
    new CfnParameter(stack, 'Token', { noEcho: true });
    expect(() => templateOf(stack)).toThrow(/\[Stack\/Check\] environment variable TOKEN holds a secret/);
  });

  it('but not what only looks like one', () => {
    const stack = testStack();
    new CfnParameter(stack, 'Token', { noEcho: true });
    new CfnParameter(stack, 'Plain');
    const command = Command.shell(`echo ${Fn.sub('${!Token} ${Plain}')} ${Fn.ref('Plain')} Token`);
    expect(() => runner({ command }, stack)).not.toThrow();
  });
});

describe('a runtime that authorizes by JWT is refused', () => {
  const discoveryUrl = 'https://example.com/.well-known/openid-configuration';
  const authorizerConfiguration = RuntimeAuthorizerConfiguration.usingJWT(discoveryUrl, ['client']);
  const message = 'authorizes callers by JWT, but the service takes commands only from callers that IAM authorizes';

  function l1(stack: Stack, authorizer?: CfnRuntime['authorizerConfiguration']): CfnRuntime {
    return new CfnRuntime(stack, 'Agent', {
      agentRuntimeName: 'agent',
      roleArn: 'arn:aws:iam::123456789012:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
      authorizerConfiguration: authorizer,
    });
  }

  it.each([
    ['ours', (stack: Stack) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), authorizerConfiguration })],
    ['the official one', (stack: Stack) => new Runtime(stack, 'Agent', { agentRuntimeArtifact: image(), authorizerConfiguration })],
    ['an L1', (stack: Stack) => l1(stack, { customJwtAuthorizer: { discoveryUrl } })],
  ])('%s', (_title, create) => {
    const stack = testStack();
    expect(() => runner({ runtime: create(stack) }, stack)).toThrow('Stack/Check: runtime Stack/Agent');
    expect(() => new CommandRunner(stack, 'Again', { runtime: stack.node.findChild('Agent') as Runtime, command: Command.shell('true') })).toThrow(message);
  });

  it('at synth, where the authorizer is set later', () => {
    const stack = testStack();
    const runtime = l1(stack);
    runner({ runtime }, stack);
    runtime.authorizerConfiguration = { customJwtAuthorizer: { discoveryUrl } };
    expect(() => templateOf(stack)).toThrow(message);
  });

  it('but not one that authorizes by IAM, or does not tell', () => {
    const stack = testStack();
    const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), authorizerConfiguration: RuntimeAuthorizerConfiguration.usingIAM() });
    expect(() => runner({ runtime }, stack)).not.toThrow();
    const other = testStack();
    expect(() => runner({ runtime: l1(other, Token.asAny({ Ref: 'AWS::NoValue' })) }, other)).not.toThrow();
  });
});
