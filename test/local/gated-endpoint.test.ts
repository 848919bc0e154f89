import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient, GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandRunner, GatedEndpoint, Provisioning, SessionStorage } from '../../src';
import { runCommand } from '../../src/client/run-command';
import { stopSession } from '../../src/client/stop-session';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy, StackEvent } from '../../src/local/deployer';

// An endpoint, its gate and the sessions behind it, through deployments that go well and ones that do not.

let home: string;
let local: RunningLocal;
let control: BedrockAgentCoreControlClient;
let data: BedrockAgentCoreClient;
let events: StackEvent[];
let assemblies = 0;
let runtimeArn: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gated-endpoint-'));
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

beforeEach(() => {
  events = [];
});

afterEach(async () => {
  const { stacks } = await destroy(options());
  expect(stacks.filter(({ status }) => status !== 'DELETE_COMPLETE')).toEqual([]);
});

const options = () => ({
  endpoint: local.endpoint,
  stateDir: join(home, 'stacks'),
  onEvent: (event: StackEvent) => events.push(event),
  onLog: () => {},
});

interface Variant {
  readonly mood?: string;
  /** Which moods the gate lets pass. */
  readonly accepted?: string;
  readonly version?: string;
  readonly provisioning?: Provisioning;
  /** What becomes of the deployment once the endpoint has moved. */
  readonly afterwards?: string;
  readonly output?: string;
}

async function deployed({ mood = 'calm', accepted = 'calm', version, provisioning, afterwards = 'true', output = 'as it is' }: Variant) {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Demo');
  const runtime = new AgentRuntime(stack, 'Agent', {
    runtimeName: 'gated',
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
      path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
    }),
    environmentVariables: { MOOD: mood },
    sessionStorage: new SessionStorage(stack, 'Workspace'),
    provisioning,
  });
  const gate = new CommandRunner(stack, 'Smoke', { runtime, command: Command.shell(`case "$MOOD" in ${accepted}) ;; *) exit 3;; esac`) });
  const prod = new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod', gates: [gate], version });
  new CommandRunner(stack, 'Afterwards', { runtime, endpoint: prod, command: Command.shell(afterwards) });
  new CfnOutput(stack, 'Arn', { value: runtime.agentRuntimeArn });
  new CfnOutput(stack, 'Output', { value: output });
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory });
  runtimeArn = result.outputs.Arn ?? runtimeArn;
  return result.status;
}

/** A session on `prod`, as a user has it: resumed on a machine of its own for each command. */
async function inSession(sessionId: string, command: string): Promise<string> {
  const session = { runtimeArn, qualifier: 'prod', sessionId };
  const { stdout, exitCode } = await runCommand(data, { ...session, command: `/bin/sh -c '${command}'`, timeoutSeconds: 60 });
  expect(exitCode).toBe(0);
  await stopSession(data, session);
  return stdout;
}

const runtimeId = () => runtimeArn.split('/')[1];

async function versions(): Promise<{ prod: string; newest: string }> {
  const { liveVersion } = await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId: runtimeId(), endpointName: 'prod' }));
  const { agentRuntimeVersion } = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: runtimeId() }));
  return { prod: liveVersion!, newest: agentRuntimeVersion! };
}

const endpointUpdates = () => events.filter(({ type, status }) => type === 'AWS::BedrockAgentCore::RuntimeEndpoint' && status === 'UPDATE_COMPLETE');

describe.each([Provisioning.CUSTOM_RESOURCE, Provisioning.CLOUDFORMATION])('of a runtime provisioned by %s', (provisioning) => {
  test('a failing gate leaves the endpoint and the files behind it, also in what is deployed next; a passing one moves it', async () => {
    const session = `user-${randomUUID()}`;
    expect(await deployed({ provisioning })).toBe('CREATE_COMPLETE');
    await inSession(session, 'echo "my work" > /mnt/workspace/notes');

    expect(await deployed({ provisioning, mood: 'eager' })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await versions()).toEqual({ prod: '1', newest: '3' });
    expect(endpointUpdates()).toEqual([]);
    expect(await inSession(session, 'cat /mnt/workspace/notes; echo "$MOOD"')).toBe('my work\ncalm\n');

    // the runtime is on version 3 now, which is version 1 in another place
    expect(await deployed({ provisioning, output: 'something else' })).toBe('UPDATE_COMPLETE');
    expect(endpointUpdates()).toEqual([]);
    expect(await inSession(session, 'cat /mnt/workspace/notes')).toBe('my work\n');

    expect(await deployed({ provisioning, mood: 'eager', accepted: 'calm | eager' })).toBe('UPDATE_COMPLETE');
    expect(await versions()).toEqual({ prod: '4', newest: '4' });
    expect(await inSession(session, 'ls -A /mnt/workspace; echo "$MOOD"')).toBe('eager\n');
  });

  test('where what comes after the endpoint fails, it returns to the very version that it was on', async () => {
    const session = `user-${randomUUID()}`;
    await deployed({ provisioning });
    await inSession(session, 'echo "my work" > /mnt/workspace/notes');

    expect(await deployed({ provisioning, mood: 'eager', accepted: 'calm | eager', afterwards: '[ "$MOOD" = calm ]' })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await versions()).toEqual({ prod: '1', newest: '3' });
    expect(endpointUpdates()).toHaveLength(2);
    expect(await inSession(session, 'cat /mnt/workspace/notes')).toBe('my work\n');
  });
});

test('with a gate that fails from the start there is no endpoint', async () => {
  expect(await deployed({ mood: 'eager' })).toBe('ROLLBACK_COMPLETE');
  expect(events.filter(({ type }) => /Promotion|RuntimeEndpoint/.test(type))).toEqual([]);
});

test('a version holds the endpoint, back and forth, and without it the endpoint takes up where the runtime is', async () => {
  const session = `user-${randomUUID()}`;
  await deployed({});
  await inSession(session, 'echo "my work" > /mnt/workspace/notes');

  expect(await deployed({ version: '1', mood: 'eager', accepted: 'calm | eager' })).toBe('UPDATE_COMPLETE');
  expect(await versions()).toEqual({ prod: '1', newest: '2' });
  expect(await inSession(session, 'cat /mnt/workspace/notes')).toBe('my work\n');

  expect(await deployed({ mood: 'eager', accepted: 'calm | eager' })).toBe('UPDATE_COMPLETE');
  expect(await versions()).toEqual({ prod: '2', newest: '2' });

  expect(await deployed({ version: '1', mood: 'eager', accepted: 'calm | eager' })).toBe('UPDATE_COMPLETE');
  expect(await versions()).toEqual({ prod: '1', newest: '2' });
});
