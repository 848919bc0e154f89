import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, IResolvable, Lazy, Size, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact, CfnRuntime, CfnRuntimeProps, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccessPoint, FileSystem, IFileSystem } from 'aws-cdk-lib/aws-efs';
import { InstanceProfile, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  AgentCoreProvider, AgentCoreRunCommand, AgentCoreRunCommandProps, AgentLoop, AgentLoopProps, AgentRuntime, AgentRuntimeProps, CapacityProvider,
  CapacityProviderProps, Command, CommandAlarms, CommandFailure, CommandFleet, CommandFleetProps, CommandRunner, CommandRunnerProps, FleetWork,
  GatedEndpoint, Mount, Provisioning, RunPolicy, RuntimeGrants, RuntimeMounts, SessionStorage, VersionChange,
} from '../../src';
import { throwFaults } from '../../src/runtime/faults';
import { image } from '../util/stacks';

const POOL_ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:capacity-provider/pool-0123456789';
const RUNTIME_ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/coder-0123456789';
const ZONE_IDS = { 'cdk-agentcore-runtime:availabilityZoneIds': { 'us-west-2a': 'usw2-az1' } };

type Build = (stack: Stack) => unknown;

/** What is just inside of each rule of the constructs, and what is just outside. */
const CASES: Record<string, readonly [inside: Build, outside: Build]> = {
  sizeInGiB: pair((stack, sizeInGiB) => new SessionStorage(stack, 'Storage', { sizeInGiB }), 100, 101),
  volume: pair((stack, count) => {
    const provider = pool(stack);
    for (let i = 0; i < count; i++) provider.addVolume(`v${i}`, { size: Size.gibibytes(1) });
  }, 5, 6),
  capacityProvider: pair((stack, other) => {
    const capacityProvider = pool(stack);
    agent(stack, { sessionStorage: new SessionStorage(stack, 'Disk', { capacityProvider }), capacityProvider: other ? pool(stack, {}, 'Other') : capacityProvider });
  }, false, true),
  capacityProviderArn: pair((stack, arn) => CapacityProvider.fromCapacityProviderArn(stack, 'Imported', arn), POOL_ARN, POOL_ARN.slice(0, -1)),
  instanceLifecycle: pair((stack, idle) => pool(stack, { idleInstanceTimeout: Duration.seconds(idle), maxLifetime: Duration.minutes(10) }),
    600, 601),
  instanceArchitecture: pair((stack, type) => pool(stack, { instanceTypes: [new InstanceType(type)] }), 'm7g.large', 'm7i.large'),
  filesystemsToken: pair((stack, filesystemConfigurations) => l1(stack, { filesystemConfigurations: filesystemConfigurations as IResolvable })
    .with(new RuntimeMounts({ sessionStorage: new SessionStorage(stack, 'Storage') })), [] as object, Lazy.any({ produce: () => [] }) as object),
  versionChange: pair((stack, provisioning) => agent(stack, { provisioning, onVersionChange: VersionChange.FAIL }),
    Provisioning.CUSTOM_RESOURCE, Provisioning.CLOUDFORMATION),
  functionConfiguration: pair((stack, memorySize) => AgentCoreProvider.configure(stack, { memorySize }), 128, 127),
  adoption: pair((stack, adoptedRuntimeId) => agent(stack, { adoptedRuntimeId }), 'coder-0123456789', 'coder-012345678'),
  providerPolicies: pair((stack, count) => {
    for (let i = 0; i < count; i++) command(stack, {}, agent(stack, { runtimeName: `my_agent_number_${i}` }, `Agent${i}`), `Check${i}`);
  }, 17, 18),
  requestHeader: pair((stack, header) => agent(stack, { requestHeaderConfiguration: { allowlistedHeaders: [header] } }),
    'X-Amzn-Bedrock-AgentCore-Runtime-Custom-A', 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-'),
  officialRuntime: pair((stack, length) => agent(stack, { description: 'd'.repeat(length) }), 1200, 1201),
  runtimeArn: pair((stack, arn) => AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', arn), RUNTIME_ARN, RUNTIME_ARN.slice(0, -1)),
  runtimeVersion: pair((stack, version) => new GatedEndpoint(stack, 'Prod', { runtime: agent(stack), version }), '99999', '100000'),
  commandScript: pair((_stack, text) => Command.script(text), 'x', ''),
  commandEndpoint: pair((stack, qualifier) => {
    const runtime = agent(stack);
    command(stack, { endpoint: runtime.addEndpoint('prod'), qualifier }, runtime);
  }, undefined, 'prod'),
  runPolicy: pair((stack, runPolicy) => command(stack, { runPolicy, triggers: { commit: 'a1b2c3' } }), RunPolicy.ON_RUNTIME_VERSION, RunPolicy.ONCE),
  commandOnDelete: pair((stack, onDelete) => command(stack, { onDelete, onDeleteTimeout: Duration.minutes(1) }), Command.shell('sync'), undefined),
  gatedRuntime: pair((stack, version) => new GatedEndpoint(stack, 'Prod', { runtime: AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', RUNTIME_ARN), version }), '1', undefined),
  gateWaitsForEndpoint: pair((stack, qualifier) => {
    const runtime = agent(stack);
    new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod', gates: [command(stack, { qualifier }, runtime)] });
  }, 'canary', 'prod'),
  gateGuardsNothing: pair((stack, onFailure) => {
    const runtime = agent(stack);
    new GatedEndpoint(stack, 'Prod', { runtime, gates: [command(stack, { onFailure }, runtime)] });
  }, CommandFailure.FAIL, CommandFailure.WARN),
  grantEndpoint: pair((stack, qualifier) => {
    const runtime = agent(stack);
    RuntimeGrants.fromRuntime(runtime).invoke(runtime, { endpoint: runtime.addEndpoint('prod'), qualifier });
  }, undefined, 'prod'),
  alarmCommands: pair((stack, count) => new CommandAlarms(stack, 'Alarms', { commands: [command(stack)].slice(0, count) }), 1, 0),
  alarmDuration: pair((stack, millis) => new CommandAlarms(stack, 'Alarms', { commands: [command(stack)], maxDuration: Duration.millis(millis) }), 1, 0),
  workflowTimeout: pair((stack, minutes) => runTask(stack, { commandTimeout: Duration.minutes(minutes) }), 60, 61),
  workflowOutput: pair((stack, outputPrefix) => runTask(stack, { outputPrefix }), undefined, 'nightly/'),
  workflowObservation: pair((stack, observationCharacters) => runTask(stack, { observationCharacters }), 500, 499),
  loopGates: pair((stack, count) => loop(stack, { gates: Array.from({ length: count }, () => ({ command: Command.shell('true') })) }), 1, 0),
  loopFinish: pair((stack, count) => loop(stack, { finish: Array.from({ length: count }, () => ({ command: Command.shell('true') })) }), 10, 11),
  loopNames: pair((stack, length) => loop(stack, { gates: [{ command: Command.shell('true'), name: 'n'.repeat(length) }] }), 60, 61),
  loopBudget: pair((stack, iterations) => loop(stack, { budget: { iterations } }), 100, 101),
  loopTask: pair((stack, task: unknown) => loop(stack).addSchedule('Nightly', { schedule: ScheduleExpression.rate(Duration.days(1)), task }), '', undefined),
  fleetConcurrency: pair((stack, maxConcurrency) => fleet(stack, { maxConcurrency }), 5_000, 5_001),
  fleetQuotas: pair((stack, activeSessions) => fleet(stack, { quotas: { activeSessions } }), 1, 0),
  fleetTolerance: pair((stack, toleratedFailurePercentage) => fleet(stack, { toleratedFailurePercentage }), 100, 101),
  fleetResults: pair((stack, resultsPrefix) => fleet(stack, { resultsPrefix }), 'nightly/', 'nightly'),
  fleetSessions: pair((stack, sessions: unknown[]) => fleet(stack).addSchedule('Nightly', { schedule: ScheduleExpression.rate(Duration.days(1)), sessions }), [1], []),
  sessionStorageSizeHasNoEffect: pair((stack, sizeInGiB) => new SessionStorage(stack, 'Storage', { sizeInGiB }), 1, 2),
  mountPermissionsNotAdded: pair((stack, known) => {
    const executionRole = known ? new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') }) : undefined;
    const network = { networkMode: 'VPC', networkModeConfig: { subnets: ['subnet-01234567'], securityGroups: ['sg-01234567'] } };
    l1(stack, { networkConfiguration: network }).with(new RuntimeMounts({ mounts: [accessPoint(stack)], executionRole }));
  }, true, false),
  rolePermissionsNotAdded: pair((stack, mutable) => agent(stack, {
    executionRole: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/agent', { mutable }),
  }), true, false),
  keyPolicyNotAdded: pair((stack, imported) => {
    const logEncryptionKey = imported ? Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-west-2:123456789012:key/0') : new Key(stack, 'Key');
    AgentCoreProvider.configure(stack, { logEncryptionKey });
    agent(stack);
  }, false, true),
  imagePermissionsNotAdded: pair((stack, agentRuntimeArtifact) => agent(stack, { agentRuntimeArtifact }),
    AgentRuntimeArtifact.fromS3({ bucketName: 'code', objectKey: 'agent.zip' }, AgentCoreRuntime.NODE_22, ['main.js']), image()),
  mountNetworkNotOpened: pair((stack, known) => {
    const vpc = new Vpc(stack, 'Vpc');
    const mounts = [accessPoint(stack, known ? new FileSystem(stack, 'Files', { vpc }) : undefined)];
    agent(stack, { networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc }), mounts });
  }, true, false),
  instanceRoleNotPassed: pair((stack, profile) => pool(stack, { instanceProfile: profile(stack) }),
    (stack: Stack) => new InstanceProfile(stack, 'Profile', { role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }) }),
    (stack: Stack) => InstanceProfile.fromInstanceProfileArn(stack, 'Profile', 'arn:aws:iam::123456789012:instance-profile/agents')),
  changeReplacesCapacityProvider: pair((stack, declared) => (declared ? pool(stack) : CapacityProvider.fromCapacityProviderArn(stack, 'Pool', POOL_ARN)), false, true),
  availabilityZoneUnknown: pair((stack, context: object) => {
    for (const [key, value] of Object.entries(context)) stack.node.setContext(key, value);
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-01234567', availabilityZones: ['us-west-2a'], privateSubnetIds: ['subnet-01234567'] });
    agent(stack, { networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc }) });
  }, ZONE_IDS as object, {}),
  invalidProperty: pair((stack, faults) => throwFaults(stack, faults), [] as string[], ['x is wrong']),
};

