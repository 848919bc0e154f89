import { App, CfnOutput, CfnParameter, Duration, Lazy, SecretValue, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandFailure, CommandRunner, CommandRunnerProps, RunPolicy } from '../../src';
import { composeCommandLine } from '../../src/service/command-line';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

// What a deployment runs again, what counts as a failure, in which session, and what runs on deletion.

function runner(props: Partial<CommandRunnerProps> = {}, stack: Stack = testStack()): CommandRunner {
  const runtime = stack.node.tryFindChild('Agent') as AgentRuntime | undefined ?? new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
  return new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true'), ...props });
}

function rendered(props: Partial<CommandRunnerProps> = {}) {
  const stack = testStack();
  runner(props, stack);
  return resourceOf(templateOf(stack), 'Custom::AgentCoreCommand').Properties;
}

const imported = (stack: Stack) => Runtime.fromAgentRuntimeAttributes(stack, 'Imported', {
  agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/imported-0123456789',
  agentRuntimeId: 'imported-0123456789',
  agentRuntimeName: 'imported',
  roleArn: 'arn:aws:iam::123456789012:role/agent',
});

describe('template', () => {
  const before = ['AgentRuntimeArn', 'AgentRuntimeVersion', 'Command', 'Qualifier', 'ServiceTimeout', 'ServiceToken', 'Timeout'];

  it('stays as it was without these options, and with their defaults', () => {
    expect(Object.keys(rendered()).sort()).toEqual(before);
    expect(rendered({
      runPolicy: RunPolicy.ON_CHANGE, triggers: {}, expectedExitCodes: [0], onFailure: CommandFailure.FAIL,
    })).toEqual(rendered());
  });

  it('says which version only where a new one can run the command', () => {
    expect(rendered({ runPolicy: RunPolicy.ON_RUNTIME_VERSION })).toMatchObject({ RunPolicy: 'ON_RUNTIME_VERSION', AgentRuntimeVersion: expect.anything() });
    expect(rendered({ runPolicy: RunPolicy.ONCE })).toMatchObject({ RunPolicy: 'ONCE' });
    expect(rendered({ runPolicy: RunPolicy.ONCE })).not.toHaveProperty('AgentRuntimeVersion');
  });

  it.each([undefined, RunPolicy.ON_CHANGE, RunPolicy.ON_RUNTIME_VERSION, RunPolicy.ONCE])('is the same at each synth with policy %s', (runPolicy) => {
    expect(rendered({ runPolicy })).toEqual(rendered({ runPolicy }));
  });

  it('differs at each synth where every deployment is to run the command, by that one value', () => {
    const [one, other] = [rendered({ runPolicy: RunPolicy.EVERY_DEPLOYMENT }), rendered({ runPolicy: RunPolicy.EVERY_DEPLOYMENT })];
    expect(one.Nonce).not.toBe(other.Nonce);
    expect({ ...one, Nonce: '' }).toEqual({ ...other, Nonce: '' });
  });

  it('holds one such value however often it is looked at', () => {
    const stack = testStack();
    runner({ runPolicy: RunPolicy.EVERY_DEPLOYMENT }, stack);
    expect(templateOf(stack)).toEqual(templateOf(stack));
  });

  it('holds triggers, tokens too', () => {
    const stack = testStack();
    const commit = new CfnParameter(stack, 'Commit').valueAsString;
    runner({ triggers: { commit, schema: '7' } }, stack);
    expect(resourceOf(templateOf(stack), 'Custom::AgentCoreCommand').Properties.Triggers).toEqual({ commit: { Ref: 'Commit' }, schema: '7' });
  });

  it('holds what a failure is and means, and the session', () => {
    const sessionId = 'workspace-of-the-nightly-build-0001';
    expect(rendered({ expectedExitCodes: [0, 3], onFailure: CommandFailure.WARN, sessionId, stopSession: true })).toMatchObject({
      ExpectedExitCodes: ['0', '3'], OnFailure: 'WARN', SessionId: sessionId, StopSession: 'true',
    });
    expect(rendered({ sessionId })).not.toHaveProperty('StopSession');
    expect(rendered({ stopSession: false }).StopSession).toBe('false');
  });

  it('holds what runs on deletion, with the time of the command unless it has one of its own', () => {
    expect(rendered({ onDelete: Command.argv('flush', '--all') }).OnDelete).toEqual({ Arguments: ['flush', '--all'], Timeout: '300' });
    expect(rendered({ onDelete: Command.shell('flush'), timeout: Duration.hours(1) }).OnDelete).toEqual({ Command: 'flush', Timeout: '3600' });
    expect(rendered({ onDelete: Command.shell('flush'), onDeleteTimeout: Duration.seconds(5), onDeleteFailure: CommandFailure.FAIL }).OnDelete)
      .toEqual({ Command: 'flush', Timeout: '5', OnFailure: 'FAIL' });
    expect(rendered({ onDelete: Command.shell('flush'), timeout: Duration.seconds(Lazy.number({ produce: () => 10 })) }).OnDelete.Timeout).toBe('10');
  });
});

