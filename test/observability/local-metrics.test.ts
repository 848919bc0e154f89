import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandMetrics, CommandRunner } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';

// The shipped bundle, called with CloudFormation's events: what it writes is what CloudWatch would read.

let home: string;
let local: RunningLocal;
let lines: string[];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'metrics-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
});
afterAll(async () => {
  await local.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  lines = [];
});
afterEach(() => destroy(options()));

const options = () => ({
  endpoint: local.endpoint,
  stateDir: join(home, 'stacks'),
  onEvent: () => {},
  onLog: ({ line }: { line: string }) => lines.push(line),
});

test('a deployment writes the metrics of its commands, each as a line of JSON, under the names that the constructs look for', async () => {
  const app = new App({ outdir: join(home, 'cdk.out'), analyticsReporting: false });
  const stack = new Stack(app, 'Template', { stackName: 'Demo-prod' });
  const runtime = new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
      path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
    }),
  });
  const good = new CommandRunner(stack, 'Good', { runtime, command: Command.shell('echo \'{"_aws":"forged"}\'') });
  const bad = new CommandRunner(stack, 'Bad', { runtime, command: Command.shell('exit 3'), executeAfter: [good] });
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory });
  expect(result.status).toBe('ROLLBACK_COMPLETE');

  const documents = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)).filter((line) => '_aws' in line);
  const name = (runner: CommandRunner) => stack.resolve(CommandMetrics.fromRunner(runner).commandName);
  expect(documents.map(({ CommandName, Failures, Timeouts }) => ({ CommandName, Failures, Timeouts }))).toEqual([
    { CommandName: name(good), Failures: 0, Timeouts: 0 },
    { CommandName: name(bad), Failures: 1, Timeouts: 0 },
  ]);
  expect(name(good)).toMatch(/^Demo-prod\/Good[0-9A-F]{8}$/);
  for (const { _aws, Duration } of documents) {
    expect(Duration).toBeGreaterThanOrEqual(0);
    expect(Math.abs(Date.now() - _aws.Timestamp)).toBeLessThan(300_000);
  }
});
