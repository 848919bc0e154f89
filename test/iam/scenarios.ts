import { join } from 'node:path';
import { CfnOutput, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceType, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { JsonPath, S3JsonItemReader } from 'aws-cdk-lib/aws-stepfunctions';
import { Scenario } from './scenario';
import {
  AgentLoop, AgentRuntime, AgentRuntimeProps, CapacityProvider, Command, CommandFleet, CommandRunner, FleetWork, GatedEndpoint, ScheduledCommand,
  SessionStorage,
} from '../../src';

const AGENT = join(__dirname, '../local/workflow/agent');

const code = () => AgentRuntimeArtifact.fromCodeAsset({ path: AGENT, runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] });
const image = () => AgentRuntimeArtifact.fromImageUri('000000000000.dkr.ecr.us-east-1.amazonaws.com/agent:1');

function agent(stack: Stack, props: Partial<AgentRuntimeProps> = {}): AgentRuntime {
  return new AgentRuntime(stack, 'Agent', { runtimeName: 'trial', agentRuntimeArtifact: code(), ...props });
}

/** A bucket of the app with the code of the agent; it is put there before the first deployment. */
function artifact(key: string, version?: string) {
  return AgentRuntimeArtifact.fromS3({ bucketName: 'trial-code', objectKey: key, objectVersion: version }, AgentCoreRuntime.NODE_22, ['main.js']);
}

function check(stack: Stack, runtime: AgentRuntime, command = 'true'): CommandRunner {
  return new CommandRunner(stack, 'Check', { runtime, command: Command.shell(command) });
}

const withMood = (mood: string) => ({ environmentVariables: { MOOD: mood } });

