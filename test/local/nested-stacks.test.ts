import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreControlClient, GetAgentRuntimeCommand, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, CfnOutput, NestedStack, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandRunner, SessionStorage } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy, StackEvent } from '../../src/local/deployer';

// An app of two nested stacks, each with a provider of its own; the second one's command gets what the first one's has printed.

let home: string;
let local: RunningLocal;
let control: BedrockAgentCoreControlClient;
let events: StackEvent[];
let assemblies = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'nested-stacks-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
  control = new BedrockAgentCoreControlClient({ endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
});

afterAll(async () => {
  control.destroy();
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => {
  events = [];
});

const options = () => ({
  endpoint: local.endpoint,
  stateDir: join(home, 'stacks'),
  onEvent: (event: StackEvent) => events.push(event),
  onLog: () => {},
});

interface Variant {
  readonly mood?: string;
  /** Of the second stack. */
  readonly command?: Command;
  readonly withSecond?: boolean;
}

async function deployVariant({ mood = 'calm', command = Command.shell('echo "after $BEFORE"'), withSecond = true }: Variant = {}) {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Demo');
  const part = (name: string, runtimeName: string, environmentVariables: Record<string, string>, run: Command) => {
    const nested = new NestedStack(stack, name);
    const agent = new AgentRuntime(nested, 'Agent', {
      runtimeName,
      agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
        path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
      }),
      environmentVariables,
      sessionStorage: new SessionStorage(nested, 'Workspace'),
    });
    const check = new CommandRunner(nested, 'Check', { runtime: agent, command: run, workingDirectory: '/mnt/workspace' });
    new CfnOutput(stack, `${name}Id`, { value: agent.agentRuntimeId });
    new CfnOutput(stack, `${name}Stdout`, { value: check.stdout });
    return check;
  };
  const first = part('First', 'first', { MOOD: mood }, Command.shell('echo "$MOOD"'));
  if (withSecond) part('Second', 'second', { BEFORE: first.stdout }, command);
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory });
  return result;
}

async function runtimes(): Promise<string[]> {
  const { agentRuntimes = [] } = await control.send(new ListAgentRuntimesCommand({}));
  return agentRuntimes.map(({ agentRuntimeId }) => agentRuntimeId!).sort();
}

const moodOf = async (agentRuntimeId: string) => (await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).environmentVariables!;

test('two nested stacks with runtimes are created, updated, rolled back and destroyed', async () => {
  const created = await deployVariant();
  expect(created).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { FirstStdout: 'calm\n', SecondStdout: 'after calm\n\n' } });
  const { FirstId: first, SecondId: second } = created.outputs;
  expect(await runtimes()).toEqual([first, second].sort());

  const updated = await deployVariant({ mood: 'eager' });
  expect(updated).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { FirstId: first, SecondId: second, FirstStdout: 'eager\n', SecondStdout: 'after eager\n\n' } });
  expect(await deployVariant({ mood: 'eager' })).toMatchObject({ status: 'NO_CHANGES' });

  events = [];
  const failed = await deployVariant({ mood: 'tired', command: Command.shell('exit 4') });
  expect(failed).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { reason: expect.stringMatching(/^Embedded stack arn:\S+ was not successfully updated\./) } });
  expect(events.find(({ nested, status, reason }) => nested && status === 'UPDATE_FAILED' && reason)!.reason).toContain('the command failed with exit code 4');
  expect([await moodOf(first), await moodOf(second)]).toEqual([{ MOOD: 'eager' }, { BEFORE: 'eager\n' }]);

  const fewer = await deployVariant({ mood: 'eager', withSecond: false });
  expect(fewer).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(await runtimes()).toEqual([first]);

  expect(await destroy(options())).toEqual({ succeeded: true, stacks: [{ stackName: 'Demo', status: 'DELETE_COMPLETE', outputs: {} }] });
  expect(await runtimes()).toEqual([]);
  expect(readdirSync(join(home, 'stacks'))).toEqual([]);
});

test('a command that fails in a nested stack takes all of it back', async () => {
  const failed = await deployVariant({ command: Command.shell('exit 3') });
  expect(failed).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: expect.stringMatching(/^Second/) } });
  expect(await runtimes()).toEqual([]);
  expect(readdirSync(join(home, 'stacks'))).toEqual([]);
});
