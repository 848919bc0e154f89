import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreControlClient, paginateListAgentRuntimes } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, NestedStack, Stack, Tags } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandRunner, GatedEndpoint, SessionStorage } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy, StackResult } from '../../src/local/deployer';

// Stacks of many runtimes, with the policies that they give the provider: the local IAM refuses one that is too long and one that is too
// many, and each call that none allows.

let home: string;
let local: RunningLocal;
let control: BedrockAgentCoreControlClient;
let assemblies = 0;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'many-runtimes-'));
  local = await startLocal({ port: 0, driver: 'process', stateDir: join(home, 'agentcore'), log: () => {} });
  control = new BedrockAgentCoreControlClient({ endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
});

afterEach(async () => {
  control.destroy();
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

const AGENT = join(__dirname, 'workflow/agent');

const options = () => ({ endpoint: local.endpoint, stateDir: join(home, 'stacks'), onEvent: () => {}, onLog: () => {} });

interface Variant {
  /** How names begin; they have thirty characters. */
  readonly prefix?: string;
  /** A tag of all. */
  readonly team?: string;
  /** Whether each has a second command. */
  readonly twice?: boolean;
  /** Whether the first one is not declared, while the others keep their ids. */
  readonly withoutFirst?: boolean;
}

const nameOf = (number: number, prefix = 'agent') => `${prefix}_${String(number).padStart(29 - prefix.length, '0')}`;
const namesOf = (count: number, prefix?: string) => Array.from({ length: count }, (_, number) => nameOf(number, prefix));

/** Runtimes with storage and a command, which is the gate of an endpoint of each fourth. */
function declare(stack: Stack, count: number, { prefix, team = 'red', twice = false, withoutFirst = false }: Variant = {}): void {
  for (let number = withoutFirst ? 1 : 0; number < count; number++) {
    const id = `Agent${number}`;
    const runtime = new AgentRuntime(stack, id, {
      runtimeName: nameOf(number, prefix),
      agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({ path: AGENT, runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] }),
      sessionStorage: new SessionStorage(stack, `${id}Storage`),
    });
    Tags.of(runtime).add('team', team);
    const check = new CommandRunner(stack, `${id}Check`, { runtime, command: Command.shell('true') });
    if (twice) new CommandRunner(stack, `${id}Again`, { runtime, command: Command.shell('true') });
    if (number % 4 === 0) new GatedEndpoint(stack, `${id}Prod`, { runtime, endpointName: 'prod', gates: [check] });
  }
}

async function deployed(declareAll: (stack: Stack) => void): Promise<StackResult> {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  declareAll(new Stack(app, 'Many'));
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory });
  return result;
}

/** The names of all runtimes, in order. */
async function runtimes(): Promise<string[]> {
  const names: string[] = [];
  for await (const { agentRuntimes = [] } of paginateListAgentRuntimes({ client: control }, {})) {
    names.push(...agentRuntimes.map(({ agentRuntimeName }) => agentRuntimeName!));
  }
  return names.sort();
}

async function expectNothingDenied(): Promise<void> {
  const report = await (await fetch(`${local.endpoint}/_local/iam`)).json() as { readonly calls: number };
  expect(report).toMatchObject({ judged: true, denied: 0, denials: [] });
  // a provider that calls nothing is denied nothing
  expect(report.calls).toBeGreaterThan(500);
}

const complete = (status: string) => ({ stackName: 'Many', status, outputs: {} });

test('sixteen runtimes of one stack are created, all changed, all renamed, one of them removed, and destroyed', async () => {
  const names = namesOf(16);
  expect(new Set(names.map(({ length }) => length))).toEqual(new Set([30]));
  expect(await deployed((stack) => declare(stack, 16))).toEqual(complete('CREATE_COMPLETE'));
  expect(await runtimes()).toEqual(names);

  expect(await deployed((stack) => declare(stack, 16, { team: 'blue', twice: true }))).toEqual(complete('UPDATE_COMPLETE'));
  expect(await runtimes()).toEqual(names);

  // the old policies are there beside the new ones for a while
  const renamed = { team: 'blue', twice: true, prefix: 'other' };
  expect(await deployed((stack) => declare(stack, 16, renamed))).toEqual(complete('UPDATE_COMPLETE'));
  expect(await runtimes()).toEqual(namesOf(16, 'other'));

  expect(await deployed((stack) => declare(stack, 16, { ...renamed, withoutFirst: true }))).toEqual(complete('UPDATE_COMPLETE'));
  expect(await runtimes()).toEqual(namesOf(16, 'other').slice(1));

  expect(await destroy(options())).toEqual({ succeeded: true, stacks: [complete('DELETE_COMPLETE')] });
  expect(await runtimes()).toEqual([]);
  await expectNothingDenied();
}, 300_000);

test('sixty runtimes of four nested stacks are created and destroyed', async () => {
  const prefixes = ['first', 'second', 'third', 'fourth'];
  expect(await deployed((stack) => prefixes.forEach((prefix) => declare(new NestedStack(stack, prefix), 15, { prefix })))).toEqual(complete('CREATE_COMPLETE'));
  expect(await runtimes()).toEqual(prefixes.flatMap((prefix) => namesOf(15, prefix)).sort());

  expect(await destroy(options())).toEqual({ succeeded: true, stacks: [complete('DELETE_COMPLETE')] });
  expect(await runtimes()).toEqual([]);
  await expectNothingDenied();
}, 300_000);
