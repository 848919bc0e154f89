import { Annotations, App, CfnParameter, Lazy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { Annotations as Assertions, Match } from 'aws-cdk-lib/assertions';
import { AgentCoreRuntime, AgentRuntimeArtifact, CfnRuntime, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { CfnSubnet, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AgentRuntime, AgentRuntimeProps, Command, CommandRunner, CommandRunnerProps, Provisioning } from '../../src';
import { image, testStack } from '../util/stacks';

const PREFIX = 'cdk-agentcore-runtime:';

function agent(stack: Stack, props: Partial<AgentRuntimeProps> = {}): AgentRuntime {
  return new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...props });
}

function runner(stack: Stack, props: Partial<CommandRunnerProps>): CommandRunner {
  return new CommandRunner(stack, 'Check', { runtime: agent(stack), command: Command.shell('true'), ...props });
}

/** The annotations of this library's rules, as level, path and id, without the one that the image of these tests gets by its URI. */
function annotations(stack: Stack): string[] {
  const all = Assertions.fromStack(stack);
  return [...all.findWarning('*', Match.anyValue()), ...all.findInfo('*', Match.anyValue())]
    .map(({ level, id, entry }) => [level, id, /\[ack: (.*)\]$/.exec(String(entry.data))?.[1]].join(' '))
    .filter((line) => line.includes(PREFIX) && !line.endsWith(`${PREFIX}imagePermissionsNotAdded`));
}

describe('literal secrets', () => {
  it.each<[string, (stack: Stack) => unknown, string]>([
    ['in a variable of a runtime', (stack) => agent(stack, { environmentVariables: { DB_PASSWORD: 'hunter2' } }), '/Stack/Agent'],
    ['in a late variable of a runtime', (stack) => agent(stack, { environmentVariables: { DB_PASSWORD: Lazy.string({ produce: () => 'hunter2' }) } }), '/Stack/Agent'],
    ['in a variable of a native runtime', (stack) => agent(stack, { provisioning: Provisioning.CLOUDFORMATION, environmentVariables: { DB_PASSWORD: 'hunter2' } }), '/Stack/Agent'],
    ['in shell text', (stack) => runner(stack, { command: Command.shell('PASSWORD=hunter2 ./login') }), '/Stack/Check'],
    ['in a word', (stack) => runner(stack, { command: Command.argv('login', '--password=hunter2') }), '/Stack/Check'],
    ['in a script', (stack) => runner(stack, { command: Command.script('#!/bin/sh\nPASSWORD=hunter2 ./login\n') }), '/Stack/Check'],
    ['in a variable of a command', (stack) => runner(stack, { environment: { PASSWORD: 'hunter2' } }), '/Stack/Check'],
    ['in a command on delete', (stack) => runner(stack, { onDelete: Command.shell('PASSWORD=hunter2 ./logout') }), '/Stack/Check'],
  ])('%s are warned of', (_title, build, at) => {
    const stack = testStack();
    build(stack);
    expect(annotations(stack)).toEqual([`warning ${at} cdk-agentcore-runtime:literalSecret`]);
    expect(JSON.stringify(Assertions.fromStack(stack).findWarning('*', Match.anyValue()))).not.toContain('hunter2');
  });

  it.each([
    ['Annotations', (stack: Stack) => Annotations.of(stack).acknowledgeWarning(`${PREFIX}literalSecret`)],
    ['Validations', (stack: Stack) => Validations.of(stack).acknowledge({ id: `${PREFIX}literalSecret`, reason: 'a test account' })],
  ])('are acknowledged by %s', (_title, acknowledge) => {
    const stack = testStack();
    agent(stack, { environmentVariables: { DB_PASSWORD: 'hunter2' } });
    acknowledge(stack);
    expect(annotations(stack)).toEqual([]);
  });

  it('are not suspected behind parameters', () => {
    const stack = testStack();
    const password = new CfnParameter(stack, 'Password').valueAsString;
    agent(stack, { environmentVariables: { DB_PASSWORD: password, DB_PASSWORD_NAME: 'db-password-1' } });
    expect(annotations(stack)).toEqual([]);
  });
});

