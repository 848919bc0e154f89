import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnRuntime, IRuntimeRef, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AnyPrincipal, Grant, IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AgentRuntime, GatedEndpoint, Provisioning, RuntimeGrantOptions, RuntimeGrants } from '../../src';
import { image, templateOf, testStack } from '../util/stacks';

const ARN = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/coder-0123456789';

type Method = Exclude<keyof RuntimeGrants, 'actions'>;

const ACTIONS: Record<Method, string[]> = {
  runCommand: ['InvokeAgentRuntimeCommand'],
  openShell: ['InvokeAgentRuntimeCommandShell'],
  stopSession: ['StopRuntimeSession'],
  invoke: ['InvokeAgentRuntime'],
  invokeForUser: ['InvokeAgentRuntime', 'InvokeAgentRuntimeForUser'],
  invokeWithWebSocket: ['InvokeAgentRuntimeWithWebSocketStream'],
  invokeWithWebSocketForUser: ['InvokeAgentRuntimeWithWebSocketStream', 'InvokeAgentRuntimeWithWebSocketStreamForUser'],
};

function role(stack: Stack): Role {
  return new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
}

/** What a grant adds to the policy of a role, in a stack in which the runtime may be declared. */
function statementOf(runtimeIn: (stack: Stack) => IRuntimeRef, grant: (grants: RuntimeGrants, caller: IGrantable, stack: Stack) => Grant): any {
  const stack = testStack();
  const runtime = runtimeIn(stack);
  const caller = role(stack);
  grant(RuntimeGrants.fromRuntime(runtime), caller, stack).assertSuccess();
  const policies = Object.entries(templateOf(stack).Resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('Caller'));
  expect(policies).toHaveLength(1);
  const [{ Effect, Action, Resource, ...rest }, ...others] = policies[0][1].Properties.PolicyDocument.Statement;
  expect([Effect, rest, others]).toEqual(['Allow', {}, []]);
  return { actions: [Action].flat(), resources: Resource };
}

const imported = (stack: Stack) => AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', ARN);

describe.each(Object.entries(ACTIONS) as [Method, string[]][])('%s', (method, actions) => {
  const at = (options?: RuntimeGrantOptions) => statementOf(imported, (grants, caller) => grants[method](caller, options));

  test('on the runtime and its DEFAULT endpoint', () => {
    expect(at()).toEqual({ actions: actions.map((action) => `bedrock-agentcore:${action}`), resources: [ARN, `${ARN}/runtime-endpoint/DEFAULT`] });
  });

  test('on the runtime and another endpoint', () => {
    expect(at({ qualifier: 'prod' }).resources).toEqual([ARN, `${ARN}/runtime-endpoint/prod`]);
  });
});

test('on any runtime, by its ARN', () => {
  const kinds: [string, (stack: Stack) => IRuntimeRef][] = [
    ['AgentRuntime', (stack) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() })],
    ['native', (stack) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), provisioning: Provisioning.CLOUDFORMATION })],
    ['official', (stack) => new Runtime(stack, 'Agent', { agentRuntimeArtifact: image() })],
    ['L1', (stack) => new CfnRuntime(stack, 'Agent', {
      agentRuntimeName: 'agent',
      roleArn: 'arn:aws:iam::123456789012:role/agent',
      networkConfiguration: { networkMode: 'PUBLIC' },
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    })],
  ];
  for (const [kind, runtimeIn] of kinds) {
    const { resources } = statementOf(runtimeIn, (grants, caller) => grants.runCommand(caller));
    const arn = { 'Fn::GetAtt': [expect.stringMatching(/^Agent/), 'AgentRuntimeArn'] };
    expect([kind, resources]).toEqual([kind, [arn, { 'Fn::Join': ['', [arn, '/runtime-endpoint/DEFAULT']] }]]);
  }
});

test('on an endpoint of the app, by its own ARN', () => {
  const { resources } = statementOf(
    (stack) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() }),
    (grants, caller, stack) => {
      const runtime = stack.node.findChild('Agent') as AgentRuntime;
      return grants.stopSession(caller, { endpoint: new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod' }) });
    },
  );
  expect(resources[1]).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Prod/), 'AgentRuntimeEndpointArn'] });
});

test('to the runtime itself, without a circle', () => {
  const stack = testStack();
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), runtimeName: 'coder' });
  const grants = RuntimeGrants.fromRuntime(runtime);
  grants.invoke(runtime);
  grants.runCommand(runtime.role, { endpoint: new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod' }) });
  const policies = JSON.stringify(Object.entries(templateOf(stack).Resources).filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('AgentExecutionRole')));
  for (const end of ['DEFAULT', 'prod']) expect(policies).toContain(`:runtime/coder-??????????/runtime-endpoint/${end}"`);
  expect(policies).not.toContain('AgentRuntimeArn');
});

test('actions that have no method of their own', () => {
  const { actions } = statementOf(imported, (grants, caller) => grants.actions(caller, ['bedrock-agentcore:GetAgentCard']));
  expect(actions).toEqual(['bedrock-agentcore:GetAgentCard']);
});

test('an endpoint is named once, and rightly', () => {
  const stack = testStack();
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
  const grants = RuntimeGrants.fromRuntime(runtime);
  const endpoint = runtime.addEndpoint('prod');
  expect(() => grants.invoke(role(stack), { qualifier: 'a-b' })).toThrow(/^Stack\/Agent: endpoint name "a-b" is not/);
  expect(() => grants.invoke(runtime, { qualifier: 'prod', endpoint })).toThrow('Stack/Agent: endpoint and qualifier both name the endpoint; leave one of them out');
});

test('what was not granted is told', () => {
  const stack = testStack();
  const { success } = RuntimeGrants.fromRuntime(imported(stack)).invoke({ grantPrincipal: new AnyPrincipal() });
  expect(success).toBe(false);
});

test('cdk-nag finds no wildcard', () => {
  const stack = testStack();
  const caller = role(stack);
  const { root } = stack.node;
  const rules = () => new AwsSolutionsChecks(root).validateScope(root).violations.map(({ ruleName }) => ruleName);
  const grants = RuntimeGrants.fromRuntime(imported(stack));
  for (const method of Object.keys(ACTIONS) as Method[]) grants[method](caller);
  expect(rules()).toEqual([]);
  // and it would find one
  grants.invoke(caller, { qualifier: Lazy.string({ produce: () => '*' }) });
  expect(rules()).toEqual([expect.stringContaining('IAM5')]);
});
