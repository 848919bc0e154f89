import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Definition, StateDefinition } from './definition';
import { evaluated, ExecutionIdentity, ExecutionOptions, ExecutionOutcome, executionArnOf, runDefinition, runStates, StatesError } from './execution';
import { JsonValue } from './interpreter';
import { readItems } from './map-items';
import { isObject, JsonObject } from '../deployer/json';

/** How many items an inline Map works on at once where it says nothing, as in AWS. */
const INLINE_CONCURRENCY = 40;

/** How many items a distributed one works on at once on this machine at most. */
const LOCAL_CONCURRENCY = 200;

/** One item, and what has come of it. */
interface ItemRun {
  readonly index: number;
  readonly input: JsonValue;
  /** Absent where it was not begun. */
  readonly executionArn?: string;
  readonly outcome: ExecutionOutcome | { readonly status: 'PENDING' };
}

/** Runs a Map, inline or distributed: an execution for each item, as many at once as it allows, until too many have failed. */
export async function runMap(
  name: string, state: StateDefinition, input: JsonValue, identity: ExecutionIdentity, options: ExecutionOptions, outer?: object,
): Promise<JsonValue> {
  const processor = (state.ItemProcessor ?? state.Iterator) as Definition & { readonly ProcessorConfig?: { readonly Mode?: string } };
  const distributed = processor.ProcessorConfig?.Mode === 'DISTRIBUTED';
  const evaluate = async (template: unknown, item?: object) => evaluated(template, input, identity, item ?? outer);
  const items = await itemsOf(state, input, evaluate, options);
  const selector = state.ItemSelector ?? state.Parameters;
  const limits = await limitsOf(state, evaluate, distributed, items.length);
  const stateMachineArn = `${identity.stateMachineArn}/${String(state.Label ?? name.replace(/\W+/g, '-'))}`;
  const mapRunArn = `${stateMachineArn.replace(':stateMachine:', ':mapRun:')}:${randomUUID()}`;
  if (distributed) await options.onMapRun(mapRunArn);
  const given = options.signal;
  const tooMany = new AbortController();
  const signal = AbortSignal.any([given, tooMany.signal]);
  // one for each item that is worked on
  setMaxListeners(Infinity, signal);
  const runs: ItemRun[] = [];
  let next = 0;
  let failed = 0;

  const work = async () => {
    while (next < items.length) {
      const index = next++;
      const item = items[index];
      const place = { Index: index, Value: item };
      const itemInput: JsonValue = selector === undefined ? item : await evaluate(selector, place);
      if (signal.aborted) {
        runs.push({ index, input: itemInput, outcome: { status: 'PENDING' } });
        continue;
      }
      const own = distributed ? { stateMachineArn, executionArn: executionArnOf(stateMachineArn), startedAt: new Date().toISOString() } : identity;
      const outcome = await (distributed ? runDefinition : runStates)(processor, itemInput, own, { ...options, signal }, place);
      runs.push({ index, input: itemInput, executionArn: own.executionArn, outcome });
      if (outcome.status === 'SUCCEEDED' || outcome.status === 'ABORTED') continue;
      if (++failed > limits.tolerated) tooMany.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.concurrency, items.length) }, work));
  runs.sort((a, b) => a.index - b.index);

  const written = await writeResults(state, runs, mapRunArn, evaluate, options);
  if (given.aborted) throw new StatesError('States.Runtime', 'the execution was aborted');
  if (failed > limits.tolerated) {
    const first = runs.find(({ outcome }) => outcome.status === 'FAILED' || outcome.status === 'TIMED_OUT')!.outcome as { readonly error: string; readonly cause: string };
    if (!distributed) throw new StatesError(first.error, first.cause);
    throw new StatesError('States.ExceedToleratedFailureThreshold', `${failed} of ${items.length} items have failed, tolerated are ${limits.tolerated}; the first by ${first.error}: ${first.cause}`);
  }
  return written ?? runs.map(({ outcome, input: itemInput }) => (outcome.status === 'SUCCEEDED' ? outcome.output : failureOf(outcome, itemInput)));
}

type Evaluate = (template: unknown, item?: object) => Promise<any>;