/** The apps by which the permissions of the provider, of the workflow function and of state machines are proven. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a code asset, with a command',
    steps: [
      { title: 'create', declare: (stack) => { check(stack, agent(stack, { sessionStorage: new SessionStorage(stack, 'Workspace') })); } },
      { title: 'change the environment', declare: (stack) => { check(stack, agent(stack, withMood('eager'))); } },
      { title: 'add a tag', declare: (stack) => { check(stack, tagged(agent(stack, withMood('eager')), 'red')); } },
      { title: 'change the tag', declare: (stack) => { check(stack, tagged(agent(stack, withMood('eager')), 'blue')); } },
      { title: 'remove the tag', declare: (stack) => { check(stack, agent(stack, withMood('eager'))); } },
      { title: 'fail and roll back', fails: /exit code 3/, declare: (stack) => { check(stack, agent(stack, withMood('sad')), 'exit 3'); } },
      { title: 'rename', declare: (stack) => { check(stack, agent(stack, { ...withMood('eager'), runtimeName: 'trial_renamed' })); } },
    ],
  },
  {
    name: 'a creation that is rolled back',
    steps: [{ title: 'fail', fails: /exit code 3/, declare: (stack) => { check(stack, agent(stack), 'exit 3'); } }],
  },
  {
    name: 'two runtimes, of which one goes',
    steps: [
      { title: 'create both', declare: (stack) => { agent(stack); new AgentRuntime(stack, 'Other', { runtimeName: 'trial_other', agentRuntimeArtifact: code() }); } },
      { title: 'remove one', declare: (stack) => { new AgentRuntime(stack, 'Other', { runtimeName: 'trial_other', agentRuntimeArtifact: code() }); } },
    ],
  },
  {
    name: 'code of an object, with a version',
    steps: [
      { title: 'create', declare: (stack) => { agent(stack, { agentRuntimeArtifact: artifact('one.zip', 'version-1') }); } },
      { title: 'another object', declare: (stack) => { agent(stack, { agentRuntimeArtifact: artifact('two.zip') }); } },
    ],
  },
  {
    name: 'a container',
    steps: [{ title: 'create', declare: (stack) => { agent(stack, { agentRuntimeArtifact: image() }); } }],
  },
  {
    name: 'a capacity provider',
    steps: [
      { title: 'create', declare: (stack) => { onInstances(stack, 'calm'); } },
      { title: 'change the environment', declare: (stack) => { onInstances(stack, 'eager'); } },
    ],
  },
  {
    name: 'a VPC',
    steps: [{
      title: 'create',
      declare: (stack) => {
        const vpc = new Vpc(stack, 'Vpc', { maxAzs: 1, natGateways: 0, restrictDefaultSecurityGroup: false });
        agent(stack, { networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc, securityGroups: [new SecurityGroup(stack, 'Sessions', { vpc })] }) });
      },
    }],
  },
  {
    name: 'a gated endpoint',
    steps: [
      { title: 'create', declare: (stack) => { gated(stack, 'calm'); } },
      { title: 'move', declare: (stack) => { gated(stack, 'eager'); } },
    ],
  },
  {
    name: 'commands on a named endpoint, and on deletion',
    steps: [{
      title: 'create',
      declare: (stack) => {
        const runtime = agent(stack);
        const endpoint = runtime.addEndpoint('stage');
        new CommandRunner(stack, 'Named', { runtime, endpoint, command: Command.shell('true') });
        new CommandRunner(stack, 'Last', { runtime, command: Command.shell('true'), onDelete: Command.shell('true') });
      },
    }],
  },
  {
    name: 'a command that outlasts one call of the provider',
    inRealTime: true,
    steps: [{
      title: 'create',
      // in place of 15 minutes
      deploymentFaults: [{ kind: 'timeout', resourceType: 'Custom::AgentCoreCommand', seconds: 8, times: 'always' }],
      declare: (stack) => {
        new CommandRunner(stack, 'Long', { runtime: agent(stack), command: Command.shell('sleep 10'), timeout: Duration.minutes(20) });
      },
    }],
  },
  {
    name: 'a name that is taken',
    steps: [{
      title: 'create',
      fails: /exists already/,
      declare: (stack, { runtime }) => { agent(stack, { runtimeName: runtime.name }); },
    }],
  },
  {
    name: 'a command in an imported runtime',
    steps: [{
      title: 'create',
      declare: (stack, { runtime }) => {
        const imported = AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', runtime.arn);
        new CommandRunner(stack, 'Check', { runtime: imported, command: Command.shell('true') });
      },
    }],
  },
  {
    name: 'adoption',
    steps: [
      { title: 'take over', declare: (stack, { runtime }) => { agent(stack, { runtimeName: runtime.name, adoptedRuntimeId: runtime.id }); } },
      { title: 'let go', declare: (stack) => { new Role(stack, 'Unrelated', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }); } },
    ],
  },
  {
    name: 'a loop and a schedule',
    steps: [{
      title: 'create and execute',
      declare: loopAndSchedule,
      execute: [
        { stateMachine: 'Nightly', input: {}, callsTwice: true },
        { stateMachine: 'Loop', input: { task: 'work' }, events: 1 },
      ],
    }],
  },
  {
    name: 'fleets of commands',
    steps: [{
      title: 'create and execute',
      declare: fleets,
      execute: [
        { stateMachine: 'Listed', input: {}, objects: { 'sessions.json': '[{"exit":"0"},{"exit":"0"}]' } },
        { stateMachine: 'Given', input: { sessions: [{ exit: '0' }, { exit: '3' }] }, name: 'given' },
        { stateMachine: 'Given', input: { redrive: 'given' }, name: 'redriven' },
      ],
    }],
  },
  {
    name: 'a fleet of loops',
    steps: [{ title: 'create and execute', declare: fleetOfLoops, execute: [{ stateMachine: 'Many', input: { sessions: [{}] }, events: 1 }] }],
  },
  ...['coding-agent', 'gated-endpoint', 'overnight-agent'].map((example) => ({ name: `the example ${example}`, steps: [{ title: 'create', example }] })),
];

function tagged(runtime: AgentRuntime, team: string): AgentRuntime {
  Tags.of(runtime).add('team', team);
  return runtime;
}

function onInstances(stack: Stack, mood: string): void {
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 1, natGateways: 0, restrictDefaultSecurityGroup: false });
  const pool = new CapacityProvider(stack, 'Pool', { vpc, instanceTypes: [new InstanceType('m7g.large')] });
  agent(stack, { ...withMood(mood), capacityProvider: pool });
}

function gated(stack: Stack, mood: string): void {
  const runtime = agent(stack, withMood(mood));
  new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod', gates: [check(stack, runtime)] });
}

function encrypted(stack: Stack): Bucket {
  return new Bucket(stack, 'Objects', { encryption: BucketEncryption.KMS, encryptionKey: new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY }) });
}

function loopOf(stack: Stack, runtime: AgentRuntime): AgentLoop {
  return new AgentLoop(stack, 'Loop', { runtime, gates: [{ command: Command.shell('true') }], budget: { iterations: 2 } });
}

function loopAndSchedule(stack: Stack): void {
  const runtime = agent(stack);
  loopOf(stack, runtime);
  const outputBucket = encrypted(stack);
  new ScheduledCommand(stack, 'Nightly', { runtime, command: Command.shell('echo done'), schedule: ScheduleExpression.rate(Duration.days(1)), outputBucket });
}

function fleets(stack: Stack): void {
  const runtime = agent(stack);
  const bucket = encrypted(stack);
  const work = FleetWork.command({ runtime, command: Command.argv('sh', '-c', 'exit "$0"', JsonPath.stringAt('$.item.exit')) });
  const onResults = { resultsBucket: bucket, maxConcurrency: 2, work };
  new CommandFleet(stack, 'Listed', { ...onResults, itemReader: new S3JsonItemReader({ bucket, key: 'sessions.json' }) });
  new CommandFleet(stack, 'Given', { ...onResults, toleratedFailurePercentage: 100 });
  new CfnOutput(stack, 'Bucket', { value: bucket.bucketName });
}

function fleetOfLoops(stack: Stack): void {
  new CommandFleet(stack, 'Many', { resultsBucket: encrypted(stack), work: FleetWork.loop(loopOf(stack, agent(stack))) });
}
