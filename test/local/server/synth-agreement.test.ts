import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Sender } from './model-cases/request';
import { Harness } from './support/harness';
import { MAX_WATCHED_COMMAND_SECONDS } from '../../../src/provider/contract';
import { readRuntimeProperties } from '../../../src/provider/contract/properties';
import { CommandLine, composeCommandLine } from '../../../src/service/command-line';
import { CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES } from '../../../src/service/model/control-plane';
import { DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES } from '../../../src/service/model/data-plane';
import { TemplateJson } from '../../util/stacks';
import { Configuration, configurations } from '../../validation/random/configuration';
import { CommandCall, commandCallsOf, runtimeInputOf } from '../../validation/random/direct';
import { filledIn } from '../../validation/random/judge';
import { synthesize } from '../../validation/random/synthesis';

/**
 * What synth says of random configurations against what the local AgentCore says of them. Ten thousand take some minutes:
 * `RANDOM_CONFIGURATIONS=10000 npx jest test/local/server/synth-agreement`. Another seed tries others: `RANDOM_SEED=7`.
 */
const COUNT = Number(process.env.RANDOM_CONFIGURATIONS ?? 300);
const SEED = Number(process.env.RANDOM_SEED ?? 20_261);
const BATCH = 50;

/**
 * Rules by which synth refuses more than the service does, in what words, and why. Where the service accepts what one of these
 * refused, that counts as stricter on purpose; where any other rule refused it, as wrong.
 */
const STRICTER: readonly { readonly rule: string; readonly told?: RegExp; readonly why: string }[] = [
  { rule: 'officialRuntime', why: 'the official L2 refuses it' },
  { rule: 'requestHeader', why: 'the official L2 lets no other headers through' },
  { rule: 'sizeInGiB', why: 'the size is ours: the service has no such field' },
  { rule: 'runPolicy', why: 'when a command runs is ours' },
  { rule: 'versionChange', why: 'what a deployment does with sessions is ours' },
  { rule: 'commandAuthorizer', why: 'nothing local authorizes, and no SDK sends the bearer token that such a runtime takes' },
  { rule: 'commandEnvironment', why: 'the shell that sets the variables takes no such names' },
  { rule: 'commandExitCodes', why: 'which exit codes are expected is ours' },
  { rule: 'commandOnDelete', why: 'when a command runs is ours' },
  { rule: 'commandScript', told: /is empty|null character|carriage return/, why: 'the text around the script hides it from the service' },
  { rule: 'commandSession', told: /its HTTP header cannot carry/, why: 'the model has no pattern for session ids' },
  { rule: 'commandText', told: /command is empty|null character/, why: 'the text around the command hides it from the service' },
  { rule: 'commandWorkingDirectory', why: 'the directory is a part of the text' },
];

let harness: Harness;
let sender: Sender;
let outdir: string;

beforeAll(async () => {
  harness = await Harness.start();
  harness.sessions.onRun = async (sink) => {
    sink.onStart();
    return { exitCode: 0, status: 'COMPLETED' };
  };
  sender = new Sender(harness.port);
  outdir = mkdtempSync(join(tmpdir(), 'synth-agreement-'));
});
afterAll(async () => {
  sender.end();
  await harness.end();
  rmSync(outdir, { recursive: true });
});

/** What the local AgentCore refuses of a runtime, or of commands in it. */
async function refusedLocally(input: Readonly<Record<string, unknown>>, calls: readonly CommandCall[]): Promise<string[]> {
  const { status, body } = await sender.send(CONTROL_PLANE_OPERATIONS.CreateAgentRuntime, CONTROL_PLANE_SHAPES, input);
  if (status !== 202) return [`CreateAgentRuntime: ${status} ${body.message}`];
  const refused: string[] = [];
  for (const { command, timeout, sessionId: runtimeSessionId, qualifier } of calls) {
    const named = Object.fromEntries(Object.entries({ runtimeSessionId, qualifier }).filter(([, value]) => value !== undefined));
    const call = { agentRuntimeArn: body.agentRuntimeArn, ...named, body: { command, timeout } };
    const answer = await sender.send(DATA_PLANE_OPERATIONS.InvokeAgentRuntimeCommand, DATA_PLANE_SHAPES, call)
      .catch((error: Error) => ({ status: 0, body: { message: `cannot be sent: ${error.message}` } }));
    // an endpoint of that name could be there
    if (answer.status !== 200 && answer.status !== 404) refused.push(`InvokeAgentRuntimeCommand: ${answer.status} ${answer.body.message}`);
  }
  await sender.send(CONTROL_PLANE_OPERATIONS.DeleteAgentRuntime, CONTROL_PLANE_SHAPES, { agentRuntimeId: body.agentRuntimeId });
  return refused;
}