async function itemsOf(state: StateDefinition, input: JsonValue, evaluate: Evaluate, { objects }: ExecutionOptions): Promise<JsonValue[]> {
  const reader = state.ItemReader as JsonObject | undefined;
  if (reader) return readItems(reader, await evaluate(reader.Parameters ?? {}), objects);
  const items = typeof state.ItemsPath === 'string' ? (await evaluate({ 'items.$': state.ItemsPath })).items : input;
  if (!Array.isArray(items)) throw new StatesError('States.Runtime', 'the items of a Map are no list');
  return items;
}

async function limitsOf(state: StateDefinition, evaluate: Evaluate, distributed: boolean, count: number) {
  const number = async (name: string): Promise<number> => {
    const path = state[`${name}Path`];
    return Number(typeof path === 'string' ? (await evaluate({ 'value.$': path })).value : state[name] ?? 0);
  };
  const most = distributed ? LOCAL_CONCURRENCY : INLINE_CONCURRENCY;
  const concurrency = Math.min(await number('MaxConcurrency') || most, most);
  // to be over one of the two is enough
  const isSaid = (name: string) => [name, `${name}Path`].some((key) => key in state);
  const tolerated = Math.min(
    isSaid('ToleratedFailureCount') ? await number('ToleratedFailureCount') : Infinity,
    isSaid('ToleratedFailurePercentage') ? Math.floor(await number('ToleratedFailurePercentage') / 100 * count) : Infinity,
  );
  return { concurrency, tolerated: Number.isFinite(tolerated) ? tolerated : 0 };
}

function failureOf(outcome: ItemRun['outcome'], input: JsonValue): JsonValue {
  return { Input: JSON.stringify(input), ...('error' in outcome ? { Error: outcome.error, Cause: outcome.cause } : {}), Status: outcome.status };
}

/** Writes what Step Functions writes: a manifest, and a file for each way to end. */
async function writeResults(
  state: StateDefinition, runs: readonly ItemRun[], mapRunArn: string, evaluate: Evaluate, { objects }: ExecutionOptions,
): Promise<JsonValue | undefined> {
  const writer = state.ResultWriter as JsonObject | undefined;
  if (!writer) return undefined;
  const { Bucket: bucket, Prefix: prefix = '' } = await evaluate(writer.Parameters ?? {});
  if (typeof bucket !== 'string') throw new StatesError('States.ResultWriterFailed', 'the ResultWriter names no bucket');
  const write = async (key: string, content: string) => objects.write(bucket, key, content)
    .catch((error) => { throw new StatesError('States.ResultWriterFailed', error.message); });
  const folder = `${[prefix, mapRunArn.split(':').at(-1)!].filter(Boolean).join('/')}/`;
  const { OutputType: type = 'JSON' } = isObject(writer.WriterConfig) ? writer.WriterConfig : {};
  const ended = (statuses: readonly string[]) => runs.filter(({ outcome }) => statuses.includes(outcome.status));
  const entries = (...statuses: string[]) => ended(statuses).map(({ executionArn, input, outcome }) => ({
    ...(executionArn === undefined ? {} : { ExecutionArn: executionArn }),
    Input: JSON.stringify(input),
    ...('output' in outcome ? { Output: JSON.stringify(outcome.output) } : {}),
    ...('error' in outcome ? { Error: outcome.error, Cause: outcome.cause } : {}),
    Status: outcome.status,
  }));
  const files: Record<string, object[]> = {
    SUCCEEDED: entries('SUCCEEDED'), FAILED: entries('FAILED', 'TIMED_OUT', 'ABORTED'), PENDING: entries('PENDING'),
  };
  const manifest: Record<string, object[]> = {};
  for (const [status, list] of Object.entries(files)) {
    manifest[status] = [];
    if (list.length === 0) continue;
    const key = `${folder}${status}_0.${String(type).toLowerCase()}`;
    const content = type === 'JSONL' ? list.map((entry) => `${JSON.stringify(entry)}\n`).join('') : JSON.stringify(list);
    await write(key, content);
    manifest[status].push({ Key: key, Size: Buffer.byteLength(content) });
  }
  const key = `${folder}manifest.json`;
  await write(key, JSON.stringify({ DestinationBucket: bucket, MapRunArn: mapRunArn, ResultFiles: manifest }));
  return { MapRunArn: mapRunArn, ResultWriterDetails: { Bucket: bucket, Key: key } };
}
