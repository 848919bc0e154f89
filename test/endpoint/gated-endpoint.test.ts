import { App, CfnResource, NestedStack, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnRuntime, IRuntimeRef, Runtime, RuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  AgentRuntime, Command, CommandFailure, CommandRunner, CommandRunnerProps, GatedEndpoint, GatedEndpointProps, Provisioning, RunPolicy,
} from '../../src';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

const ARN = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/coder-0123456789';
const PROMOTION = 'Custom::AgentCorePromotion';
const ENDPOINT = 'AWS::BedrockAgentCore::RuntimeEndpoint';

function agent(stack: Stack, id = 'Agent', provisioning?: Provisioning): AgentRuntime {
  return new AgentRuntime(stack, id, { agentRuntimeArtifact: image(), runtimeName: id, provisioning });
}

function gate(stack: Stack, runtime: IRuntimeRef, id = 'Smoke'): CommandRunner {
  return new CommandRunner(stack, id, { runtime, command: Command.shell('true') });
}

function declared(props: Partial<GatedEndpointProps> = {}) {
  const stack = testStack();
  const runtime = props.runtime ?? agent(stack);
  const smoke = gate(stack, runtime);
  const prod = new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod', gates: [smoke], ...props });
  return { stack, runtime, smoke, prod, logicalId: (construct: CommandRunner) => stack.getLogicalId(construct.node.defaultChild as CfnResource) };
}

describe('the endpoint', () => {
  test('is a native one, on the version that the promotion tells', () => {
    const { stack } = declared({ description: 'for users', tags: { team: 'agents' } });
    const template = templateOf(stack);
    const promotion = resourceOf(template, PROMOTION);
    expect(resourceOf(template, ENDPOINT).Properties).toEqual({
      AgentRuntimeId: { 'Fn::GetAtt': [expect.stringMatching(/^Agent/), 'AgentRuntimeId'] },
      AgentRuntimeVersion: { 'Fn::GetAtt': [promotion.id, 'AgentRuntimeVersion'] },
      Name: 'prod',
      Description: 'for users',
      Tags: { team: 'agents' },
    });
  });

  test('gets tags as any native resource', () => {
    const { stack, prod } = declared();
    Tags.of(prod).add('team', 'agents');
    expect(resourceOf(templateOf(stack), ENDPOINT).Properties.Tags).toEqual({ team: 'agents' });
  });

  test('takes a generated name, which the promotion and its permission know too', () => {
    const { stack } = declared({ endpointName: undefined });
    const template = templateOf(stack);
    const name = resourceOf(template, ENDPOINT).Properties.Name;
    expect(name).toMatch(/^StackProd/);
    expect(resourceOf(template, PROMOTION).Properties.EndpointName).toBe(name);
    expect(JSON.stringify(template.Resources)).toContain(`/runtime-endpoint/${name}`);
  });

  test('takes the place of the one that `addEndpoint` makes, under the same logical id', () => {
    const before = testStack();
    agent(before).addEndpoint('prod');
    const after = testStack();
    const runtime = agent(after);
    new GatedEndpoint(runtime, 'Endpointprod', { runtime, endpointName: 'prod', gates: [gate(after, runtime)] });
    expect(resourceOf(templateOf(after), ENDPOINT).id).toBe(resourceOf(templateOf(before), ENDPOINT).id);
  });

  test('is one that commands run on, after it is there', () => {
    const { stack, runtime, prod, logicalId } = declared();
    const warmUp = new CommandRunner(stack, 'WarmUp', { runtime, command: Command.shell('true'), endpoint: prod });
    const template = templateOf(stack);
    const { Properties, DependsOn } = template.Resources[logicalId(warmUp)];
    expect(Properties.Qualifier).toBe('prod');
    expect(DependsOn).toContain(resourceOf(template, ENDPOINT).id);
    expect(prod).toBeInstanceOf(RuntimeEndpoint);
  });
});

