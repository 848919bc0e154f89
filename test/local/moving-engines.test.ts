import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient, GetAgentRuntimeCommand, ListAgentRuntimesCommand, ListTagsForResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { App, CfnOutput, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AgentRuntime, AgentRuntimeProps, Command, CommandRunner, GatedEndpoint, Provisioning, RuntimeMounts, SessionStorage, VersionChange } from '../../src';
import { runCommand } from '../../src/client/run-command';
import { stopSession } from '../../src/client/stop-session';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy, StackEvent } from '../../src/local/deployer';

// A runtime with a named endpoint, a command and sessions, taken from one way of provisioning to another: each move as the
// guide tells it, and what happens where one goes wrong.

let home: string;
let local: RunningLocal;
let control: BedrockAgentCoreControlClient;
let data: BedrockAgentCoreClient;
let events: StackEvent[];
let assemblies = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'moving-engines-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
  const sdk = { endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  control = new BedrockAgentCoreControlClient(sdk);
  data = new BedrockAgentCoreClient(sdk);
});

afterAll(async () => {
  control.destroy();
  data.destroy();
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

afterEach(async () => {
  const { stacks } = await destroy(options());
  expect(stacks.filter(({ status }) => status !== 'DELETE_COMPLETE')).toEqual([]);
  expect(await runtimes()).toEqual([]);
});

const options = () => ({
  endpoint: local.endpoint,
  stateDir: join(home, 'stacks'),
  onEvent: (event: StackEvent) => events.push(event),
  onLog: () => {},
});

async function deployed(build: (stack: Stack) => void, { imports, stackName = 'Demo' }: { imports?: Record<string, string>; stackName?: string } = {}) {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  build(new Stack(app, stackName));
  events = [];
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory, imports });
  return result;
}

const CUSTOM = 'Custom::AgentCoreRuntime';
const NATIVE = 'AWS::BedrockAgentCore::Runtime';

const officialProps = () => ({
  agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
    path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
  }),
  environmentVariables: { MOOD: 'calm' },
});

/** What a stack has besides the runtime itself, and what must notice nothing of a move. */
function surroundings(stack: Stack, agent: Runtime, afterwards?: string): void {
  const prod = agent.addEndpoint('prod');
  const check = new CommandRunner(stack, 'Check', { runtime: agent, command: Command.shell('echo "$MOOD"') });
  new GatedEndpoint(stack, 'Gated', { runtime: agent, endpointName: 'gated', gates: [check] });
  if (afterwards !== undefined) new CommandRunner(stack, 'Afterwards', { runtime: agent, command: Command.shell(afterwards) }).node.addDependency(check, prod);
  new CfnOutput(stack, 'Id', { value: agent.agentRuntimeId });
  new CfnOutput(stack, 'Version', { value: agent.agentRuntimeVersion! });
}

interface Variant {
  readonly props?: Partial<AgentRuntimeProps>;
  readonly retained?: boolean;
  readonly logicalId?: string;
  readonly afterwards?: string;
  readonly more?: (stack: Stack, agent: AgentRuntime, props: AgentRuntimeProps) => void;
}

/** CloudFormation does not always take a policy alone for a change. */
function retain(agent: Runtime): void {
  agent.applyRemovalPolicy(RemovalPolicy.RETAIN);
  (agent.node.defaultChild as CfnResource).addMetadata('moving', 'retained');
}

const official = ({ retained }: Pick<Variant, 'retained'> = {}) => (stack: Stack) => {
  const agent = new Runtime(stack, 'Agent', officialProps());
  agent.with(new RuntimeMounts({ sessionStorage: new SessionStorage(stack, 'Workspace') }));
  if (retained) retain(agent);
  surroundings(stack, agent);
};

const ours = ({ props, retained, logicalId, afterwards, more }: Variant = {}) => (stack: Stack) => {
  const all = { ...officialProps(), sessionStorage: new SessionStorage(stack, 'Workspace'), ...props };
  const agent = new AgentRuntime(stack, 'Agent', all);
  if (retained) retain(agent);
  if (logicalId) (agent.node.defaultChild as CfnResource).overrideLogicalId(logicalId);
  surroundings(stack, agent, afterwards);
  more?.(stack, agent, all);
};