describe('what only the template shows', () => {
  it.each<[string, (resource: CfnRuntime) => void, RegExp]>([
    ['an overridden value', (resource) => resource.addPropertyOverride('ProtocolConfiguration', 'SMTP'), /"SMTP" is not one of .*\[rule: cdk-agentcore-runtime:serviceModel\]/],
    ['an unknown property', (resource) => resource.addPropertyOverride('SizeInGiB', 5), /SizeInGiB is not a property .*\[rule: cdk-agentcore-runtime:unknownProperty\]/],
    ['a late value', (resource) => {
      resource.description = Lazy.string({ produce: () => 'd'.repeat(4097) });
    }, /description: 4097 characters where 1 to 4096 are allowed; .*\[rule: cdk-agentcore-runtime:serviceModel\]/],
  ])('%s is refused', (_title, change, message) => {
    const stack = testStack();
    change(agent(stack).node.defaultChild as CfnRuntime);
    const synth = () => App.of(stack)!.synth();
    expect(synth).toThrow(/\[Stack\/Agent\] /);
    expect(synth).toThrow(message);
  });

  it('code that is not there names construct, value and rule', () => {
    const stack = testStack();
    const agentRuntimeArtifact = AgentRuntimeArtifact.fromCodeAsset({ path: 'nowhere', runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] });
    expect(() => agent(stack, { agentRuntimeArtifact })).toThrow(/Stack\/Agent: .*nowhere.*\[rule: cdk-agentcore-runtime:officialRuntime\]/s);
  });
});

it('a region without runtimes is warned of', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '123456789012', region: 'us-moon-1' } });
  agent(stack);
  expect(annotations(stack)).toEqual(['warning /Stack/Agent cdk-agentcore-runtime:region']);
});

describe('availability zones', () => {
  const env = { account: '123456789012', region: 'us-east-1' };
  const inVpc = (context: object = {}, region = env.region) => {
    const stack = new Stack(new App({ context: { ...context } }), 'Stack', { env: { ...env, region } });
    const vpc = new Vpc(stack, 'Vpc', { availabilityZones: [`${region}a`, `${region}b`], natGateways: 0 });
    const networkConfiguration = RuntimeNetworkConfiguration.usingVpc(stack, { vpc, vpcSubnets: { subnets: vpc.publicSubnets } });
    return { stack, networkConfiguration, subnets: vpc.publicSubnets };
  };

  it('by name alone are told apart from those that count', () => {
    const { stack, networkConfiguration } = inVpc();
    agent(stack, { networkConfiguration });
    expect(annotations(stack)).toEqual(['info /Stack/Agent cdk-agentcore-runtime:availabilityZoneUnknown']);
    Assertions.fromStack(stack).hasInfo('*', Match.stringLikeRegexp('us-east-1a, us-east-1b, .* in use1-az1, use1-az2, use1-az4 only'));
    Validations.of(stack).acknowledge({ id: `${PREFIX}availabilityZoneUnknown`, reason: 'looked up' });
    expect(annotations(stack)).toEqual([]);
  });

  it('are checked where the context tells their ids', () => {
    const good = inVpc({ 'cdk-agentcore-runtime:availabilityZoneIds': { 'us-east-1a': 'use1-az1', 'us-east-1b': 'use1-az2' } });
    agent(good.stack, good);
    expect(annotations(good.stack)).toEqual([]);

    const bad = inVpc({ 'cdk-agentcore-runtime:availabilityZoneIds': { 'us-east-1a': 'use1-az1', 'us-east-1b': 'use1-az3' } });
    agent(bad.stack, bad);
    expect(annotations(bad.stack)).toEqual(['warning /Stack/Agent cdk-agentcore-runtime:availabilityZone']);
    Assertions.fromStack(bad.stack).hasWarning('*', Match.stringLikeRegexp('subnet Stack/Vpc/.*Subnet2: availability zone use1-az3 '));
  });

  it('are checked where subnets tell their ids', () => {
    const { stack, networkConfiguration, subnets } = inVpc();
    for (const [i, subnet] of subnets.entries()) (subnet.node.defaultChild as CfnSubnet).availabilityZoneId = `use1-az${i + 2}`;
    agent(stack, { networkConfiguration });
    expect(annotations(stack)).toEqual(['warning /Stack/Agent cdk-agentcore-runtime:availabilityZone']);
  });

  it('are not talked about where nothing can be known', () => {
    const stack = testStack();
    const vpc = new Vpc(stack, 'Vpc', { natGateways: 0 });
    agent(stack, { networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc, vpcSubnets: { subnets: vpc.publicSubnets } }) });
    expect(annotations(stack)).toEqual([]);

    const imported = new Stack(new App(), 'Stack', { env });
    const subnet = Subnet.fromSubnetId(imported, 'Subnet', 'subnet-12345678');
    const network = RuntimeNetworkConfiguration.usingVpc(imported, {
      vpc: Vpc.fromVpcAttributes(imported, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['us-east-1a'] }), vpcSubnets: { subnets: [subnet] },
    });
    agent(imported, { networkConfiguration: network });
    expect(annotations(imported)).toEqual([]);
  });
});

test('what to do is said once', () => {
  const stack = testStack();
  Tags.of(agent(stack)).add('aws:team', 'agents');
  expect(() => Assertions.fromStack(stack)).toThrow(/only AWS may use; choose another key \[rule: cdk-agentcore-runtime:tags\]/);
});
