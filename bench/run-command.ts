// What `run` costs on top of the bare SDK: throughput, latency, and how flat its memory stays. The service is a process of its own
// that does nothing but send frames made beforehand, so that it is not what is measured.
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';

const GIBIBYTE = 2 ** 30;
const THROUGHPUT_BYTES = 128 * 2 ** 20;
const THROUGHPUT_ROUNDS = 21;
const CALLS = 1_500;

interface Ratio { readonly bare: number; readonly run: number; readonly ratio: number }

const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

const directory = mkdtempSync(join(tmpdir(), 'bench-run-'));
let server: ChildProcess | undefined;

/** One measurement in a fresh process: what it prints, as JSON. */
function measure<Result>(...args: readonly (string | number)[]): Result {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(directory, 'measure.js'), ...args.map(String)], {
    encoding: 'utf8', env: { PATH: process.env.PATH, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function main(): Promise<void> {
  for (const name of ['measure', 'frames-server']) {
    const entryPoints = [join(__dirname, 'run-command', `${name}.ts`)];
    const outfile = join(directory, `${name}.js`);
    buildSync({ entryPoints, bundle: true, platform: 'node', target: 'node20', minify: true, mainFields: ['module', 'main'], outfile });
  }
  server = spawn(process.execPath, [join(directory, 'frames-server.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [endpoint] = await once(createInterface(server.stdout!), 'line') as [string];

  const throughput = measure<Ratio & { cpu: Omit<Ratio, 'ratio'> }>('throughput', endpoint, THROUGHPUT_ROUNDS, THROUGHPUT_BYTES);
  const rate = (millis: number) => (THROUGHPUT_BYTES / 2 ** 20 / (millis / 1_000)).toFixed(0);
  const latency = measure<Ratio>('latency', endpoint, CALLS);
  const memory = measure<{ peaks: number[]; characters: number }>('memory', endpoint, GIBIBYTE);

  console.log('| | bare SDK | run | ratio |');
  console.log('|---|---|---|---|');
  console.log(`| throughput, median of ${THROUGHPUT_ROUNDS} (MB/s) | ${rate(throughput.bare)} | ${rate(throughput.run)} | ${throughput.ratio.toFixed(3)} (at least 0.95) |`);
  // on a busy machine the time on the clock says little of one round; that of the processor does not depend on who else is there
  const { bare, run } = throughput.cpu;
  console.log(`| processor time for ${THROUGHPUT_BYTES / 2 ** 20} MB, median (ms) | ${bare.toFixed(0)} | ${run.toFixed(0)} | ${(bare / run).toFixed(3)} |`);
  console.log(`| latency, median of ${CALLS} calls (ms) | ${latency.bare.toFixed(3)} | ${latency.run.toFixed(3)} | ${latency.ratio.toFixed(3)} (at most 1.05) |`);
  console.log(`\nMemory while ${megabytes(memory.characters)} MB go through run, its peak in each tenth (MB): ${memory.peaks.map(megabytes).join(', ')}`);
}

main().finally(() => {
  server?.kill();
  rmSync(directory, { recursive: true });
}).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
