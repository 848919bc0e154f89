import { join } from 'node:path';
import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnAccessPoint } from 'aws-cdk-lib/aws-s3files';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { DefinitionBody, JsonPath, S3CsvItemReader, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  AgentCoreInvokeAgent, AgentCoreRunCommand, AgentCoreStopSession, AgentLoop, AgentRuntime, CapacityProvider, Command, CommandFleet, CommandRunner,
  FleetWork, GatedEndpoint, Mount, RuntimeGrants, ScheduledCommand, SessionStorage,
} from '../../../src';
import { image } from '../../util/stacks';

const code = () => AgentRuntimeArtifact.fromCodeAsset({
  path: join(__dirname, '../../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
});
const inBucket = () => AgentRuntimeArtifact.fromS3({ bucketName: 'code', objectKey: 'agent.zip' }, AgentCoreRuntime.NODE_22, ['main.js']);

/** Runtimes with all kinds of code and storage, and what is deployed beside them. */
export function runtimesAndStorage(stack: Stack): void {
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, restrictDefaultSecurityGroup: false });
  const networkConfiguration = RuntimeNetworkConfiguration.usingVpc(stack, { vpc });
  const files = new FileSystem(stack, 'Files', { vpc, removalPolicy: RemovalPolicy.DESTROY }).addAccessPoint('Shared', { path: '/shared' });
  const objects = new CfnAccessPoint(stack, 'Objects', { fileSystemId: 'fs-0123456789abcdef0' });
  const mounts = [Mount.efsAccessPoint(files, '/mnt/files'), Mount.s3FilesAccessPoint(objects, '/mnt/objects')];
  new AgentRuntime(stack, 'Mounts', { agentRuntimeArtifact: code(), networkConfiguration, mounts, sessionStorage: new SessionStorage(stack, 'Workspace') });

  const pool = new CapacityProvider(stack, 'Pool', { vpc, instanceTypes: [new InstanceType('m7g.large')] });
  pool.addVolume('cache', { size: Size.gibibytes(20), encryptionKey: new Key(stack, 'Key') });
  new AgentRuntime(stack, 'Pooled', { agentRuntimeArtifact: inBucket(), sessionStorage: new SessionStorage(stack, 'Disk', { capacityProvider: pool, sizeInGiB: 50 }) });

  const runtime = new AgentRuntime(stack, 'Gated', { agentRuntimeArtifact: image() });
  const test = new CommandRunner(stack, 'Test', { runtime, command: Command.shell('npm test') });
  new CommandRunner(stack, 'Long', { runtime, command: Command.shell('npm run build'), timeout: Duration.minutes(40) });
  const endpoint = new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod', gates: [test] });

  const operator = new Role(stack, 'Operator', { assumedBy: new AccountRootPrincipal() });
  const grants = RuntimeGrants.fromRuntime(runtime);
  for (const grant of ['runCommand', 'openShell', 'stopSession', 'invoke', 'invokeForUser', 'invokeWithWebSocket', 'invokeWithWebSocketForUser'] as const) {
    grants[grant](operator, { endpoint });
  }
}

/** State machines of all kinds, with a bucket under a key of the customer's. */
export function workflows(stack: Stack): void {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
  const bucket = new Bucket(stack, 'Bucket', { encryptionKey: new Key(stack, 'Key') });
  const loop = new AgentLoop(stack, 'Loop', { runtime, gates: [{ command: Command.shell('npm test') }], budget: { iterations: 5, duration: Duration.hours(6) } });
  const schedule = ScheduleExpression.rate(Duration.hours(6));
  loop.addSchedule('Nightly', { schedule, task: 'mend' });
  new CommandFleet(stack, 'Fleet', {
    work: FleetWork.command({ runtime, command: Command.shell('git pull') }), resultsBucket: bucket, itemReader: new S3CsvItemReader({ bucket, key: 'sessions.csv' }),
  });
  new CommandFleet(stack, 'LoopFleet', { work: FleetWork.loop(loop), resultsBucket: bucket });
  new ScheduledCommand(stack, 'Backup', { runtime, command: Command.shell('git push'), schedule });
  const steps = AgentCoreInvokeAgent.jsonPath(stack, 'Write', { runtime })
    .next(AgentCoreRunCommand.jsonPath(stack, 'Run', { runtime, command: Command.argv('echo', JsonPath.stringAt('$.text')), outputBucket: bucket, resultPath: '$.run' }))
    .next(AgentCoreStopSession.jsonPath(stack, 'Stop', { runtime }));
  new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromChainable(steps) });
}