describe('the promotion', () => {
  test('comes after the gates and follows the version of the runtime', () => {
    const { stack, smoke, logicalId } = declared();
    const { Properties, DependsOn } = resourceOf(templateOf(stack), PROMOTION);
    expect(DependsOn).toContain(logicalId(smoke));
    expect(Properties).toEqual({
      ServiceToken: expect.anything(),
      ServiceTimeout: expect.any(String),
      AgentRuntimeId: { 'Fn::GetAtt': [expect.stringMatching(/^Agent/), 'AgentRuntimeId'] },
      EndpointName: 'prod',
      AgentRuntimeVersion: { 'Fn::GetAtt': [expect.stringMatching(/^Agent/), 'AgentRuntimeVersion'] },
    });
  });

  test('also after gates that come later', () => {
    const { stack, runtime, prod, logicalId } = declared({ gates: [] });
    const later = gate(stack, runtime, 'Later');
    prod.addGate(later);
    expect(resourceOf(templateOf(stack), PROMOTION).DependsOn).toContain(logicalId(later));
  });

  const actions = ['bedrock-agentcore:GetAgentRuntime', 'bedrock-agentcore:GetAgentRuntimeEndpoint'];

  test.each<[string, (stack: Stack) => IRuntimeRef]>([
    ['provisioned by CloudFormation', (stack) => agent(stack, 'Agent', Provisioning.CLOUDFORMATION)],
    ['official', (stack) => new Runtime(stack, 'Agent', { agentRuntimeArtifact: image() })],
    ['L1', (stack) => new CfnRuntime(stack, 'Agent', {
      agentRuntimeName: 'agent',
      roleArn: 'arn:aws:iam::123456789012:role/agent',
      networkConfiguration: { networkMode: 'PUBLIC' },
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    })],
  ])('may read a runtime that is %s, by its ARN, and no more', (_kind, runtimeIn) => {
    const stack = testStack();
    new GatedEndpoint(stack, 'Prod', { runtime: runtimeIn(stack), endpointName: 'prod' });
    const template = templateOf(stack);
    const [[, { Properties }], ...others] = Object.entries(template.Resources).filter(([id]) => /^CdkAgentCoreRuntimeProviderPolicy/.test(id));
    expect(others).toEqual([]);
    const arn = { 'Fn::GetAtt': [expect.stringMatching(/^Agent/), 'AgentRuntimeArn'] };
    expect(Properties.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: actions, Resource: arn },
      { Effect: 'Allow', Action: actions[1], Resource: { 'Fn::Join': ['', [arn, '/runtime-endpoint/prod']] } },
    ]);
  });

  test('may read a runtime of the provider by what the provider may do with it, from before to after', () => {
    const { stack } = declared();
    const template = templateOf(stack);
    const policies = Object.entries(template.Resources).filter(([, { Properties }]) => JSON.stringify(Properties).includes(actions[1]));
    expect(policies.map(([id]) => id)).toEqual([expect.stringMatching(/^CdkAgentCoreRuntimeProviderPolicy/)]);
    expect(resourceOf(template, PROMOTION).DependsOn).toContain(policies[0][0]);
  });

  test('reaches a runtime in the parent of a nested stack', () => {
    const stack = testStack();
    const nested = new NestedStack(stack, 'Nested');
    new GatedEndpoint(nested, 'Prod', { runtime: agent(stack), endpointName: 'prod' });
    expect(resourceOf(templateOf(nested), PROMOTION).Properties.AgentRuntimeVersion).toEqual({ Ref: expect.stringMatching(/AgentRuntimeVersion$/) });
  });
});

