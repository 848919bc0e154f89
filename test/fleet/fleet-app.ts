import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { JsonPath, S3JsonItemReader } from 'aws-cdk-lib/aws-stepfunctions';
import { AgentRuntime, Command, CommandFleet, FleetWork, SessionStorage } from '../../src';

/** Writes one line into the storage of the session, takes its time, and exits as its item says. */
const SCRIPT = 'echo "$0" >> /mnt/workspace/done && sleep "$1" && exit "$2"';

/** Synthesizes a stack with a fleet whose sessions come from an object of its bucket. */
export function synthesize(outdir: string, maxConcurrency: number): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Stack');
  const runtime = new AgentRuntime(stack, 'Agent', {
    runtimeName: 'agent',
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({ path: join(__dirname, '../local/workflow/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] }),
    sessionStorage: new SessionStorage(stack, 'Workspace'),
  });
  const bucket = new Bucket(stack, 'Objects');
  const words = ['sessionId', 'item.seconds', 'item.exit'].map((path) => JsonPath.stringAt(`$.${path}`));
  new CommandFleet(stack, 'Fleet', {
    work: FleetWork.command({ runtime, command: Command.argv('sh', '-c', SCRIPT, ...words), timeout: Duration.minutes(1) }),
    itemReader: new S3JsonItemReader({ bucket, key: 'sessions.json' }),
    maxConcurrency,
    toleratedFailurePercentage: 20,
    resultsBucket: bucket,
  });
  new CfnOutput(stack, 'Bucket', { value: bucket.bucketName });
  new CfnOutput(stack, 'RuntimeId', { value: runtime.agentRuntimeId });
  app.synth();
}
