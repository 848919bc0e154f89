import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Gates } from './faults/deployment-fixture';
import { AgentRuntime, Command, CommandRunner } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';
import { parseDeploymentFaults } from '../../src/local/faults/deployment-faults';
import { DeploymentInjector } from '../../src/local/faults/deployment-injector';

// Commands that outlast one call of the provider: the shipped bundle calls itself, each call shortened from 15 minutes.

/** How long one call of the provider may take, in seconds. */
const CALL_SECONDS = 12;

let home: string;
let local: RunningLocal;
let gates: Gates;
let logged: string[];
let assemblies = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'long-commands-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
});

afterAll(async () => {
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  logged = [];
  gates = new Gates();
  await gates.start();
});

afterEach(async () => {
  await destroy(options());
  await gates.stop();
});

/** The command ends when the provider watches it by the third of its calls. */
const options = () => ({
  endpoint: local.endpoint,
  stateDir: join(home, 'stacks'),
  onEvent: () => {},
  onLog: ({ line }: { line: string }) => {
    logged.push(line);
    if (continuations() === 2) gates.open('end');
  },
});

const continuations = () => logged.filter((line) => line.includes('going on to watch command')).length;

/** Deploys a command that says something, goes on until its gate is opened, and ends with that script. */
async function deployCommand(end: string) {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Demo');
  const runtime = new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
      path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
    }),
  });
  const wait = `'${process.execPath}' -e "fetch('${gates.url}/wait/end').then(() => {})"`;
  const command = Command.shell(`echo first; ${wait}; ${end}`);
  const runner = new CommandRunner(stack, 'Migration', { runtime, command, timeout: Duration.minutes(20) });
  new CfnOutput(stack, 'Stdout', { value: runner.stdout });
  new CfnOutput(stack, 'ExitCode', { value: runner.exitCode });
  const { faults } = parseDeploymentFaults([{ kind: 'timeout', resourceType: 'Custom::AgentCoreCommand', seconds: CALL_SECONDS, times: 'always' }]);
  const injector = new DeploymentInjector(faults);
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory }, injector.parts);
  return { result, injector };
}

async function live() {
  const { runtimes, sessions } = await (await fetch(`${local.endpoint}/_local/health`)).json() as Record<string, unknown>;
  return { runtimes, sessions };
}

test('a command outlasts calls of the provider, and its whole output is there', async () => {
  const { result, injector } = await deployCommand('echo last');
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Stdout: 'first\nlast\n', ExitCode: '0' } });
  expect(continuations()).toBeGreaterThanOrEqual(2);
  // none of the calls was ended by its time-out, and only the last one has answered
  const calls = injector.invocations.filter(({ logicalId }) => logicalId.startsWith('Migration'));
  expect(calls.map(({ outcome }) => outcome)).toEqual(Array(continuations() + 1).fill({ result: null }));
  expect(injector.answers.filter(({ logicalId }) => logicalId.startsWith('Migration'))).toHaveLength(1);
  expect(logged.filter((line) => line.includes('"first"') || line.includes('"last"'))).toHaveLength(2);
  expect(await live()).toEqual({ runtimes: 1, sessions: 0 });
});

test('a command that fails after calls of the provider rolls back, and leaves neither a runtime nor a session', async () => {
  const { result } = await deployCommand('echo "out of disk" >&2; exit 3');
  expect(result).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    failure: { reason: expect.stringMatching(/the command failed with exit code 3 .*it ended with: out of disk/) },
  });
  expect(continuations()).toBeGreaterThanOrEqual(2);
  expect(await live()).toEqual({ runtimes: 0, sessions: 0 });
});
