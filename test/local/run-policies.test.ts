import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, AgentRuntimeProps, Command, CommandFailure, CommandRunner, CommandRunnerProps, RunPolicy } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';

// Which deployments run a command, and what runs before it goes: the shipped bundle, with real sessions.

let home: string;
let local: RunningLocal;
let logged: string[];
let apps = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'run-policies-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
});

afterAll(async () => {
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => {
  logged = [];
});

afterEach(async () => {
  await destroy(options());
  expect(await live()).toEqual({ runtimes: 0, sessions: 0 });
});

const options = () => ({
  endpoint: local.endpoint,
  stateDir: join(home, 'stacks'),
  onEvent: () => {},
  onLog: ({ line }: { line: string }) => { logged.push(line); },
});

/** What commands have said so far, in the log of the provider. */
const written = () => logged.flatMap((line) => (line.includes('"notice":"output"') ? [JSON.parse(line).stdout] : []));
const write = (text: string) => Command.shell(`echo "${text}"`);

async function live() {
  const { runtimes, sessions } = await (await fetch(`${local.endpoint}/_local/health`)).json() as Record<string, unknown>;
  return { runtimes, sessions };
}

interface Variant {
  /** Left out where the runner is not in the app. */
  readonly check?: Partial<CommandRunnerProps>;
  readonly agent?: Partial<AgentRuntimeProps>;
}

async function deployVariant({ check, agent }: Variant) {
  const app = new App({ outdir: join(home, `cdk.out-${apps++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Demo');
  const runtime = new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
      path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
    }),
    ...agent,
  });
  if (check) {
    const runner = new CommandRunner(stack, 'Check', { runtime, command: write('ran'), ...check });
    for (const name of ['status', 'exitCode', 'stdout', 'sessionId'] as const) new CfnOutput(stack, name, { value: runner[name] });
  }
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory });
  return result;
}

const newVersion = { environmentVariables: { MOOD: 'eager' } };

test('on change: a trigger and a new version run it again, what runs on deletion does not', async () => {
  await deployVariant({ check: { triggers: { commit: 'a' } } });
  expect(await deployVariant({ check: { triggers: { commit: 'a' } } })).toMatchObject({ status: 'NO_CHANGES' });
  await deployVariant({ check: { triggers: { commit: 'b' } } });
  expect(written()).toHaveLength(2);
  expect(await deployVariant({ check: { triggers: { commit: 'b' }, onDelete: Command.shell('true') } }))
    .toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { status: 'COMPLETED', stdout: 'ran\n' } });
  expect(written()).toHaveLength(2);
  await deployVariant({ check: { triggers: { commit: 'b' } }, agent: newVersion });
  expect(written()).toHaveLength(3);
});

test('on runtime version: another command waits for the next version', async () => {
  const runPolicy = RunPolicy.ON_RUNTIME_VERSION;
  await deployVariant({ check: { runPolicy } });
  const kept = await deployVariant({ check: { runPolicy, command: write('changed') } });
  expect(kept).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { stdout: 'ran\n', exitCode: '0' } });
  await deployVariant({ check: { runPolicy, command: write('changed') }, agent: newVersion });
  expect(written()).toEqual(['ran', 'changed']);
});

test('once: neither another command nor a new version runs it again', async () => {
  const runPolicy = RunPolicy.ONCE;
  await deployVariant({ check: { runPolicy } });
  const kept = await deployVariant({ check: { runPolicy, command: write('changed') }, agent: newVersion });
  expect(kept).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { stdout: 'ran\n' } });
  expect(written()).toEqual(['ran']);
});

test('every deployment: the same app runs it again', async () => {
  const check = { runPolicy: RunPolicy.EVERY_DEPLOYMENT };
  await deployVariant({ check });
  expect(await deployVariant({ check })).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(written()).toEqual(['ran', 'ran']);
});

test('a failure that is only told of, and one that was expected', async () => {
  const command = Command.shell('echo half; exit 3');
  const warned = await deployVariant({ check: { command, onFailure: CommandFailure.WARN } });
  expect(warned).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { exitCode: '3', status: 'COMPLETED', stdout: 'half\n' } });
  expect(logged.filter((line) => line.includes('"warning"'))).toEqual([expect.stringMatching(/failed with exit code 3/)]);
  const expected = await deployVariant({ check: { command, expectedExitCodes: [0, 3] } });
  expect(expected).toMatchObject({ status: 'UPDATE_COMPLETE', outputs: { exitCode: '3' } });
  expect(await deployVariant({ check: { command } })).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
});

test('two commands in one session that somebody named, which goes on', async () => {
  const sessionId = 'workspace-of-the-nightly-build-0001';
  const first = await deployVariant({ check: { sessionId, command: Command.shell('echo kept > "$HOME/run-policies"; cat "$HOME/run-policies"') } });
  expect(first.outputs).toMatchObject({ sessionId, stdout: 'kept\n' });
  expect(await live()).toEqual({ runtimes: 1, sessions: 1 });
  await deployVariant({ check: { sessionId, stopSession: true, command: Command.shell('rm "$HOME/run-policies"') } });
  expect(await live()).toEqual({ runtimes: 1, sessions: 0 });
});

test('a script is run by the program of its first line', async () => {
  const command = Command.script('#!/usr/bin/env node\nconsole.log(`it\'s ${process.argv[2]}`);\n', 'a b');
  expect(await deployVariant({ check: { command } })).toMatchObject({ status: 'CREATE_COMPLETE', outputs: { stdout: 'it\'s a b\n' } });
});

describe('on deletion', () => {
  const flush = () => ({ onDelete: write('gone from $MOOD') });
  const agent = { environmentVariables: { MOOD: 'calm' } };

  test('it runs when the stack goes, while the runtime is still there', async () => {
    await deployVariant({ check: flush(), agent });
    expect(await destroy(options())).toMatchObject({ stacks: [{ status: 'DELETE_COMPLETE' }] });
    expect(written()).toEqual(['ran', 'gone from calm']);
  });

  test('it runs when the command goes and the runtime stays', async () => {
    await deployVariant({ check: flush(), agent });
    expect(await deployVariant({ agent })).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(written()).toEqual(['ran', 'gone from calm']);
  });

  test('it runs in a runtime that is replaced, before that goes', async () => {
    await deployVariant({ check: flush(), agent: { ...agent, runtimeName: 'first' } });
    const replaced = await deployVariant({ check: flush(), agent: { environmentVariables: { MOOD: 'eager' }, runtimeName: 'second' } });
    expect(replaced.status).toBe('UPDATE_COMPLETE');
    expect(written()).toEqual(['ran', 'ran', 'gone from calm']);
    expect(logged.filter((line) => line.includes('"warning"'))).toEqual([]);
  });

  test('it does not run for a command that has never succeeded', async () => {
    expect(await deployVariant({ check: { ...flush(), command: Command.shell('exit 1') }, agent })).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(written()).toEqual([]);
  });

  test('its failure keeps nothing, unless asked', async () => {
    // fails the first time in its session
    const onDelete = Command.shell('[ -e "$HOME/seen" ] || { touch "$HOME/seen"; exit 9; }');
    await deployVariant({ check: { onDelete } });
    expect(await destroy(options())).toMatchObject({ stacks: [{ status: 'DELETE_COMPLETE' }] });
    expect(logged.filter((line) => line.includes('"warning"'))).toEqual([expect.stringMatching(/exit code 9/)]);

    await deployVariant({ check: { onDelete, onDeleteFailure: CommandFailure.FAIL, sessionId: 'workspace-of-the-nightly-build-0001' } });
    expect(await destroy(options())).toMatchObject({ stacks: [{ status: 'DELETE_FAILED', failure: { reason: expect.stringMatching(/exit code 9/) } }] });
    expect(await live()).toEqual({ runtimes: 1, sessions: 1 });
    expect(await destroy(options())).toMatchObject({ stacks: [{ status: 'DELETE_COMPLETE' }] });
  });
});
