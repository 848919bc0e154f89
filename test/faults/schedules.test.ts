import * as fc from 'fast-check';
import { EventFaults, Lane } from './support/lane';
import { StackModel, Wanted } from './support/stack-model';

// Random lives of stacks under random faults; whatever happens, the service holds what CloudFormation believes it holds.

const SCHEDULES = Number(process.env.FAULT_SCHEDULES ?? 100);
/** How many run side by side, each on a local AgentCore of its own. */
const LANES = 8;
/** How many are one run of the property. */
const BATCH = 40;
const SEED = Number(process.env.FAULT_SEED ?? 20_261_122);

let lanes: Lane[];
beforeAll(async () => {
  lanes = await Promise.all(Array.from({ length: LANES }, async () => Lane.open()));
  await Promise.all(lanes.map(async (lane) => lane.prepare()));
});
afterAll(async () => Promise.all(lanes.map(async (lane) => lane.close())));

const CONTROL = ['CreateAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'GetAgentRuntime'];
const operation = fc.constantFrom(...CONTROL);
const serviceFault = fc.oneof(
  fc.record({ kind: fc.constant('error'), operation, error: fc.constantFrom('ThrottlingException', 'InternalServerException', 'AccessDeniedException'), times: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ kind: fc.constant('loseAnswer'), operation }),
  fc.record({ kind: fc.constant('loseRequest'), operation }),
  fc.record({ kind: fc.constant('roleNotPropagated'), operation: fc.constantFrom('CreateAgentRuntime', 'UpdateAgentRuntime') }),
  fc.record({ kind: fc.constant('serviceLinkedRoleNotCreated'), operation: fc.constantFrom('CreateAgentRuntime', 'UpdateAgentRuntime') }),
  fc.record({ kind: fc.constant('slowTransition'), operation: fc.constantFrom('CreateAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime'), reads: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('failedTransition'), operation: fc.constantFrom('CreateAgentRuntime', 'UpdateAgentRuntime'), failureReason: fc.constant('no luck') }),
  fc.record({ kind: fc.constant('status'), operation: fc.constant('GetAgentRuntime'), statuses: fc.constant(['READY', 'CREATING', 'READY']) }),
);
const commandFault = fc.oneof(
  fc.record({ kind: fc.constant('error'), operation: fc.constant('InvokeAgentRuntimeCommand'), error: fc.constantFrom('ThrottlingException', 'RuntimeClientError', 'AccessDeniedException') }),
  fc.record({ kind: fc.constantFrom('cutStream', 'endStream', 'loseAnswer', 'loseRequest', 'halfFrame'), operation: fc.constant('InvokeAgentRuntimeCommand') }),
  fc.record({ kind: fc.constant('error'), operation: fc.constantFrom('CreateLogStream', 'PutLogEvents', 'GetLogEvents'), error: fc.constant('ServiceUnavailableException') }),
  fc.record({ kind: fc.constant('loseAnswer'), operation: fc.constantFrom('CreateLogStream', 'PutLogEvents') }),
);

const delivery = {
  copies: fc.constantFrom<EventFaults['copies']>('none', 'none', 'none', 'none', 'none', 'none', 'at once', 'late'),
  failingPuts: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) }),
  // the provider tries four times
  failingCalls: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) }),
  shortCalls: fc.boolean(),
};
const rarely = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) });
const agentFaults: fc.Arbitrary<EventFaults> = fc.record({
  service: fc.array(serviceFault, { maxLength: 2 }), ...delivery, givenUpAfterMillis: rarely,
});
const checkFaults: fc.Arbitrary<EventFaults> = fc.record({
  service: fc.array(commandFault, { maxLength: 1 }), ...delivery, givenUpAfterMillis: rarely,
});
const wanted: fc.Arbitrary<Wanted> = fc.record({
  // the last name is somebody else's
  name: fc.constantFrom('one', 'one', 'two', 'taken'),
  mood: fc.constantFrom('calm', 'eager'),
  code: fc.constantFrom(0, 0, 3),
  millis: fc.constantFrom(0, 0, 20, 500),
  variant: fc.integer({ min: 1, max: 2 }),
  timeout: fc.constantFrom('60', '60', '1200'),
  idempotent: fc.constantFrom(false, false, true),
  onDelete: fc.constantFrom(undefined, undefined, '30', '1200'),
});

type Step = { readonly deploy: Wanted; readonly agent: EventFaults; readonly check: EventFaults } | { readonly destroy: EventFaults };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ deploy: wanted, agent: agentFaults, check: checkFaults }) },
  { weight: 1, arbitrary: fc.record({ destroy: agentFaults.map((faults) => ({ ...faults, givenUpAfterMillis: undefined })) }) },
);
const schedule = fc.array(step, { minLength: 1, maxLength: 4 });

async function run(lane: Lane, steps: readonly Step[]): Promise<void> {
  await lane.clear();
  await lane.createForeign('taken');
  const model = new StackModel(lane);
  for (const one of steps) {
    if ('destroy' in one) await model.destroy(one.destroy);
    else await model.deploy(one.deploy, one.agent, one.check);
  }
  await lane.settle();
  const held = (await lane.runtimes()).filter(({ status }) => status !== 'DELETING').map(({ name, mood }) => ({ name, mood }));
  const { last } = model;
  const seen = {
    held: held.sort((a, b) => (a.name < b.name ? -1 : 1)),
    startedTwice: [...lane.sessions.starts].filter(([, [command, ...again]]) => again.length > (command.includes('idempotent') ? 2 : 0)),
    openSessions: lane.sessions.list().map(({ sessionId }) => sessionId),
    unanswered: lane.unanswered,
    broken: model.broken,
  };
  const expected = {
    held: [...(last ? [{ name: last.name, mood: last.mood }] : []), { name: 'taken', mood: undefined }].sort((a, b) => (a.name < b.name ? -1 : 1)),
    startedTwice: [],
    openSessions: [],
    unanswered: [],
    broken: [],
  };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) {
    throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(seen)}\n${lane.log.slice(-60).join('\n')}`);
  }
  if (lane.longestAnswer > 4_096) throw new Error(`an answer of ${lane.longestAnswer} bytes`);
}

test(`${SCHEDULES} random schedules end in the state that the stack believes in`, async () => {
  let done = 0;
  await fc.assert(fc.asyncProperty(fc.array(schedule, { minLength: BATCH, maxLength: BATCH }), async (schedules) => {
    const left = [...schedules];
    await Promise.all(lanes.map(async (lane) => {
      for (let steps = left.shift(); steps; steps = left.shift()) await run(lane, steps);
    }));
    done += schedules.length;
  }), { numRuns: Math.ceil(SCHEDULES / BATCH), seed: SEED, endOnFailure: process.env.FAULT_SHRINK === undefined });
  expect(done).toBeGreaterThanOrEqual(SCHEDULES);
  // for a machine that does something else too
}, 60_000 + SCHEDULES * 2_000);