describe('a version', () => {
  test('holds the endpoint, without a promotion, and whatever becomes of the gates', () => {
    const { stack, smoke, prod, logicalId } = declared({ version: '3' });
    prod.addGate(gate(stack, AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', ARN), 'Other'));
    const template = templateOf(stack);
    const { Properties, DependsOn } = resourceOf(template, ENDPOINT);
    expect(Properties.AgentRuntimeVersion).toBe('3');
    expect(DependsOn).toBeUndefined();
    expect(template.Resources).toHaveProperty(logicalId(smoke));
    expect(Object.values(template.Resources).map(({ Type }) => Type)).not.toContain(PROMOTION);
  });

  test('keeps the logical id of the endpoint', () => {
    expect(resourceOf(templateOf(declared({ version: '3' }).stack), ENDPOINT).id).toBe(resourceOf(templateOf(declared().stack), ENDPOINT).id);
  });

  test('is what an imported runtime needs', () => {
    const refused = testStack();
    expect(() => new GatedEndpoint(refused, 'Prod', { runtime: AgentRuntime.fromAgentRuntimeArn(refused, 'Imported', ARN) })).toThrow(
      'Stack/Prod: runtime Stack/Imported does not tell its versions to stack Stack; declare the endpoint in the stack of the runtime, or give a version',
    );
    const stack = testStack();
    new GatedEndpoint(stack, 'Prod', { runtime: AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', ARN), version: '3' });
    expect(resourceOf(templateOf(stack), ENDPOINT).Properties).toMatchObject({ AgentRuntimeId: 'coder-0123456789', AgentRuntimeVersion: '3' });
  });
});

describe('refused is', () => {
  test('a runtime of another stack', () => {
    const app = new App();
    const runtime = agent(new Stack(app, 'First'));
    expect(() => new GatedEndpoint(new Stack(app, 'Second'), 'Prod', { runtime })).toThrow(/runtime First\/Agent does not tell its versions to stack Second/);
  });

  test('a runtime of another region or account', () => {
    const stack = new Stack(new App(), 'Stack', { env: { region: 'eu-west-1', account: '999999999999' } });
    const runtime = AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', ARN);
    expect(() => new GatedEndpoint(stack, 'Prod', { runtime, version: '1' })).toThrow(
      /runtime Stack\/Imported is in region us-east-1 and the endpoint in eu-west-1[^]*is in account 123456789012 and the endpoint in 999999999999/,
    );
  });

  test('DEFAULT, which nobody can move', () => {
    expect(() => declared({ endpointName: 'DEFAULT' })).toThrow(/endpointName is DEFAULT, which always follows the newest version/);
  });

  test.each(['0', 'v2', '100000'])('version %s', (version) => {
    expect(() => declared({ version })).toThrow(new RegExp(`^Stack/Prod: version "${version}" is not a whole number from 1 to 99999`));
  });

  test('a name that is none, with all else that is wrong', () => {
    expect(() => declared({ endpointName: 'not-a-name', version: '0', tags: { 'aws:team': 'agents' } })).toThrow(
      /^Stack\/Prod: 3 faults in its properties\n[^]*endpoint name "not-a-name"[^]*version "0"[^]*tag key "aws:team"/,
    );
  });

  test('what the official endpoint refuses', () => {
    expect(() => declared({ description: 'x'.repeat(257) })).toThrow(/^Stack\/Prod: .* \[rule: cdk-agentcore-runtime:/s);
  });

  test('a gate that runs on the endpoint', () => {
    const { stack, runtime, prod } = declared();
    prod.addGate(new CommandRunner(stack, 'Late', { runtime, command: Command.shell('true'), endpoint: prod }));
    expect(() => templateOf(stack)).toThrow(/gate Stack\/Late waits for the endpoint that waits for it; run it on another endpoint, such as DEFAULT/);
  });

  const withGate = (qualifier: string, of?: string) => () => {
    const { stack, runtime, prod } = declared();
    prod.addGate(new CommandRunner(stack, 'Early', { runtime: of === undefined ? runtime : agent(stack, of), command: Command.shell('true'), qualifier }));
    return templateOf(stack);
  };

  test('a gate that names the endpoint, which is on the version before', () => {
    expect(withGate('prod')).toThrow(/gate Stack\/Early runs on the endpoint that waits for it.*; run it on another endpoint, such as DEFAULT \[rule: .*:gateWaitsForEndpoint\]/);
    expect(withGate('canary')).not.toThrow();
    expect(withGate('prod', 'Helper')).not.toThrow();
  });

  test('a gate that waits for a construct which the endpoint is part of', () => {
    const stack = testStack();
    const runtime = agent(stack);
    const smoke = gate(stack, runtime);
    new GatedEndpoint(runtime, 'Endpointprod', { runtime, endpointName: 'prod', gates: [smoke] });
    smoke.executeAfter(runtime);
    expect(() => templateOf(stack)).toThrow(/gate Stack\/Smoke waits for the endpoint that waits for it/);
  });
});

test.each<[string, Partial<CommandRunnerProps>, number]>([
  ['each version runs', {}, 0],
  ['each deployment runs', { runPolicy: RunPolicy.EVERY_DEPLOYMENT }, 0],
  ['each version alone runs', { runPolicy: RunPolicy.ON_RUNTIME_VERSION }, 0],
  ['the first version runs', { runPolicy: RunPolicy.ONCE }, 1],
  ['nobody minds when it fails', { onFailure: CommandFailure.WARN }, 1],
])('a gate that %s gets its warnings', (_what, props, count) => {
  const { stack, runtime, prod } = declared({ gates: [] });
  prod.addGate(new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true'), ...props }));
  const warnings = () => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('gate Stack/Check lets versions pass'));
  expect(warnings()).toHaveLength(count);
});

test.each([undefined, Provisioning.CLOUDFORMATION])('cdk-nag finds nothing (%s)', (provisioning) => {
  const stack = testStack();
  const runtime = agent(stack, 'Agent', provisioning);
  new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod', gates: [gate(stack, runtime)] });
  const { root } = stack.node;
  const { violations } = new AwsSolutionsChecks(root).validateScope(root);
  // the execution role is the official L2's
  const ours = violations.filter(({ violatingResources }) => !violatingResources.every(({ constructPath }) => /Agent\/(ExecutionRole|DefaultPolicy)/.test(constructPath ?? '')));
  expect(ours).toEqual([]);
});
