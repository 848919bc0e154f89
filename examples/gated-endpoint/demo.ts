// Shows on this machine what a gate keeps away from customers, and what it lets through.
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import pc from 'picocolors';

const ROOT = resolve(__dirname, '../..');
const CLI = join(ROOT, 'bin', 'cdk-agentcore');
const HOME = mkdtempSync(join(tmpdir(), 'gated-endpoint-'));
const ASSEMBLY = join(HOME, 'cdk.out');

const environment: NodeJS.ProcessEnv = {
  ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_VALIDATION: 'false', CDK_AGENTCORE_SESSION: `customer-${randomUUID()}`,
};

let steps = 0;
function step(title: string): void {
  console.log(`\n${pc.bold(pc.cyan(`${++steps}. ${title}`))}`);
}

function show(shown: string, program: string, args: readonly string[], expected: 'succeeds' | 'fails' = 'succeeds'): string {
  console.log(pc.bold(`$ ${shown}`));
  const { status, stdout, error } = spawnSync(program, args, { cwd: __dirname, env: environment, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  if (error) throw error;
  process.stdout.write(stdout);
  if ((status === 0) !== (expected === 'succeeds')) throw new Error(`"${shown}" exited with ${status}, but in this story it ${expected}`);
  return stdout;
}

function agentcore(args: readonly string[], expected: 'succeeds' | 'fails' = 'succeeds'): string {
  const shown = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ').split(HOME).join('.');
  return show(`cdk-agentcore ${shown}`, process.execPath, [CLI, ...args], expected);
}

function deploy(context: readonly string[], expected: 'succeeds' | 'fails' = 'succeeds'): string {
  const args = ['synth', '--quiet', '--output', ASSEMBLY, ...context.flatMap((pair) => ['--context', pair])];
  show(`cdk synth${context.map((pair) => ` --context ${pair}`).join('')}`, process.execPath, [join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args]);
  return agentcore(['local', 'deploy', ASSEMBLY, '--state', join(HOME, 'stacks')], expected);
}

/** A customer comes back later, to a machine that is started for that. */
function order(payload: object): { basket: string[]; cents: number } {
  const answer = agentcore(['invoke', '--qualifier', 'prod', JSON.stringify(payload)]);
  agentcore(['stop', '--qualifier', 'prod']);
  return JSON.parse(answer);
}

function must(found: boolean, what: string): void {
  if (!found) throw new Error(`expected ${what}`);
  console.log(pc.green(`✔ ${what}`));
}

async function startServer(): Promise<{ server: ChildProcess; ended: Promise<void> }> {
  const args = ['local', 'start', '--port', '0', '--state', join(HOME, 'agentcore')];
  console.log(pc.bold('$ cdk-agentcore local start --port 0 &'));
  const server = spawn(process.execPath, [CLI, ...args], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  const ready = await new Promise<string>((done, fail) => {
    createInterface(server.stdout!).once('line', done);
    server.once('exit', (code) => fail(new Error(`the local AgentCore ended with ${code}`)));
  });
  environment.CDK_AGENTCORE_ENDPOINT = JSON.parse(ready).endpoint;
  return { server, ended };
}

async function story(): Promise<void> {
  step('Start a local AgentCore');
  const { server, ended } = await startServer();
  try {
    step('Deploy the shop: it passes its self-test, and only then the endpoint for customers comes up');
    must(deploy([]).includes('ProdVersion = 1'), 'customers are on version 1');

    step('A customer puts a book into the basket');
    order({ add: { name: 'book', cents: 2000 } });

    step('Deploy a discount of 110 %: the self-test fails on the new version, and the deployment is rolled back');
    deploy(['discount=110'], 'fails');
    const after = order({ add: { name: 'pen', cents: 150 } });
    must(after.basket.join() === 'book,pen' && after.cents === 1935, 'the customer still has the basket, at the old discount');

    step('Deploy what is there: the roll-back has made a version 3, but that is version 1 in all but its number');
    must(deploy([]).includes('ProdVersion = 1'), 'the endpoint has not moved');

    step('Deploy a discount of 20 %: it passes, and the endpoint moves; that empties the baskets');
    must(deploy(['discount=20']).includes('ProdVersion = 4'), 'customers are on version 4');
    must(order({ add: { name: 'lamp', cents: 5000 } }).cents === 4000, 'the new discount counts');

    step('Something is wrong after all: hold the endpoint on version 1, whatever the runtime is on');
    must(deploy(['discount=20', 'hold=1']).includes('ProdVersion = 1'), 'customers are back on version 1');

    step('Destroy the stack');
    agentcore(['local', 'destroy', ASSEMBLY, '--state', join(HOME, 'stacks')]);
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}

story()
  .then(() => console.log(`\n${pc.bold(pc.green('That is the whole story.'))}`))
  .catch((error: Error) => {
    console.error(pc.red(`\nthe demo stopped: ${error.message}`));
    process.exitCode = 1;
  })
  .finally(() => rmSync(HOME, { recursive: true, force: true }));