/** The same with a value that the rule lets pass, and one that it does not. */
function pair<T>(build: (stack: Stack, value: T) => unknown, inside: T, outside: T): readonly [Build, Build] {
  return [(stack) => build(stack, inside), (stack) => build(stack, outside)];
}

function agent(stack: Stack, props: Partial<AgentRuntimeProps> = {}, id = 'Agent'): AgentRuntime {
  return new AgentRuntime(stack, id, { agentRuntimeArtifact: image(), runtimeName: 'coder', ...props });
}

function command(stack: Stack, props: Partial<CommandRunnerProps> = {}, runtime: AgentRuntime = agent(stack), id = 'Check'): CommandRunner {
  return new CommandRunner(stack, id, { runtime, command: Command.shell('true'), ...props });
}

function runTask(stack: Stack, props: Partial<AgentCoreRunCommandProps>): AgentCoreRunCommand {
  return new AgentCoreRunCommand(stack, 'Run', { runtime: agent(stack), command: Command.shell('true'), ...props });
}

function loop(stack: Stack, props: Partial<AgentLoopProps> = {}): AgentLoop {
  return new AgentLoop(stack, 'Loop', { runtime: agent(stack), gates: [{ command: Command.shell('true') }], budget: { iterations: 1 }, ...props });
}

