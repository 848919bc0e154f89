import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreControlClient, GetAgentRuntimeCommand, ListAgentRuntimesCommand, ListTagsForResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, AgentRuntimeProps, Command, CommandRunner, Provisioning, SessionStorage } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy, StackEvent } from '../../src/local/deployer';

// The whole way: an app is synthesized, its provider's bundle is called with CloudFormation's events, and the runtime
// and its sessions are real.

let home: string;
let local: RunningLocal;
let control: BedrockAgentCoreControlClient;
let events: StackEvent[];
let logged: string[];
let assemblies = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'deployment-'));
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
  logged = [];
});

afterEach(async () => {
  await destroy({ ...options() });
  expect(await runtimes()).toEqual([]);
});

const options = () => ({
  endpoint: local.endpoint,
  stateDir: join(home, 'stacks'),
  onEvent: (event: StackEvent) => events.push(event),
  onLog: ({ line }: { line: string }) => logged.push(line),
});

/** What the command prints: the directory that it runs in, and its mood. By the process driver, a mount is at its path of the host. */
function inWorkspace(mood: string) {
  return local.driver === 'process' ? expect.stringMatching(new RegExp(`^/.*/mounts/workspace\n${mood}\n$`)) : `/mnt/workspace\n${mood}\n`;
}

interface Variant {
  readonly command?: Command;
  readonly mood?: string;
  readonly tag?: string;
  readonly props?: Partial<AgentRuntimeProps>;
  readonly extra?: (stack: Stack, agent: AgentRuntime, check: CommandRunner) => void;
}

async function deployVariant({ command = Command.shell('pwd; echo "$MOOD"'), mood = 'calm', tag, props, extra }: Variant) {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Demo');
  const agent = new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
      path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
    }),
    environmentVariables: { MOOD: mood },
    sessionStorage: new SessionStorage(stack, 'Workspace'),
    ...props,
  });
  const check = new CommandRunner(stack, 'Check', { runtime: agent, command, workingDirectory: '/mnt/workspace' });
  if (tag) Tags.of(agent).add('team', tag);
  new CfnOutput(stack, 'Id', { value: agent.agentRuntimeId });
  new CfnOutput(stack, 'Version', { value: agent.agentRuntimeVersion! });
  new CfnOutput(stack, 'Stdout', { value: check.stdout });
  new CfnOutput(stack, 'ExitCode', { value: check.exitCode });
  extra?.(stack, agent, check);
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory });
  return result;
}

async function runtimes(): Promise<string[]> {
  const { agentRuntimes = [] } = await control.send(new ListAgentRuntimesCommand({}));
  return agentRuntimes.map(({ agentRuntimeId }) => agentRuntimeId!);
}

test('a stack comes up, its command has run in a session of the runtime, and its results are attributes', async () => {
  const result = await deployVariant({});
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Version: '1', Stdout: inWorkspace('calm'), ExitCode: '0' } });
  expect(await runtimes()).toEqual([result.outputs.Id]);
});

test('the runtime is what the template says, and carries its owner', async () => {
  const { outputs } = await deployVariant({ tag: 'agents' });
  const live = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: outputs.Id }));
  expect(live).toMatchObject({
    status: 'READY',
    environmentVariables: { MOOD: 'calm' },
    filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    networkConfiguration: { networkMode: 'PUBLIC' },
  });
  const { tags } = await control.send(new ListTagsForResourceCommand({ resourceArn: live.agentRuntimeArn }));
  expect(tags).toMatchObject({ 'team': 'agents', 'cdk-agentcore-runtime:logical-id': expect.stringMatching(/^Agent/) });
});

test('a failing command rolls the stack back: nothing is left, and the reason says why', async () => {
  const result = await deployVariant({ command: Command.shell('echo "no git here" >&2; exit 3') });
  expect(result.status).toBe('ROLLBACK_COMPLETE');
  expect(result.failure!.reason).toMatch(/the command failed with exit code 3 \(status COMPLETED, session \S+\); it ended with: no git here/);
  expect(await runtimes()).toEqual([]);
});

test('a tag makes no version, an environment variable does, and the command runs again with it', async () => {
  const first = await deployVariant({});
  const tagged = await deployVariant({ tag: 'agents' });
  expect(tagged).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: first.outputs.Id, Version: '1' } });
  const changed = await deployVariant({ tag: 'agents', mood: 'eager' });
  expect(changed).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: first.outputs.Id, Version: '2', Stdout: inWorkspace('eager') } });
  expect(await deployVariant({ tag: 'agents', mood: 'eager' })).toMatchObject({ status: 'NO_CHANGES' });
});

test('a command that fails on update takes the runtime back to what it was', async () => {
  const first = await deployVariant({});
  const failed = await deployVariant({ mood: 'eager', command: Command.shell('exit 4') });
  expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  const live = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: first.outputs.Id }));
  expect(live.environmentVariables).toEqual({ MOOD: 'calm' });
});

test('another name is another runtime; the old one goes', async () => {
  const first = await deployVariant({ props: { runtimeName: 'first' } });
  const second = await deployVariant({ props: { runtimeName: 'second' } });
  expect(second.status).toBe('UPDATE_COMPLETE');
  expect(second.outputs.Id).not.toBe(first.outputs.Id);
  expect(await runtimes()).toEqual([second.outputs.Id]);
});

test('a named endpoint goes before its runtime', async () => {
  const result = await deployVariant({ extra: (_stack, agent, check) => { agent.addEndpoint('prod').node.addDependency(check); } });
  expect(result.status).toBe('CREATE_COMPLETE');
  await destroy(options());
  const deleted = events.filter(({ status, type }) => status === 'DELETE_COMPLETE' && /Endpoint|AgentCoreRuntime/.test(type)).map(({ type }) => type);
  expect(deleted).toEqual(['AWS::BedrockAgentCore::RuntimeEndpoint', 'Custom::AgentCoreRuntime']);
});

test('the same app, provisioned by CloudFormation itself', async () => {
  const result = await deployVariant({ props: { provisioning: Provisioning.CLOUDFORMATION } });
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { Version: '1', Stdout: inWorkspace('calm') } });
});

test('the log of the provider shows the output of commands, and neither URLs to answer at nor properties', async () => {
  await deployVariant({ command: Command.argv('echo', 'hello from the session') });
  expect(logged.join('\n')).toContain('hello from the session');
  expect(logged.join('\n')).not.toMatch(/ResponseURL|127\.0\.0\.1:\d+\/|environmentVariables|calm/);
});
