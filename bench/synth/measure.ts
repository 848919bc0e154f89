// Runs in a process of its own; prints what it has measured, as JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';

type Declare = (stack: Stack, n: number) => void;

// at run time, since it is part of what is measured
const load = createRequire(__filename);
const [, , what, kind, ...args] = process.argv;

/** As many as the policies of one provider have room for; all kinds get the same stacks. */
const RUNTIMES_PER_STACK = 6;

/** Processor time in milliseconds: on a busy machine the time on the clock says little. */
function cost(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

function synth(count: number, outdir: string): void {
  const { App, Stack: CdkStack } = load('aws-cdk-lib') as typeof import('aws-cdk-lib');
  const { declareAgent } = load(`./${kind}`) as { declareAgent: Declare };
  const app = new App({ outdir, analyticsReporting: false });
  let stack: Stack;
  for (let n = 0; n < count; n++) {
    if (n % RUNTIMES_PER_STACK === 0) stack = new CdkStack(app, `Stack${n}`);
    declareAgent(stack!, n);
  }
  app.synth();
}

/** The template with logical ids by their order, and without the hash of the provider's bundle. */
function template(outdir: string): unknown {
  synth(2, outdir);
  const text = readFileSync(join(outdir, 'Stack0.template.json'), 'utf8');
  const ids = Object.keys((JSON.parse(text) as { Resources: object }).Resources);
  const masked = [...ids.entries()].sort(([, a], [, b]) => b.length - a.length).reduce((rest, [i, id]) => rest.replaceAll(id, `resource${i}`), text);
  return JSON.parse(masked.replace(/[0-9a-f]{64}/g, 'hash'));
}

const measurements: Record<string, () => unknown> = {
  synth: () => {
    synth(2, `${args[1]}-warm`);
    return cost(() => synth(Number(args[0]), args[1]));
  },
  // up to the first assembly
  first: () => cost(() => synth(1, args[0])),
  // the library alone, where an app with official runtimes is loaded already
  load: () => {
    const [lib, outdir] = args;
    synth(1, outdir);
    return cost(() => load(lib));
  },
  template: () => template(args[0]),
};

process.stdout.write(JSON.stringify(measurements[what]()));