const adopting = (id: string, props: Partial<AgentRuntimeProps> = {}) => ({ adoptedRuntimeId: id, onVersionChange: VersionChange.FAIL, ...props });
const cloudFormation = { provisioning: Provisioning.CLOUDFORMATION };

/** The same runtime a second time, as CloudFormation is to know it. */
const withImport = (stack: Stack, agent: AgentRuntime, props: AgentRuntimeProps) => {
  const native = new AgentRuntime(stack, 'AgentImport', {
    ...props,
    ...cloudFormation,
    runtimeName: agent.agentRuntimeName,
    executionRole: Role.fromRoleArn(stack, 'AgentRole', agent.role.roleArn, { mutable: false }),
  });
  native.applyRemovalPolicy(RemovalPolicy.RETAIN);
  (native.node.defaultChild as CfnResource).overrideLogicalId('AgentNative');
};

async function runtimes(): Promise<string[]> {
  const { agentRuntimes = [] } = await control.send(new ListAgentRuntimesCommand({}));
  return agentRuntimes.map(({ agentRuntimeId }) => agentRuntimeId!);
}

const live = (id: string) => control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));

async function tagsOf(id: string): Promise<Record<string, string>> {
  const { agentRuntimeArn } = await live(id);
  return (await control.send(new ListTagsForResourceCommand({ resourceArn: agentRuntimeArn }))).tags!;
}

const SESSIONS = ['DEFAULT', 'prod', 'gated'].map((qualifier) => ({ qualifier, sessionId: `user-${randomUUID()}` }));

/** A session on each endpoint, as a user has it: resumed on a machine of its own for each command. */
async function inSessions(id: string, command: string): Promise<string[]> {
  const { agentRuntimeArn: runtimeArn } = await live(id);
  return Promise.all(SESSIONS.map(async (session) => {
    const { stdout, exitCode } = await runCommand(data, { ...session, runtimeArn: runtimeArn!, command: `/bin/sh -c '${command}'`, timeoutSeconds: 60 });
    expect(exitCode).toBe(0);
    await stopSession(data, { ...session, runtimeArn: runtimeArn! });
    return stdout;
  }));
}

/** Deploys what a move begins with, and lets sessions work in it. */
async function begun(build: (stack: Stack) => void): Promise<string> {
  const { status, outputs: { Id: id, Version: version } } = await deployed(build);
  expect({ status, version }).toEqual({ status: 'CREATE_COMPLETE', version: '1' });
  await inSessions(id, 'echo "my work" > /mnt/workspace/notes');
  return id;
}

const statusesOf = (type: string) => events.filter((event) => event.type === type && !event.status.endsWith('_IN_PROGRESS')).map(({ status }) => status);

/** The one runtime is what it was, its sessions have their files, and neither commands nor endpoints have noticed. */
async function expectUnmoved(id: string): Promise<void> {
  expect(statusesOf('Custom::AgentCoreCommand')).toEqual([]);
  expect(statusesOf('AWS::BedrockAgentCore::RuntimeEndpoint')).toEqual([]);
  expect(statusesOf('Custom::AgentCorePromotion')).toEqual([]);
  expect(await runtimes()).toEqual([id]);
  expect(await live(id)).toMatchObject({ agentRuntimeVersion: '1', status: 'READY' });
  expect(await inSessions(id, 'cat /mnt/workspace/notes')).toEqual(SESSIONS.map(() => 'my work\n'));
}