/** The same of what a template asks for, once the provider has converted it. */
async function templateRefusedLocally({ Resources }: TemplateJson): Promise<string[]> {
  const all = Object.values(Resources);
  const runtime = all.find(({ Type }) => Type === 'Custom::AgentCoreRuntime' || Type === 'AWS::BedrockAgentCore::Runtime');
  const { input, unknown, mistyped } = readRuntimeProperties(filledIn(runtime!.Properties) as Record<string, unknown>);
  const calls = all.filter(({ Type }) => Type === 'Custom::AgentCoreCommand').flatMap(({ Properties }) => callsOf(Properties));
  return [...unknown, ...mistyped, ...await refusedLocally(input, calls)];
}

function callsOf({ Command, Arguments, Environment, WorkingDirectory, Timeout, OnDelete, SessionId, Qualifier }: Record<string, any>): CommandCall[] {
  const call = (line: CommandLine, timeout: number) => ({ sessionId: SessionId, qualifier: Qualifier, command: composeCommandLine(line), timeout });
  return [
    call({ command: Command ?? Arguments, environment: Environment, workingDirectory: WorkingDirectory }, Number(Timeout)),
    ...(OnDelete ? [call({ command: OnDelete.Command ?? OnDelete.Arguments }, MAX_WATCHED_COMMAND_SECONDS)] : []),
  ];
}

/** The rule by which alone a message refuses on purpose what the service accepts. */
function stricterRule(message: string): string | undefined {
  return STRICTER.find(({ rule, told = /^/ }) => message.includes(`[rule: cdk-agentcore-runtime:${rule}]`) && told.test(message))?.rule;
}

/** Each fault that a refusal tells of, by itself. */
function faultsIn(messages: readonly string[]): string[] {
  return messages.flatMap((message) => message.split('\n')).filter((line) => line.includes('[rule: '));
}

const total = {
  accepted: 0, refused: 0, refusedByCdk: 0, stricter: new Map<string, number>(), wrongAccepts: [] as string[], wrongRejects: [] as string[],
};

async function compare(batch: readonly Configuration[], directory: string): Promise<void> {
  const { synthesized, refused, refusedByCdk } = synthesize(batch, directory);
  total.refusedByCdk += refusedByCdk.length;
  for (const [i, { template }] of synthesized) {
    const told = await templateRefusedLocally(template);
    if (told.length === 0) total.accepted++;
    else total.wrongAccepts.push(`${told.join('; ')}\n${JSON.stringify(batch[i])}`);
  }
  for (const [i, { messages }] of refused) {
    const faults = faultsIn(messages);
    const rules = faults.map(stricterRule);
    if ((await refusedLocally(runtimeInputOf(batch[i]), commandCallsOf(batch[i]))).length > 0) total.refused++;
    else if (rules.length === 0 || rules.includes(undefined)) total.wrongRejects.push(`${messages.join('; ')}\n${JSON.stringify(batch[i])}`);
    else for (const rule of new Set(rules as string[])) total.stricter.set(rule, (total.stricter.get(rule) ?? 0) + 1);
  }
}

test.each([
  [0, 0.3],
  [0.01, 0.3],
  [0.05, 0.2],
  [0.3, 0.2],
])('configurations of which %d is odd: what synth accepts the local AgentCore accepts, and the reverse', async (mischief, share) => {
  const all = fc.sample(configurations(mischief), { numRuns: Math.ceil(COUNT * share), seed: SEED });
  for (let start = 0; start < all.length; start += BATCH) {
    const directory = join(outdir, `${mischief}-${start}`);
    await compare(all.slice(start, start + BATCH), directory);
    rmSync(directory, { recursive: true });
  }
  expect(total.wrongAccepts.slice(0, 3)).toEqual([]);
  expect(total.wrongRejects.slice(0, 3)).toEqual([]);
}, 3_600_000);

test('both verdicts were tried', () => {
  const { accepted, refused, stricter, refusedByCdk } = total;
  process.stdout.write(`synth and local AgentCore: ${accepted} accepted by both, ${refused} refused by both, `
    + `${refusedByCdk} refused by the CDK alone, refused by stricter rules: ${JSON.stringify(Object.fromEntries(stricter))}\n`);
  expect(accepted).toBeGreaterThan(COUNT / 5);
  expect(refused).toBeGreaterThan(COUNT / 10);
});
