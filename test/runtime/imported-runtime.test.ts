import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { AgentRuntime, Command, CommandRunner } from '../../src';
import { resourceOf, templateOf, testStack } from '../util/stacks';

const ARN = 'arn:aws-us-gov:bedrock-agentcore:us-gov-west-1:111122223333:runtime/coder-0123456789';
const ATTRIBUTES = { agentRuntimeArn: ARN, agentRuntimeId: 'coder-0123456789', agentRuntimeName: 'coder', roleArn: 'arn:aws-us-gov:iam::111122223333:role/coder' };

describe('by ARN', () => {
  test('it is where its ARN says, under the id in it', () => {
    const runtime = AgentRuntime.fromAgentRuntimeArn(testStack(), 'Imported', ARN);
    expect(runtime.env).toEqual({ region: 'us-gov-west-1', account: '111122223333' });
    expect(runtime.runtimeRef).toEqual({ agentRuntimeArn: ARN, agentRuntimeId: 'coder-0123456789' });
    expect(runtime).toMatchObject(runtime.runtimeRef);
  });

  test('a token is taken apart by CloudFormation', () => {
    const stack = testStack();
    const parameter = new CfnParameter(stack, 'Arn');
    const { agentRuntimeId, agentRuntimeArn } = AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', parameter.valueAsString);
    expect(stack.resolve(agentRuntimeArn)).toEqual({ Ref: 'Arn' });
    expect(stack.resolve(agentRuntimeId)).toEqual({
      'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::Select': [5, { 'Fn::Split': [':', { Ref: 'Arn' }] }] }] }],
    });
  });

  test.each([
    ['', /agentRuntimeArn "" is not the ARN of a runtime/],
    ['coder-0123456789', /is not the ARN of a runtime/],
    [ARN.slice(0, -1), /is not the ARN of a runtime/],
    [`${ARN}/runtime-endpoint/prod`, /is the ARN of an endpoint; leave out all from \/runtime-endpoint on/],
    [ARN.replace('bedrock-agentcore', 'lambda'), /is not the ARN of a runtime/],
  ])('%j is refused', (arn, message) => {
    const stack = testStack();
    expect(() => AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', arn)).toThrow(message);
    expect(() => AgentRuntime.fromAgentRuntimeAttributes(stack, 'Other', { ...ATTRIBUTES, agentRuntimeArn: arn })).toThrow(message);
    expect(() => AgentRuntime.fromAgentRuntimeArn(stack, 'Another', arn)).toThrow(/^Stack\/Another: /);
  });
});

describe('by attributes', () => {
  test('it has all that the official L2 imports', () => {
    const stack = testStack();
    const runtime = AgentRuntime.fromAgentRuntimeAttributes(stack, 'Imported', {
      ...ATTRIBUTES, agentRuntimeVersion: '3', securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
    });
    expect(runtime).toMatchObject({ agentRuntimeArn: ARN, agentRuntimeId: 'coder-0123456789', agentRuntimeName: 'coder', agentRuntimeVersion: '3' });
    expect(runtime.env).toEqual({ region: 'us-gov-west-1', account: '111122223333' });
    expect(runtime.role.roleName).toBe('coder');
    expect(runtime.connections.securityGroups).toHaveLength(1);
    expect(runtime.metricInvocations().dimensions).toMatchObject({ Resource: ARN });
  });

  test('an id that is not the one in the ARN is refused', () => {
    expect(() => AgentRuntime.fromAgentRuntimeAttributes(testStack(), 'Imported', { ...ATTRIBUTES, agentRuntimeId: 'coder-9999999999' }))
      .toThrow('Stack/Imported: agentRuntimeId is "coder-9999999999", but agentRuntimeArn names coder-0123456789; give both of the same runtime');
  });
});

test('commands run in it, and may do nothing else with it', () => {
  const stack = new Stack(new App(), 'Stack');
  const runtime = AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', ARN);
  new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true'), qualifier: 'prod' });
  const template = templateOf(stack);
  const { Properties } = resourceOf(template, 'Custom::AgentCoreCommand');
  expect(Properties).toMatchObject({ AgentRuntimeArn: ARN, Qualifier: 'prod' });
  expect(Properties).not.toHaveProperty('AgentRuntimeVersion');
  expect(resourceOf(template, 'AWS::IAM::ManagedPolicy').Properties.PolicyDocument.Statement).toEqual([{
    Effect: 'Allow',
    Action: ['bedrock-agentcore:InvokeAgentRuntimeCommand', 'bedrock-agentcore:StopRuntimeSession'],
    Resource: [ARN, `${ARN}/runtime-endpoint/prod`],
  }]);
});