test('from the official L2 to AgentRuntime', async () => {
  const id = await begun(official());
  await expect(deployed(ours())).rejects.toThrow(/update of resource type is not permitted. .* \[Agent[0-9A-F]{8}\]/);

  await deployed(official({ retained: true }));
  const moved = await deployed(ours({ logicalId: 'AgentCustom', props: adopting(id) }));
  expect(moved).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: id, Version: '1' } });
  expect(statusesOf(CUSTOM)).toEqual(['CREATE_COMPLETE']);
  expect(statusesOf(NATIVE)).toEqual(['DELETE_SKIPPED']);
  await expectUnmoved(id);

  // from here on it goes with the stack
  expect(await deployed(ours({ logicalId: 'AgentCustom' }))).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: id, Version: '1' } });
  expect(statusesOf(CUSTOM)).toEqual(['UPDATE_COMPLETE']);
  await expectUnmoved(id);
});

test('the official L2 and AgentRuntime provisioned by CloudFormation are one and the same, but for the delivery of traces', async () => {
  const id = await begun(official());
  expect(await deployed(ours({ props: cloudFormation }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  const changed = events.filter(({ logicalId }) => logicalId !== 'Demo');
  expect(changed.map(({ logicalId, status }) => `${logicalId} ${status}`)).toEqual(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE']
    .map((status) => expect.stringMatching(new RegExp(`^AgentExecutionRoleDefaultPolicy\\w+ ${status}$`))));
  await expectUnmoved(id);
});

test('from CUSTOM_RESOURCE to CLOUDFORMATION, and back', async () => {
  const id = await begun(ours());
  await deployed(ours({ retained: true }));
  expect(await deployed(ours({ retained: true, more: withImport }), { imports: { AgentNative: id } })).toMatchObject({ status: 'IMPORT_COMPLETE', outputs: { Id: id } });
  expect(events.map(({ logicalId, status }) => `${logicalId} ${status}`)).toEqual([
    'Demo IMPORT_IN_PROGRESS', 'AgentNative IMPORT_IN_PROGRESS', 'AgentNative IMPORT_COMPLETE', 'Demo IMPORT_COMPLETE',
  ]);
  const moved = await deployed(ours({ retained: true, logicalId: 'AgentNative', props: cloudFormation }));
  expect(moved).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: id, Version: '1' } });
  expect(statusesOf(CUSTOM)).toEqual(['DELETE_SKIPPED']);
  expect(statusesOf(NATIVE)).toEqual([]);
  await expectUnmoved(id);

  // back to the logical id that it had at first
  const back = await deployed(ours({ props: adopting(id) }));
  expect(back).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: id, Version: '1' } });
  expect(statusesOf(CUSTOM)).toEqual(['CREATE_COMPLETE']);
  expect(statusesOf(NATIVE)).toEqual(['DELETE_SKIPPED']);
  await expectUnmoved(id);
  await deployed(ours());
});

test('what CloudFormation has imported it updates and deletes', async () => {
  const id = await begun(ours());
  await deployed(ours({ retained: true }));
  await deployed(ours({ retained: true, more: withImport }), { imports: { AgentNative: id } });
  const changed = { ...cloudFormation, environmentVariables: { MOOD: 'eager' } };
  expect(await deployed(ours({ logicalId: 'AgentNative', props: changed }))).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: id, Version: '2' } });
  expect(await live(id)).toMatchObject({ environmentVariables: { MOOD: 'eager' } });
});

test('a deployment that fails after the adoption leaves the runtime to CloudFormation, with its files', async () => {
  const id = await begun(ours({ props: cloudFormation }));
  await deployed(ours({ props: cloudFormation, retained: true }));
  const before = await tagsOf(id);
  expect(Object.keys(before).sort()).toEqual(['aws:cloudformation:logical-id', 'aws:cloudformation:stack-id']);

  const failed = await deployed(ours({ logicalId: 'AgentCustom', props: adopting(id), afterwards: 'exit 3' }));
  expect(failed).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('exit code 3') } });
  expect(statusesOf(CUSTOM)).toEqual(['CREATE_COMPLETE', 'DELETE_COMPLETE']);
  expect(await tagsOf(id)).toEqual(before);
  expect(await deployed(ours({ props: cloudFormation, retained: true }))).toMatchObject({ status: 'NO_CHANGES', outputs: { Id: id } });
  await expectUnmoved(id);

  // and it can be tried again
  expect(await deployed(ours({ logicalId: 'AgentCustom', props: adopting(id) }))).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: id, Version: '1' } });
  await deployed(ours({ logicalId: 'AgentCustom' }));
});

