import { App, Duration, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  AgentRuntime, AgentRuntimeAssertions, AgentRuntimeProps, Command, CommandExpectation, CommandRunner, Provisioning, RuntimeExpectation,
  SessionStorage,
} from '../../src';
import { image, testStack } from '../util/stacks';

const NATIVE = 'AWS::BedrockAgentCore::Runtime';

function agent(stack: Stack, id = 'Agent', props: Partial<AgentRuntimeProps> = {}): AgentRuntime {
  return new AgentRuntime(stack, id, { agentRuntimeArtifact: image(), runtimeName: id.toLowerCase(), ...props });
}

function message(attempt: () => void): string {
  try {
    attempt();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe.each(Object.values(Provisioning))('runtimes provisioned by %s', (provisioning) => {
  const other = provisioning === Provisioning.CLOUDFORMATION ? Provisioning.CUSTOM_RESOURCE : Provisioning.CLOUDFORMATION;
  let assertions: AgentRuntimeAssertions;

  beforeEach(() => {
    const stack = testStack();
    const sessionStorage = new SessionStorage(stack, 'Storage', { mountPath: '/mnt/work' });
    agent(stack, 'Agent', { provisioning, sessionStorage, environmentVariables: { MODE: 'fast', LEVEL: '3' }, description: 'writes code' });
    assertions = AgentRuntimeAssertions.fromStack(stack);
  });

  test.each<[string, RuntimeExpectation]>([
    ['nothing in particular', {}],
    ['a name', { runtimeName: 'agent' }],
    ['storage', { sessionStoragePath: '/mnt/work' }],
    ['a variable', { environmentVariables: { MODE: 'fast' } }],
    ['its provisioner', { provisioning }],
    ['properties', { properties: { Description: Match.stringLikeRegexp('code'), NetworkConfiguration: { NetworkMode: 'PUBLIC' }, AuthorizerConfiguration: Match.absent() } }],
    ['a variable, twice', { environmentVariables: { MODE: 'fast' }, properties: { EnvironmentVariables: { LEVEL: '3' } } }],
    ['all of it', { runtimeName: 'agent', sessionStoragePath: '/mnt/work', provisioning, properties: { Description: 'writes code' } }],
  ])('are found by %s', (_title, expected) => {
    expect(() => assertions.hasRuntime(expected)).not.toThrow();
  });

  test.each<[string, RuntimeExpectation, string]>([
    ['another name', { runtimeName: 'tester' }, 'Expected tester but received agent at /Properties/AgentRuntimeName'],
    ['other storage', { sessionStoragePath: '/mnt/data' }, 'Expected /mnt/data but received /mnt/work at /Properties/FilesystemConfigurations/0/SessionStorage/MountPath'],
    ['another variable', { environmentVariables: { MODE: 'slow' } }, 'Expected slow but received fast at /Properties/EnvironmentVariables/MODE'],
    ['other properties', { runtimeName: 'agent', properties: { Description: 'tests code' } }, 'Expected tests code but received writes code at /Properties/Description'],
  ])('are not found by %s', (_title, expected, difference) => {
    const text = message(() => assertions.hasRuntime(expected));
    expect(text).toMatch(/^no runtime like that: the template has 1 runtime\n {2}Agent[0-9A-F]{8} \((Custom::AgentCoreRuntime|AWS::BedrockAgentCore::Runtime)\)\n/);
    expect(text).toContain(difference);
  });

  test('are not found under another provisioner', () => {
    expect(message(() => assertions.hasRuntime({ provisioning: other }))).toMatch(/^no runtime like that: the template has no runtimes of type /);
  });

  test('are counted', () => {
    expect(() => assertions.runtimeCountIs(1)).not.toThrow();
    expect(message(() => assertions.runtimeCountIs(2))).toMatch(/^expected 2 runtimes, the template has 1: Agent\w+ \(/);
    expect(message(() => assertions.runtimeCountIs(0))).toMatch(/^expected no runtimes, the template has 1: Agent/);
  });
});

test('the official runtime is a runtime too', () => {
  const stack = testStack();
  new Runtime(stack, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'official' });
  AgentRuntimeAssertions.fromStack(stack).hasRuntime({ runtimeName: 'official', provisioning: Provisioning.CLOUDFORMATION });
});

test('of several runtimes one has to match as a whole, and the closest is told first', () => {
  const stack = testStack();
  agent(stack, 'Coder', { description: 'one' });
  agent(stack, 'Tester', { description: 'two' });
  const assertions = AgentRuntimeAssertions.fromStack(stack);
  assertions.hasRuntime({ runtimeName: 'tester', properties: { Description: 'two' } });
  const lines = message(() => assertions.hasRuntime({ runtimeName: 'tester', properties: { Description: 'three', ProtocolConfiguration: 'HTTP' } })).split('\n');
  expect(lines.filter((line) => /^ {2}\w/.test(line)).map((line) => line.trim())).toEqual([expect.stringMatching(/^Tester/), expect.stringMatching(/^Coder/)]);
  expect(() => assertions.hasRuntime({ runtimeName: 'tester', properties: { Description: 'one' } })).toThrow(/no runtime like that/);
});

test('an empty template has nothing', () => {
  const assertions = AgentRuntimeAssertions.fromStack(testStack());
  expect(message(() => assertions.hasRuntime())).toBe('no runtime like that: the template has no runtimes');
  expect(message(() => assertions.hasCommand())).toBe('no command like that: the template has no commands of type Custom::AgentCoreCommand');
  expect(message(() => assertions.commandCountIs(1))).toBe('expected 1 command, the template has 0');
  assertions.runtimeCountIs(0);
  assertions.commandCountIs(0);
});

describe('commands', () => {
  const build = () => {
    const stack = testStack();
    const runtime = agent(stack);
    const bucket = new Bucket(stack, 'Bucket');
    new CommandRunner(stack, 'Check', {
      runtime,
      command: Command.shell(`npm test -- ${bucket.bucketName}`),
      workingDirectory: '/mnt/work',
      environment: { CI: 'true' },
      timeout: Duration.minutes(10),
      qualifier: 'prod',
    });
    new CommandRunner(stack, 'Version', { runtime, command: Command.argv('git', '--version') });
    return { stack, runtime, bucket, other: agent(stack, 'Other') };
  };

  test.each<[string, (app: ReturnType<typeof build>) => CommandExpectation]>([
    ['nothing in particular', () => ({})],
    ['shell text with a token in it', ({ bucket }) => ({ command: Command.shell(`npm test -- ${bucket.bucketName}`) })],
    ['words', () => ({ command: Command.argv('git', '--version') })],
    ['its runtime', ({ runtime }) => ({ runtime })],
    ['its endpoint', () => ({ endpointName: 'prod' })],
    ['DEFAULT', () => ({ endpointName: 'DEFAULT', command: Command.argv('git', '--version') })],
    ['directory, environment, time', () => ({ workingDirectory: '/mnt/work', environment: { CI: 'true' }, timeout: Duration.seconds(600) })],
    ['properties', () => ({ properties: { Command: Match.objectLike({ 'Fn::Join': Match.anyValue() }), Idempotent: Match.absent() } })],
  ])('are found by %s', (_title, expected) => {
    const app = build();
    expect(() => AgentRuntimeAssertions.fromStack(app.stack).hasCommand(expected(app))).not.toThrow();
  });

  test.each<[string, (app: ReturnType<typeof build>) => CommandExpectation, RegExp]>([
    ['other text', () => ({ command: Command.shell('npm run lint') }), /Command/],
    ['other words', () => ({ command: Command.argv('git', 'status') }), /Expected status but received --version at \/Properties\/Arguments\/1/],
    ['another runtime', ({ other }) => ({ runtime: other }), /AgentRuntimeArn/],
    ['another endpoint', () => ({ endpointName: 'canary' }), /Expected canary but received prod at \/Properties\/Qualifier/],
    ['another time', () => ({ timeout: Duration.minutes(11) }), /Expected 660 but received 600 at \/Properties\/Timeout/],
  ])('are not found by %s', (_title, expected, difference) => {
    const app = build();
    const text = message(() => AgentRuntimeAssertions.fromStack(app.stack).hasCommand(expected(app)));
    expect(text).toMatch(/^no command like that: the template has 2 commands of type Custom::AgentCoreCommand\n/);
    expect(text).toMatch(difference);
  });

  test('in a runtime of another stack are found by it', () => {
    const app = new App();
    const runtime = agent(new Stack(app, 'Agents'));
    const stack = new Stack(app, 'Checks');
    new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
    AgentRuntimeAssertions.fromStack(stack).hasCommand({ runtime });
  });

  test('are found in a template without its stack', () => {
    const { stack, runtime } = build();
    const assertions = AgentRuntimeAssertions.fromTemplate(Template.fromStack(stack));
    assertions.hasCommand({ runtime, command: Command.argv('git', '--version') });
    assertions.hasRuntime({ runtimeName: 'agent' });
    assertions.commandCountIs(2);
  });
});

describe('the order of commands', () => {
  const runner = (stack: Stack, id: string, runtime: AgentRuntime) => new CommandRunner(stack, id, { runtime, command: Command.shell('true') });

  test('is told by dependencies, directly or over others', () => {
    const stack = testStack();
    const runtime = agent(stack);
    const [first, second, third] = ['First', 'Second', 'Third'].map((id) => runner(stack, id, runtime));
    second.executeAfter(first);
    third.executeAfter(second);
    const assertions = AgentRuntimeAssertions.fromStack(stack);
    assertions.runsBefore(first, second);
    assertions.runsBefore(first, third);
    // the runtime is no command, but has its place in the order too
    assertions.runsBefore(runtime, first);
    expect(message(() => assertions.runsBefore(second, first)))
      .toMatch(/^Stack\/Second \(Second\w+\) does not run before Stack\/First \(First\w+\): it is the other way round, Second\w+ depends on First\w+$/);
    expect(message(() => assertions.runsBefore(first, first))).toMatch(/does not run before/);
  });

  test('is told by what others use of a command', () => {
    const stack = testStack();
    const check = runner(stack, 'Check', agent(stack));
    const users = {
      getAtt: new Bucket(stack, 'GetAtt', { bucketName: check.sessionId }),
      sub: new Bucket(stack, 'Sub', { bucketName: Fn.sub(`x-\${${stack.resolve((check.node.defaultChild as any).logicalId)}.SessionId}`) }),
      join: new Bucket(stack, 'Join', { bucketName: `x-${check.sessionId}` }),
    };
    const assertions = AgentRuntimeAssertions.fromStack(stack);
    for (const user of Object.values(users)) assertions.runsBefore(check, user);
  });

  test('is missing where nothing depends on the command', () => {
    const stack = testStack();
    const check = runner(stack, 'Check', agent(stack));
    const [alone, policy] = [new Bucket(stack, 'Alone'), new Bucket(stack, 'Escaped', { bucketName: Fn.sub('x-${!Check}') })];
    const assertions = AgentRuntimeAssertions.fromStack(stack);
    expect(message(() => assertions.runsBefore(check, alone)))
      .toMatch(/^Stack\/Check \(Check\w+\) does not run before Stack\/Alone \(Alone\w+\): the latter waits for nothing; add a dependency on the command/);
    expect(() => assertions.runsBefore(check, policy)).toThrow(/does not run before/);
  });

  test('holds for all resources of a construct without a main one', () => {
    const attempt = (waiting: number) => () => {
      const stack = testStack();
      const check = runner(stack, 'Check', agent(stack));
      const group = new Construct(stack, 'Group');
      const inGroup = ['A', 'B'].map((id) => new Bucket(group, id));
      inGroup.slice(0, waiting).forEach(({ node }) => node.addDependency(check));
      AgentRuntimeAssertions.fromStack(stack).runsBefore(check, group);
    };
    expect(attempt(1)).toThrow(/does not run before Stack\/Group \(GroupB\w+\)/);
    expect(attempt(2)).not.toThrow();
  });

  test('needs resources that are in the template', () => {
    const stack = testStack();
    const check = runner(stack, 'Check', agent(stack));
    const nested = new NestedStack(stack, 'Nested');
    const elsewhere = new Bucket(nested, 'Bucket');
    const assertions = AgentRuntimeAssertions.fromStack(stack);
    expect(() => assertions.runsBefore(check, elsewhere)).toThrow(/^Stack\/Nested\/Bucket \(Bucket\w+\) is not in this template; the order of resources in different stacks/);
    expect(() => assertions.runsBefore(check, new Construct(stack, 'Empty'))).toThrow(/^Stack\/Empty has no resource; give a construct that is deployed$/);
  });
});

test('types in messages are those of the templates', () => {
  const stack = testStack();
  agent(stack, 'Agent', { provisioning: Provisioning.CLOUDFORMATION });
  expect(message(() => AgentRuntimeAssertions.fromStack(stack).runtimeCountIs(3))).toContain(`(${NATIVE})`);
});
