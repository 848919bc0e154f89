import { CfnParameter, Stack } from 'aws-cdk-lib';
import { AgentRuntime, AgentRuntimeProps, Provisioning } from '../../src';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

const ID = 'coder-Ab01234567';

function stackWith(props: (stack: Stack) => Partial<AgentRuntimeProps>): Stack {
  const stack = testStack();
  new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...props(stack) });
  return stack;
}

const adopted = (stack: Stack) => resourceOf(templateOf(stack), 'Custom::AgentCoreRuntime').Properties.AdoptedAgentRuntimeId;

test('the provider is told of the runtime to take over, and of none otherwise', () => {
  expect(adopted(stackWith(() => ({ runtimeName: 'coder', adoptedRuntimeId: ID })))).toBe(ID);
  expect(adopted(stackWith(() => ({})))).toBeUndefined();
});

test('an id or a name that only the deployment tells is left to the provider', () => {
  const text = (stack: Stack, id: string) => new CfnParameter(stack, id).valueAsString;
  expect(adopted(stackWith((stack) => ({ adoptedRuntimeId: text(stack, 'Id') })))).toEqual({ Ref: 'Id' });
  expect(adopted(stackWith((stack) => ({ runtimeName: text(stack, 'Name'), adoptedRuntimeId: ID })))).toBe(ID);
});

test.each([
  ['an empty text', ''],
  ['a name alone', 'coder'],
  ['nine letters after the name', ID.slice(0, -1)],
  ['eleven letters after the name', `${ID}8`],
  ['an ARN', `arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/${ID}`],
])('what is no id is refused: %s', (_, adoptedRuntimeId) => {
  expect(() => stackWith(() => ({ runtimeName: 'coder', adoptedRuntimeId })))
    .toThrow(`Stack/Agent: adoptedRuntimeId ${JSON.stringify(adoptedRuntimeId)} is not the id of a runtime, as coder-0123456789`);
});

test('CloudFormation has an import of its own', () => {
  expect(() => stackWith(() => ({ runtimeName: 'coder', adoptedRuntimeId: ID, provisioning: Provisioning.CLOUDFORMATION })))
    .toThrow(/^Stack\/Agent: adoptedRuntimeId is given, but CloudFormation takes over a runtime by its resource import .*\[rule: cdk-agentcore-runtime:adoption\]$/);
});

test.each([['another', 'painter', '"painter"'], ['a generated', undefined, '"StackAgent']])('%s name than that of the id is refused at synth', (_, runtimeName, told) => {
  const stack = stackWith(() => ({ runtimeName, adoptedRuntimeId: ID }));
  expect(() => templateOf(stack)).toThrow(`adoptedRuntimeId is "${ID}", but the name of this runtime is ${told}`);
  expect(() => templateOf(stack)).toThrow('set runtimeName to "coder"');
});
