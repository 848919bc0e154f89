// How long it takes to synthesize runtimes with storage and a command, as a ratio to the same runtimes of the official L2; and
// how long the library takes to load on top of aws-cdk-lib. Takes the compiled library.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROUNDS = 5;
const COUNTS = [1, 50, 200];
/** As many as the policies of one provider have room for; the official runtimes get the same stacks. */
const RUNTIMES_PER_STACK = 6;

/** Runs in a process of its own; says how many milliseconds it took. */
const SYNTH = `
  const { App, Stack } = require('aws-cdk-lib');
  const agentcore = require('aws-cdk-lib/aws-bedrockagentcore');
  const { AgentRuntime, Command, CommandRunner, SessionStorage } = require('./lib');
  const [own, count, perStack, outdir] = [process.argv[1] === 'own', Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
  function synth(count, outdir) {
    const app = new App({ outdir, analyticsReporting: false });
    let stack;
    for (let i = 0; i < count; i++) {
      if (i % perStack === 0) stack = new Stack(app, 'Stack' + i);
      const agentRuntimeArtifact = agentcore.AgentRuntimeArtifact.fromImageUri('111122223333.dkr.ecr.us-east-1.amazonaws.com/agent:1');
      if (!own) {
        new agentcore.Runtime(stack, 'Agent' + i, { agentRuntimeArtifact });
        continue;
      }
      const runtime = new AgentRuntime(stack, 'Agent' + i, { agentRuntimeArtifact, sessionStorage: new SessionStorage(stack, 'Workspace' + i) });
      new CommandRunner(stack, 'Check' + i, { runtime, command: Command.shell('npm test') });
    }
    app.synth();
  }
  synth(2, outdir + '-warm');
  const begun = process.hrtime.bigint();
  synth(count, outdir);
  process.stdout.write(String(Number(process.hrtime.bigint() - begun) / 1e6));
`;

/** What an app with official runtimes loads, and what the library adds to it, other modules of aws-cdk-lib among it. */
const LOAD = `
  const begun = process.hrtime.bigint();
  const { App, Stack } = require('aws-cdk-lib');
  const { Runtime, AgentRuntimeArtifact } = require('aws-cdk-lib/aws-bedrockagentcore');
  const stack = new Stack(new App({ outdir: process.argv[1] }), 'Stack');
  new Runtime(stack, 'Agent', { agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri('111122223333.dkr.ecr.us-east-1.amazonaws.com/agent:1') });
  const between = process.hrtime.bigint();
  require('./lib');
  const ended = process.hrtime.bigint();
  process.stdout.write(Number(between - begun) / 1e6 + ' ' + Number(ended - between) / 1e6);
`;

const directory = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
let runs = 0;

function run(source: string, ...args: readonly string[]): number[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', source, '--', ...args], {
    cwd: join(__dirname, '..'), encoding: 'utf8', env: { PATH: process.env.PATH, CDK_VALIDATION: 'false' },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split(' ').map(Number);
}

function synth(kind: 'own' | 'official', count: number): number {
  return run(SYNTH, kind, String(count), String(RUNTIMES_PER_STACK), join(directory, `out-${runs++}`))[0];
}

try {
  console.log('| runtimes | official L2 (ms) | with storage and command (ms) | ratio | ms more for each runtime |');
  console.log('|---|---|---|---|---|');
  for (const count of COUNTS) {
    const times: Record<'own' | 'official', number[]> = { own: [], official: [] };
    // in turns, so that whatever else the machine does falls on both alike
    for (let round = 0; round < ROUNDS; round++) for (const kind of ['official', 'own'] as const) times[kind].push(synth(kind, count));
    const [official, own] = [median(times.official), median(times.own)];
    console.log(`| ${count} | ${official.toFixed(1)} | ${own.toFixed(1)} | ${(own / official).toFixed(2)} | ${((own - official) / count).toFixed(2)} |`);
  }
  const loads = Array.from({ length: ROUNDS }, () => run(LOAD, join(directory, `out-${runs++}`)));
  const [cdk, own] = [0, 1].map((part) => median(loads.map((load) => load[part])));
  console.log(`\nLoading the library takes ${own.toFixed(1)} ms on top of the ${cdk.toFixed(1)} ms of an app with an official runtime (${(own / cdk).toFixed(2)}).`);
} finally {
  rmSync(directory, { recursive: true });
}
