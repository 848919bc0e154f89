// Shows the whole story on this machine: deploy, let the agent work, look over its shoulder, stop, resume, update, destroy.
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import pc from 'picocolors';

const ROOT = resolve(__dirname, '../..');
const CLI = join(ROOT, 'bin', 'cdk-agentcore');
const HOME = mkdtempSync(join(tmpdir(), 'coding-agent-'));
const ASSEMBLY = join(HOME, 'cdk.out');
const SESSION = `demo-${randomUUID()}`;
const TASK = { name: 'slugify', examples: [['Hello World', 'hello-world'], ['  Crème Brûlée! ', 'creme-brulee']] };

const environment: NodeJS.ProcessEnv = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_VALIDATION: 'false', CDK_AGENTCORE_SESSION: SESSION };

let steps = 0;
function step(title: string): void {
  console.log(`\n${pc.bold(pc.cyan(`${++steps}. ${title}`))}`);
}

/** Runs a program as a person would and shows both its call and its output. */
function show(shown: string, program: string, args: readonly string[], expected: 'succeeds' | 'fails' = 'succeeds'): string {
  console.log(pc.bold(`$ ${shown}`));
  const { status, stdout, error } = spawnSync(program, args, { cwd: __dirname, env: environment, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  if (error) throw error;
  process.stdout.write(stdout);
  if ((status === 0) !== (expected === 'succeeds')) throw new Error(`"${shown}" exited with ${status}, but in this story it ${expected}`);
  return stdout;
}

/** Runs our command-line tool; options that only point at the local AgentCore are not shown. */
function agentcore(args: readonly string[], expected: 'succeeds' | 'fails' = 'succeeds'): string {
  const shown = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ').split(HOME).join('.');
  return show(`cdk-agentcore ${shown}`, process.execPath, [CLI, ...args], expected);
}

function inSession(command: string, expected: 'succeeds' | 'fails' = 'succeeds'): string {
  return agentcore(['run', '--', command], expected);
}

function deploy(...context: string[]): void {
  const args = ['synth', '--quiet', '--output', ASSEMBLY, ...context.flatMap((pair) => ['--context', pair])];
  show(`cdk synth${context.map((pair) => ` --context ${pair}`).join('')}`, process.execPath, [join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args]);
  agentcore(['local', 'deploy', ASSEMBLY, '--state', join(HOME, 'stacks')]);
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
  console.log(ready.split(HOME).join('.'));
  environment.CDK_AGENTCORE_ENDPOINT = JSON.parse(ready).endpoint;
  return { server, ended };
}

async function story(): Promise<void> {
  step('Start a local AgentCore: both planes of the service on one port, no account needed');
  const { server, ended } = await startServer();
  try {
    step('Synthesize the CDK app and deploy it: the provider bundle that ships to Lambda runs here, and checks the tool chain');
    deploy();

    step('Give the agent a task: it writes a function that satisfies the examples, a test, and commits both');
    agentcore(['invoke', JSON.stringify(TASK)]);

    step('Look over its shoulder: commands run in the same session, no model in between');
    inSession('cd /mnt/workspace/project && git log --stat --oneline && cat slugify.js');
    const tests = inSession('cd /mnt/workspace/project && node --test --test-reporter tap | tail -8');
    must(/^# pass 2$/m.test(tests) && /^# fail 0$/m.test(tests), "the agent's tests pass");
    inSession('echo "not in session storage" > ~/scratch.txt && cat ~/scratch.txt');

    step('Stop the session: its machine is gone, with every process and every file outside of the mount');
    agentcore(['stop']);

    step('Use the same session id again: a new machine, and the workspace is back');
    const log = inSession('cd /mnt/workspace/project && git status --short --branch && git log --oneline && git fsck && node --test > /dev/null && ls');
    must(log.includes('Add slugify'), 'git history and files are intact');
    inSession('cat ~/scratch.txt', 'fails');
    must(true, 'what was outside of the mount is gone');

    step('Deploy a tag: nothing about the runtime itself changes, so there is no new version');
    deploy('team=agents');
    must(inSession('ls /mnt/workspace').includes('project'), 'the workspace is still there');

    step('Change the environment: that makes a new version, and the service empties session storage behind DEFAULT');
    deploy('team=agents', 'mood=eager');
    inSession('echo "still the old machine, MOOD is $MOOD"');
    agentcore(['stop']);
    must(inSession('echo "MOOD is $MOOD, workspace:"; ls -A /mnt/workspace') === 'MOOD is eager, workspace:\n', 'a session that starts on the new version starts empty: push your work first');
    agentcore(['stop']);

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
