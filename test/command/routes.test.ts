import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { CfnRuntime, IRuntimeRef, Runtime, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceType, IVpc, SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AgentRuntime, CapacityProvider, Command, CommandRunner, Provisioning, RuntimeMounts, SessionStorage } from '../../src';
import { image, templateOf, testStack } from '../util/stacks';

const network = (stack: Stack, vpc: IVpc, vpcSubnets?: SubnetSelection) => RuntimeNetworkConfiguration.usingVpc(stack, { vpc, vpcSubnets });

/** What the one command of a stack waits for, as far as it is a route. */
function routesBefore(stack: Stack, type = 'Custom::AgentCoreCommand'): string[] {
  const resources = templateOf(stack).Resources;
  return Object.values(resources).filter(({ Type }) => Type === type)
    .flatMap(({ DependsOn = [] }) => DependsOn)
    .filter((id) => resources[id].Type === 'AWS::EC2::Route');
}

function run(stack: Stack, runtime: IRuntimeRef): Stack {
  new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
  return stack;
}

test.each<[string, (stack: Stack, vpc: IVpc) => IRuntimeRef]>([
  ['our runtime', (stack, vpc) => new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), networkConfiguration: network(stack, vpc) })],
  ['a native one', (stack, vpc) => new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: image(), networkConfiguration: network(stack, vpc), provisioning: Provisioning.CLOUDFORMATION,
  })],
  ['the official one', (stack, vpc) => new Runtime(stack, 'Agent', { agentRuntimeArtifact: image(), networkConfiguration: network(stack, vpc) })],
  ['the L1', (stack, vpc) => new CfnRuntime(stack, 'Agent', {
    agentRuntimeName: 'agent',
    roleArn: 'arn:aws:iam::123456789012:role/agent',
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    networkConfiguration: { networkMode: 'VPC', networkModeConfig: { subnets: vpc.privateSubnets.map(({ subnetId }) => subnetId), securityGroups: ['sg-01234567'] } },
  })],
])('a command in %s waits for the routes of its subnets', (_title, make) => {
  const stack = testStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  run(stack, make(stack, vpc));
  expect(routesBefore(stack)).toEqual([expect.stringMatching(/^VpcPrivateSubnet1DefaultRoute/), expect.stringMatching(/^VpcPrivateSubnet2DefaultRoute/)]);
});

test('of subnets without a way out, and of a public network, there is nothing to wait for', () => {
  for (const [vpcSubnets, mode] of [[{ subnetType: SubnetType.PRIVATE_ISOLATED }, 'VPC'], [undefined, 'PUBLIC']] as const) {
    const stack = testStack();
    const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }] });
    const networkConfiguration = mode === 'VPC' ? network(stack, vpc, vpcSubnets) : RuntimeNetworkConfiguration.usingPublicNetwork();
    run(stack, new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), networkConfiguration }));
    expect(routesBefore(stack)).toEqual([]);
  }
});

test('so does a command in another stack, by the order of the stacks', () => {
  const app = new App({ analyticsReporting: false });
  const [network_, agents, commands] = ['Network', 'Agents', 'Commands'].map((id) => new Stack(app, id));
  const vpc = new Vpc(network_, 'Vpc', { maxAzs: 2 });
  run(commands, new AgentRuntime(agents, 'Agent', { agentRuntimeArtifact: image(), networkConfiguration: network(agents, vpc) }));
  expect(() => app.synth()).not.toThrow();
  expect(commands.dependencies).toEqual(expect.arrayContaining([network_, agents]));
});

test('so does a nested stack with the command', () => {
  const stack = testStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  run(new NestedStack(stack, 'Nested'), new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), networkConfiguration: network(stack, vpc) }));
  expect(routesBefore(stack, 'AWS::CloudFormation::Stack')).toHaveLength(2);
});

test('so does a capacity provider, whose instances start in subnets of its own', () => {
  const stack = testStack();
  const capacityProvider = new CapacityProvider(stack, 'Pool', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }), instanceTypes: [new InstanceType('m7g.large')] });
  new Runtime(stack, 'Agent', { agentRuntimeArtifact: image() }).with(new RuntimeMounts({ sessionStorage: new SessionStorage(stack, 'Disk', { capacityProvider }) }));
  expect(routesBefore(stack, 'AWS::BedrockAgentCore::CapacityProvider')).toHaveLength(2);
});