describe('permissions', () => {
  const policies = (stack: Stack) => Object.entries(templateOf(stack).Resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('CdkAgentCoreRuntimeProviderPolicy'));

  it('for what runs on deletion stay until the command is gone', () => {
    const stack = testStack();
    runner({ onDelete: Command.shell('flush'), qualifier: 'canary' }, stack);
    const template = templateOf(stack);
    const { id, Properties } = resourceOf(template, 'AWS::IAM::ManagedPolicy');
    expect(JSON.stringify(Properties)).toContain('-??????????/runtime-endpoint/canary');
    expect(resourceOf(template, 'Custom::AgentCoreCommand').DependsOn).toContain(id);
    expect(policies(stack)).toEqual([]);
  });

  it('are in a policy by name for an imported runtime too', () => {
    const stack = testStack();
    const runtime = imported(stack);
    runner({ runtime, onDelete: Command.shell('flush') }, stack);
    expect(resourceOf(templateOf(stack), 'Custom::AgentCoreCommand').DependsOn).toEqual([resourceOf(templateOf(stack), 'AWS::IAM::ManagedPolicy').id]);
    expect(policies(stack)).toEqual([]);
  });
});

describe('bad properties', () => {
  it.each<[string, Partial<CommandRunnerProps>, RegExp]>([
    ['triggers of what runs once', { runPolicy: RunPolicy.ONCE, triggers: { a: 'b' } }, /triggers have no effect with run policy ONCE/],
    ['triggers of what always runs', { runPolicy: RunPolicy.EVERY_DEPLOYMENT, triggers: { a: 'b' } }, /triggers have no effect with run policy EVERY_DEPLOYMENT/],
    ['no exit code', { expectedExitCodes: [] }, /no exit code is expected/],
    ['an exit code below 0', { expectedExitCodes: [0, -1] }, /expected exit code -1 is not a whole number from 0 to 255/],
    ['an exit code above 255', { expectedExitCodes: [256] }, /expected exit code 256 is not/],
    ['half an exit code', { expectedExitCodes: [0.5] }, /expected exit code 0.5 is not/],
    ['a short session id', { sessionId: 'x'.repeat(32) }, /session id "x+" has 32 characters, allowed are 33 to 256/],
    ['a session id with a line end', { sessionId: `${'x'.repeat(33)}\n` }, /has characters that its HTTP header cannot carry/],
    ['nothing to run on deletion', { onDelete: Command.shell(' ') }, /onDelete: command is empty/],
    ['too much to run on deletion', { onDelete: Command.shell('x'.repeat(65_536)) }, /onDelete: command has 65\d+ characters once it is wrapped/],
    ['too long on deletion', { onDelete: Command.shell('x'), onDeleteTimeout: Duration.seconds(3_601) }, /onDelete: time-out of 3601 s is not a whole number from 1 to 3600 s/],
    ['a time for nothing', { onDeleteTimeout: Duration.seconds(5) }, /onDeleteTimeout is about onDelete, which is not there/],
    ['a failure of nothing', { onDeleteFailure: CommandFailure.FAIL }, /onDeleteFailure is about onDelete, which is not there/],
    ['a null character', { command: Command.shell('echo a\0b') }, /Check: command holds a null character/],
    ['a null character that the wrapping would hide', { command: Command.argv('echo', 'it\'s\0') }, /Check: command holds a null character/],
    ['a null character on deletion', { onDelete: Command.shell('echo \'\0\'') }, /Check: onDelete: command holds a null character/],
  ])('%s', (_title, props, message) => {
    expect(() => runner(props)).toThrow(/^Stack\/Check: /);
    expect(() => runner(props)).toThrow(message);
  });

  it.each<[string, Partial<CommandRunnerProps>]>([
    ['all exit codes', { expectedExitCodes: [0, 255] }],
    ['the shortest session id', { sessionId: 'x'.repeat(33) }],
    ['the longest session id', { sessionId: 'x'.repeat(256) }],
    ['the longest time on deletion', { onDelete: Command.shell('x'), onDeleteTimeout: Duration.hours(1) }],
    ['the longest command on deletion', { onDelete: Command.shell('x'.repeat(65_536 - composeCommandLine({ command: '' }).length)) }],
    ['triggers with versions', { runPolicy: RunPolicy.ON_RUNTIME_VERSION, triggers: { a: 'b' } }],
  ])('%s are none', (_title, props) => {
    expect(() => rendered(props)).not.toThrow();
  });

  it('a policy by versions takes a runtime that tells its version', () => {
    const stack = testStack();
    expect(() => runner({ runtime: imported(stack), runPolicy: RunPolicy.ON_RUNTIME_VERSION }, stack))
      .toThrow(/Stack\/Check: run policy is ON_RUNTIME_VERSION, but runtime Stack\/Imported tells no version to this stack/);
    const app = new App();
    const runtime = new AgentRuntime(new Stack(app, 'Agents'), 'Agent', { agentRuntimeArtifact: image() });
    expect(() => runner({ runtime, runPolicy: RunPolicy.ON_RUNTIME_VERSION }, new Stack(app, 'Checks'))).toThrow(/tells no version to this stack/);
  });

  it('a secret on deletion is one', () => {
    const secret = SecretValue.secretsManager('token').unsafeUnwrap();
    expect(() => runner({ onDelete: Command.argv('logout', secret) })).toThrow('Stack/Check: onDelete holds a secret or a dynamic reference');
  });
});

it('lets tokens pass', () => {
  const stack = testStack();
  const text = new CfnParameter(stack, 'Text').valueAsString;
  const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
  const check = runner({
    sessionId: text, expectedExitCodes: [0, number], onDelete: Command.shell(text), onDeleteTimeout: Duration.seconds(number),
  }, stack);
  new CfnOutput(stack, 'Status', { value: check.status });
  expect(resourceOf(templateOf(stack), 'Custom::AgentCoreCommand').Properties).toMatchObject({
    SessionId: { Ref: 'Text' },
    ExpectedExitCodes: ['0', { Ref: 'Number' }],
    OnDelete: { Command: { Ref: 'Text' }, Timeout: { Ref: 'Number' } },
  });
});
