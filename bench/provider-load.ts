// How long the provider's bundle takes to load, as a ratio to the two bare SDK clients bundled in the same way.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROUNDS = 15;
const PROVIDER = join(__dirname, '../assets/provider/handler/index.js');

const directory = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  const source = join(__dirname, 'bare-clients.ts');
  const bare = join(directory, 'bare.js');
  buildSync({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    mainFields: ['module', 'main'],
    outfile: bare,
    alias: { '@aws-sdk/credential-provider-node': join(__dirname, '../src/provider/function-credentials.ts') },
  });
  const probe = join(directory, 'probe.js');
  writeFileSync(probe, 'const begun = process.hrtime.bigint(); require(process.argv[2]); process.stdout.write(String(process.hrtime.bigint() - begun));');

  // in turns, so that whatever else the machine does falls on both alike
  const times: Record<string, number[]> = { [bare]: [], [PROVIDER]: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const file of [bare, PROVIDER]) {
      const { stdout } = spawnSync(process.execPath, [probe, file], { encoding: 'utf8', env: { PATH: process.env.PATH, AWS_REGION: 'us-east-1' } });
      times[file].push(Number(stdout) / 1e6);
    }
  }
  const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const size = (file: string) => statSync(file).size;
  console.log('| provider bundle | bare clients | provider | ratio |');
  console.log('|---|---|---|---|');
  console.log(`| load time, median of ${ROUNDS} (ms) | ${median(times[bare]).toFixed(1)} | ${median(times[PROVIDER]).toFixed(1)} | ${(median(times[PROVIDER]) / median(times[bare])).toFixed(2)} |`);
  console.log(`| size (bytes) | ${size(bare)} | ${size(PROVIDER)} | ${(size(PROVIDER) / size(bare)).toFixed(2)} |`);
} finally {
  rmSync(directory, { recursive: true });
}
