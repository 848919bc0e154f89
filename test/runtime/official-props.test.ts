import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { AgentRuntime, AgentRuntimeProps } from '../../src';
import { throwFaults } from '../../src/runtime/faults';
import { byRule } from '../../src/runtime/rule-id';
import { image, testStack } from '../util/stacks';

function build(props: Partial<AgentRuntimeProps>, stack: Stack = testStack()): AgentRuntime {
  return new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...props });
}

const CUSTOM_HEADER = 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-';
const variables = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`V${i}`, '']));

it.each<[rule: string, inside: Partial<AgentRuntimeProps>, outside: Partial<AgentRuntimeProps>, message: string]>([
  ['runtimeName', { runtimeName: 'a'.repeat(48) }, { runtimeName: 'a'.repeat(49) }, 'runtime name "aaa'],
  ['runtimeName', { runtimeName: 'a_b' }, { runtimeName: 'a-b' }, 'runtime name "a-b"'],
  ['serviceModel', { description: 'd' }, { description: '' }, 'description: 0 characters where 1 to 4096 are allowed'],
  ['officialRuntime', { description: 'd'.repeat(1200) }, { description: 'd'.repeat(1201) }, 'Description is 1201 characters long'],
  ['serviceModel', { environmentVariables: variables(50) }, { environmentVariables: variables(51) }, 'environmentVariables: 51 entries where 0 to 50'],
  ['officialRuntime', { environmentVariables: { _1: '' } }, { environmentVariables: { '1_': '' } }, '\'1_\''],
  ['tags', { tags: { 'a:ws': '' } }, { tags: { 'AWS:a': '' } }, 'tag key "AWS:a" begins with aws:'],
  ['serviceModel', { tags: { ['t'.repeat(128)]: '' } }, { tags: { ['t'.repeat(129)]: '' } }, '129 characters where 1 to 128'],
  ['lifecycle', { lifecycleConfiguration: { idleRuntimeSessionTimeout: Duration.seconds(60) } }, { lifecycleConfiguration: { idleRuntimeSessionTimeout: Duration.seconds(59) } }, '59 where 60'],
  ['lifecycle', { lifecycleConfiguration: { maxLifetime: Duration.hours(8) } }, { lifecycleConfiguration: { maxLifetime: Duration.seconds(28_801) } }, 'maxLifetime of 28801 s'],
  ['lifecycle', { lifecycleConfiguration: { maxLifetime: Duration.millis(60_000) } }, { lifecycleConfiguration: { maxLifetime: Duration.millis(60_500) } }, '60.5 is not an integer'],
  [
    'lifecycle', { lifecycleConfiguration: { idleRuntimeSessionTimeout: Duration.minutes(10), maxLifetime: Duration.minutes(10) } },
    { lifecycleConfiguration: { idleRuntimeSessionTimeout: Duration.minutes(11), maxLifetime: Duration.minutes(10) } }, 'of 660 s must be less than or equal',
  ],
  ['requestHeader', { requestHeaderConfiguration: { allowlistedHeaders: [`${CUSTOM_HEADER}A`] } }, { requestHeaderConfiguration: { allowlistedHeaders: ['X-Other'] } }, '"X-Other"'],
  [
    'serviceModel', { requestHeaderConfiguration: { allowlistedHeaders: Array(20).fill('Authorization') } },
    { requestHeaderConfiguration: { allowlistedHeaders: Array(21).fill('Authorization') } }, '21 members where 1 to 20',
  ],
])('%s: %j is taken, and %j is not', (rule, inside, outside, message) => {
  expect(() => build(inside)).not.toThrow();
  expect(() => build(outside)).toThrow(/^Stack\/Agent: /);
  expect(() => build(outside)).toThrow(message);
  expect(() => build(outside)).toThrow(`[rule: cdk-agentcore-runtime:${rule}]`);
});

it('tells all faults at once, and leaves nothing behind', () => {
  const stack = testStack();
  expect(() => build({ runtimeName: 'a-b', tags: { 'aws:a': '' } }, stack)).toThrow(/^Stack\/Agent: 2 faults in its properties\n {2}- runtime name .*\n {2}- tag key .*$/);
  expect(stack.node.tryFindChild('Agent')).toBeUndefined();
});

it('lets tokens be, until synth can tell', () => {
  const late = (value: string) => Lazy.string({ produce: () => value });
  expect(() => build({
    runtimeName: late('agent'),
    description: late('d'),
    environmentVariables: { A: late('1') },
    tags: { team: late('agents') },
    lifecycleConfiguration: { maxLifetime: Duration.seconds(Lazy.number({ produce: () => 900 })) },
  })).not.toThrow();
  const stack = testStack();
  build({ runtimeName: late('a-b') }, stack);
  expect(() => App.of(stack)!.synth()).toThrow(/\[Stack\/Agent\] runtime name "a-b" .*\[rule: cdk-agentcore-runtime:runtimeName\]/);
});

it('keeps the kind of error that the official runtime throws', () => {
  const stack = testStack();
  const executionRole = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::1:role/agent');
  expect(() => build({ executionRole }, stack)).toThrow(expect.objectContaining({ name: 'InvalidRoleArnFormat' }));
});

it('every fault of a construct names a rule', () => {
  const stack = testStack();
  expect(() => throwFaults(stack, ['x is wrong'])).toThrow('Stack: x is wrong [rule: cdk-agentcore-runtime:invalidProperty]');
  expect(() => throwFaults(stack, byRule('some', ['x is wrong']))).toThrow(/^Stack: x is wrong \[rule: cdk-agentcore-runtime:some\]$/);
  expect(() => throwFaults(stack, [])).not.toThrow();
});
