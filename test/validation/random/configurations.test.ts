import { mkdtempSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { Configuration, configurations } from './configuration';
import { faultsOfMessage, refusedByService } from './judge';
import { synthesize } from './synthesis';
import { AgentCoreChecks } from '../../../src';

/**
 * How many configurations are tried; ten thousand take about a minute:
 * `RANDOM_CONFIGURATIONS=10000 npx jest test/validation/random`. Another seed tries others: `RANDOM_SEED=7`.
 */
const COUNT = Number(process.env.RANDOM_CONFIGURATIONS ?? 2_000);
const SEED = Number(process.env.RANDOM_SEED ?? 20_260);
const BATCH = 50;

/** How a configuration ended, by the index of its stack. */
interface Outcomes {
  readonly synthesized: number[];
  readonly refused: Map<number, string[]>;
  readonly refusedByCdk: number[];
  readonly faults: string[];
}

let outdir: string;

beforeEach(() => {
  outdir = mkdtempSync(path.join(os.tmpdir(), 'random-configurations-'));
});

afterEach(() => rmSync(outdir, { recursive: true }));

function run(batch: readonly Configuration[], directory: string): Outcomes {
  const { synthesized, refused, refusedByCdk } = synthesize(batch, directory);
  const outcomes: Outcomes = { synthesized: [...synthesized.keys()], refused: new Map(), refusedByCdk, faults: [] };
  for (const [i, { messages, byValue }] of refused) {
    outcomes.refused.set(i, [...messages]);
    for (const message of messages) {
      const pathless = !byValue && !message.includes(`S${i}/`) ? ['names no construct'] : [];
      for (const fault of [...pathless, ...faultsOfMessage(message, batch[i])]) outcomes.faults.push(`${fault}: ${message}\n${JSON.stringify(batch[i])}`);
    }
  }
  for (const [i, { template, templatePath }] of synthesized) {
    const errors = new AgentCoreChecks().validate({ templatePaths: [templatePath] }).violations.filter(({ severity }) => severity === 'error');
    for (const message of [...refusedByService(template), ...errors.map(({ description }) => description)]) {
      outcomes.faults.push(`synthesized what the service refuses: ${message}\n${JSON.stringify(batch[i])}`);
    }
  }
  return outcomes;
}

function runAll(all: readonly Configuration[]): Outcomes & { readonly count: number } {
  const total: Outcomes = { synthesized: [], refused: new Map(), refusedByCdk: [], faults: [] };
  for (let start = 0; start < all.length; start += BATCH) {
    const outcomes = run(all.slice(start, start + BATCH), path.join(outdir, String(start)));
    total.synthesized.push(...outcomes.synthesized.map((i) => start + i));
    total.refusedByCdk.push(...outcomes.refusedByCdk.map((i) => start + i));
    for (const [i, messages] of outcomes.refused) total.refused.set(start + i, messages);
    total.faults.push(...outcomes.faults);
    rmSync(path.join(outdir, String(start)), { recursive: true });
  }
  return { ...total, count: all.length };
}

it('configurations without a fault synthesize', () => {
  const { synthesized, refused, faults, count } = runAll(fc.sample(configurations(0), { numRuns: Math.ceil(COUNT * 0.2), seed: SEED }));
  expect(faults).toEqual([]);
  expect([...refused.values()]).toEqual([]);
  expect(synthesized).toHaveLength(count);
}, 1_800_000);

it.each([
  [0.01, 0.3],
  [0.05, 0.3],
  [0.3, 0.2],
])('configurations of which %d is odd synthesize, or are refused with construct, value and rule', (mischief, share) => {
  const all = fc.sample(configurations(mischief), { numRuns: Math.ceil(COUNT * share), seed: SEED });
  const { synthesized, refused, refusedByCdk, faults, count } = runAll(all);
  expect(faults.slice(0, 3)).toEqual([]);
  expect(synthesized.length + refused.size + refusedByCdk.length).toBe(count);
  // else the configurations would try one side only
  expect(refused.size).toBeGreaterThan(count / 5);
  if (mischief < 0.05) expect(synthesized.length).toBeGreaterThan(count / 10);
}, 1_800_000);
