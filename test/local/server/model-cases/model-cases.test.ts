import { Case, casesOf } from './cases';
import { Answer, Sender } from './request';
import { Values } from './values';
import { World } from './world';
import { CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES } from '../../../../src/service/model/control-plane';
import { DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES } from '../../../../src/service/model/data-plane';
import { Operation, Operations, Shapes } from '../../../../src/service/model/model';
import { violations } from '../../../../src/service/model/validate';
import { Harness } from '../support/harness';

/**
 * Every constraint of the service's models violated once, and every edge of them met once, over HTTP. Cases come from the
 * models alone: a constraint that comes with a newer model is tried without a change here.
 */

const PLANES: readonly (readonly [string, Operations, Shapes])[] = [
  ['control', CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES], ['data', DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES],
];
const AT_ONCE = 8;

let harness: Harness;
let sender: Sender;
let world: World;
const counted = { met: 0, violated: 0 };

beforeAll(async () => {
  harness = await Harness.start();
  sender = new Sender(harness.port);
  world = await World.make(harness);
});
afterAll(async () => {
  sender.end();
  await harness.end();
  process.stdout.write(`cases of the service's models: ${counted.violated} constraints violated, ${counted.met} edges met\n`);
});

/** What a rule besides the model says to an input that the model allows. */
const RULED_OUT: readonly { readonly where: RegExp; readonly constraint?: RegExp; readonly told: RegExp }[] = [
  { where: / nextToken$/, told: /is not a token of an earlier page/ },
  { where: /^CreateAgentRuntime networkConfiguration.networkModeConfig.requireServiceS3Endpoint$/, told: /is for UpdateAgentRuntime only/ },
  { where: /^UpdateAgentRuntime metadataConfiguration.requireMMDSV2$/, constraint: /^boolean false$/, told: /false is not allowed/ },
  { where: /^PutResourcePolicy policy$/, constraint: /^at least 1 characters$/, told: /only arn:.* is allowed|is not JSON/ },
  { where: / capacityProviderConfiguration.capacityProviderArn$/, told: /is not there/ },
];

function faultOf(tried: Case, { http }: Operation, { status, errorType, body }: Answer): string | undefined {
  const rule = RULED_OUT.find(({ where, constraint = /^/ }) => where.test(`${tried.operation} ${tried.path}`) && constraint.test(tried.constraint));
  if (tried.verdict === 'met' && !rule) {
    return status === http.responseCode || (namesNothing(tried) && status === 404 && errorType === 'ResourceNotFoundException') ? undefined : 'is not accepted';
  }
  if (status !== 400 || errorType !== 'ValidationException') return 'is not answered with ValidationException';
  const misshapen = violations(CONTROL_PLANE_SHAPES, 'ValidationException', body);
  if (misshapen.length > 0) return `has an answer of another shape: ${JSON.stringify(misshapen)}`;
  if (body.reason !== 'FieldValidationFailed') return `has reason ${body.reason}`;
  const fields: { name: string; message: string }[] = body.fieldList ?? [];
  if (tried.verdict === 'met') return rule!.told.test(body.message) ? undefined : 'is refused for another reason';
  return fields.some(({ name, message }) => name === tried.path && body.message.includes(message)) ? undefined : 'is refused for another field';
}

/** Whether the case is about a name of its own, which nothing has. */
function namesNothing({ operation, path }: Case): boolean {
  return /^(agentRuntimeId|agentRuntimeArn|resourceArn|endpointName|capacityProviderId|agentRuntimeVersion)$/.test(path)
    // nothing here has instances, and so sessions on them
    || operation === 'DeleteCapacityProviderSession';
}

async function run(tried: Case, operations: Operations, shapes: Shapes): Promise<string[]> {
  const { operation, verdict, path, constraint } = tried;
  const input = verdict === 'met' ? await world.fitted(tried) : tried.input;
  const answer = await sender.send(operations[operation], shapes, input);
  counted[verdict]++;
  const fault = faultOf(tried, operations[operation], answer);
  if (answer.status < 300) {
    const [undoing, ofIt] = world.undo(tried, answer.body) ?? [];
    if (undoing) await sender.send(operations[undoing], shapes, ofIt!);
  }
  if (fault === undefined) return [];
  return [`${operation} ${path}: ${constraint} ${verdict} ${fault}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)} to ${JSON.stringify(input).slice(0, 300)}`];
}

/** Runs all cases, some at once, and tells what is wrong. */
async function runAll(cases: readonly Case[], operations: Operations, shapes: Shapes): Promise<string[]> {
  const faults: string[] = [];
  const waiting = cases.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const next of waiting) faults.push(...await run(next, operations, shapes));
  }));
  return faults;
}

describe.each(PLANES)('%s plane', (_, operations, shapes) => {
  test.each(Object.keys(operations))('%s takes what its model allows, and nothing else', async (name) => {
    const cases = casesOf(name, operations[name], new Values(shapes, world.pins));
    expect(await runAll(cases, operations, shapes)).toEqual([]);
  }, 120_000);
});

test('there are cases for each kind of constraint', () => {
  const all = PLANES.flatMap(([, operations, shapes]) => Object.entries(operations)
    .flatMap(([name, operation]) => casesOf(name, operation, new Values(shapes, world.pins))));
  const kinds = [/^required$/, /^pattern /, /^enum$/, /^exactly one: none/, /^exactly one: two/, /^min \d+ members/, /^max \d+ members/, /^max \d+ entries/,
    /^key: at most/, /^min \d+$/, /^max \d+$/, /^at least/, /^at most/, /^is a (structure|list|map|string|integer|boolean)$/, /^members$/];
  for (const kind of kinds) expect(all.filter(({ verdict, constraint }) => verdict === 'violated' && kind.test(constraint)).length).toBeGreaterThan(2);
  // none is there twice
  const ids = all.map(({ operation, path, constraint, verdict, input }) => `${operation} ${path} ${constraint} ${verdict} ${JSON.stringify(input)}`);
  expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([]);
});