function fleet(stack: Stack, props: Partial<CommandFleetProps> = {}): CommandFleet {
  const work = FleetWork.command({ runtime: agent(stack), command: Command.shell('true') });
  return new CommandFleet(stack, 'Fleet', { work, resultsBucket: Bucket.fromBucketName(stack, 'Results', 'results'), ...props });
}

function pool(stack: Stack, props: Partial<CapacityProviderProps> = {}, id = 'Pool'): CapacityProvider {
  return new CapacityProvider(stack, id, { vpc: new Vpc(stack, `${id}Vpc`), instanceTypes: [new InstanceType('m7g.large')], ...props });
}

function l1(stack: Stack, props: Partial<CfnRuntimeProps>): CfnRuntime {
  return new CfnRuntime(stack, 'L1', {
    agentRuntimeName: 'l1',
    roleArn: 'arn:aws:iam::123456789012:role/agent',
    networkConfiguration: { networkMode: 'PUBLIC' },
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    ...props,
  });
}

function accessPoint(stack: Stack, fileSystem?: IFileSystem): Mount {
  return Mount.efsAccessPoint(AccessPoint.fromAccessPointId(stack, 'Point', 'fsap-0123456789abcdef0'), '/mnt/files', { fileSystem });
}

/** The rules that a stack is told of, by errors, warnings and infos. */
function told(build: Build): string[] {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Stack', { env: { account: '123456789012', region: 'us-west-2' } });
  const texts: string[] = [];
  try {
    build(stack);
    texts.push(...app.synth().getStackByName('Stack').messages.map(({ entry }) => String(entry.data)));
  } catch (error) {
    texts.push((error as Error).message);
  }
  const unruled = texts.filter((text) => !/\[(rule|ack): /.test(text));
  if (unruled.length > 0) throw new Error(unruled.join('\n'));
  return texts.flatMap((text) => [...text.matchAll(/\[(?:rule|ack): cdk-agentcore-runtime:(\w+)\]/g)].map(([, rule]) => rule));
}

test.each(Object.entries(CASES))('%s: what is just inside passes, what is just outside is told', (rule, [inside, outside]) => {
  expect(told(inside)).not.toContain(rule);
  expect(told(outside)).toContain(rule);
});

test('each rule of the constructs is among them', () => {
  const [, page] = readFileSync(join(__dirname, '../../docs/validation.md'), 'utf8').split('## Rules of the constructs');
  expect(Object.keys(CASES).sort()).toEqual([...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, rule]) => rule).sort());
});