test('where something differs, the adoption fails instead of making a version', async () => {
  const id = await begun(official());
  await deployed(official({ retained: true }));
  const failed = await deployed(ours({ logicalId: 'AgentCustom', props: adopting(id, { environmentVariables: { MOOD: 'eager' } }) }));
  expect(failed).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('it differs in environmentVariables') } });
  expect(statusesOf(CUSTOM)).toEqual(['CREATE_FAILED', 'DELETE_COMPLETE']);
  await expectUnmoved(id);
  await deployed(official());
});

test('a construct with a new id adopts from the one that it takes the place of, which need not be retained', async () => {
  const named = (constructId: string, props: Partial<AgentRuntimeProps> = {}) => (stack: Stack) => {
    const executionRole = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
    const agent = new AgentRuntime(stack, constructId, {
      ...officialProps(), runtimeName: 'mover', executionRole, sessionStorage: new SessionStorage(stack, 'Workspace'), ...props,
    });
    new CfnOutput(stack, 'Id', { value: agent.agentRuntimeId });
  };
  const { outputs: { Id: id } } = await deployed(named('Former'));
  expect(await deployed(named('Agent', adopting(id)))).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { Id: id } });
  expect(statusesOf(CUSTOM)).toEqual(['CREATE_COMPLETE', 'DELETE_COMPLETE']);
  expect(await live(id)).toMatchObject({ agentRuntimeVersion: '1', status: 'READY' });
  await deployed(named('Agent'));
});

test('CloudFormation deletes what it was not told to retain, adopted or not', async () => {
  const alone = (props: Partial<AgentRuntimeProps>, logicalId: string) => (stack: Stack) => {
    const agent = new AgentRuntime(stack, 'Agent', { ...officialProps(), ...props });
    (agent.node.defaultChild as CfnResource).overrideLogicalId(logicalId);
    new CfnOutput(stack, 'Id', { value: agent.agentRuntimeId });
  };
  const { outputs: { Id: id } } = await deployed(alone(cloudFormation, 'AgentNative'));
  expect(await deployed(alone(adopting(id), 'AgentCustom'))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(statusesOf(NATIVE)).toEqual(['DELETE_COMPLETE']);
  expect(await runtimes()).toEqual([]);
});

describe('the runtime of another stack', () => {
  test.each([['a custom resource', {}], ['CloudFormation', cloudFormation]])('made by %s is not adopted', async (_, props) => {
    const runtimeName = 'theirs';
    const { outputs: { Id: id } } = await deployed(ours({ props: { ...props, runtimeName }, retained: true }), { stackName: 'Theirs' });
    const before = await tagsOf(id);
    const refused = await deployed(ours({ props: adopting(id, { runtimeName }) }));
    expect(refused).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringMatching(/runtime theirs-\w{10} belongs to stack arn:.*stack\/Theirs\/.* and is left as it is/) } });
    expect(await tagsOf(id)).toEqual(before);
    await deployed(ours({ props: { ...props, runtimeName } }), { stackName: 'Theirs' });
  });

  test('is not imported', async () => {
    const { outputs: { Id: id } } = await deployed(ours({ props: cloudFormation }), { stackName: 'Theirs' });
    const role = (stack: Stack) => new Role(stack, 'Role', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') });
    await deployed(role);
    const importing = (stack: Stack) => {
      const agent = new AgentRuntime(stack, 'Agent', { ...officialProps(), ...cloudFormation, executionRole: role(stack).withoutPolicyUpdates() });
      agent.applyRemovalPolicy(RemovalPolicy.RETAIN);
      (agent.node.defaultChild as CfnResource).overrideLogicalId('AgentNative');
    };
    await expect(deployed(importing, { imports: { AgentNative: id } })).rejects.toThrow(/^TheirsAgent\w*-\w{10} already exists in stack arn:.*stack\/Theirs\//);
  });
});
