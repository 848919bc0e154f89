// What it costs to synthesize runtimes with storage and a command, as ratios to the same runtimes of the official L2, and to the
// same resources written by hand; and what the library adds to the loading of an app. Takes the compiled library.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildSync } from 'esbuild';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const COUNTS = [1, 50, 200];
const KINDS = ['official', 'by-hand', 'own'] as const;
const ROOT = join(__dirname, '..');

const directory = mkdtempSync(join(tmpdir(), 'bench-synth-'));
let runs = 0;

function measure<Result = number>(what: string, kind: typeof KINDS[number], ...args: readonly string[]): Result {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(directory, 'bench/synth/measure.js'), what, kind, ...args, join(directory, `out-${runs++}`)], {
    cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH, CDK_VALIDATION: 'false' },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The median of several rounds for each kind; in turns, so that whatever else the machine does falls on all alike. */
function medians(what: string, ...args: readonly string[]): Record<typeof KINDS[number], number> {
  const rounds = Array.from({ length: ROUNDS }, () => KINDS.map((kind) => measure(what, kind, ...args)));
  const [official, hand, own] = KINDS.map((_, i) => median(rounds.map((round) => round[i])));
  return { official, 'by-hand': hand, own };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

try {
  buildSync({
    entryPoints: ['measure', ...KINDS].map((name) => join(__dirname, 'synth', `${name}.ts`)),
    outdir: join(directory, 'bench/synth'),
    format: 'cjs',
    platform: 'node',
    target: 'node20',
  });
  for (const name of ['lib', 'node_modules']) symlinkSync(join(ROOT, name), join(directory, name));
  if (!isDeepStrictEqual(measure<object>('template', 'by-hand'), measure<object>('template', 'own'))) {
    throw new Error('what is written by hand in bench/synth/by-hand.ts is not what the library renders any more; bring it up to date');
  }

  console.log('| runtimes | official L2, bare (ms) | the same resources by hand (ms) | this library (ms) | ratio to the bare | ratio to by hand | ms more than by hand for each |');
  console.log('|---|---|---|---|---|---|---|');
  for (const count of COUNTS) {
    const { official, 'by-hand': hand, own } = medians('synth', String(count));
    console.log(`| ${count} | ${official.toFixed(0)} | ${hand.toFixed(0)} | ${own.toFixed(0)} | ${(own / official).toFixed(2)} | ${(own / hand).toFixed(3)} (at most 1.05) | ${((own - hand) / count).toFixed(2)} |`);
  }
  const { official, 'by-hand': hand, own } = medians('first');
  console.log(`| loading, and the first | ${official.toFixed(0)} | ${hand.toFixed(0)} | ${own.toFixed(0)} | ${(own / official).toFixed(2)} | ${(own / hand).toFixed(3)} | ${(own - hand).toFixed(1)} |`);
  const load = median(Array.from({ length: ROUNDS }, () => measure('load', 'official', join(ROOT, 'lib'))));
  console.log(`\nLoading the library alone takes ${load.toFixed(1)} ms after an app with an official runtime. All times are of the processor.`);
} finally {
  rmSync(directory, { recursive: true });
}
