// Runs the overnight agent on this machine: its loop, the gates that it does not pass at first, and what it pushes in the end.
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import pc from 'picocolors';

const ROOT = resolve(__dirname, '../..');
const CLI = join(ROOT, 'bin', 'cdk-agentcore');
const HOME = mkdtempSync(join(tmpdir(), 'overnight-agent-'));
const ASSEMBLY = join(HOME, 'cdk.out');
const REPOSITORIES = join(HOME, 'repositories');

const environment: NodeJS.ProcessEnv = { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_VALIDATION: 'false' };

const TESTS = `'use strict';
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { median } = require('./median');

test('numbers in any order', () => assert.equal(median([5, 1, 3]), 3));
test('an even count of numbers', () => assert.equal(median([4, 1, 2, 3]), 2.5));
`;

let steps = 0;
function step(title: string): void {
  console.log(`\n${pc.bold(pc.cyan(`${++steps}. ${title}`))}`);
}

function show(shown: string, program: string, args: readonly string[], cwd = __dirname): string {
  console.log(pc.bold(`$ ${shown.split(HOME).join('.')}`));
  return quietly(program, args, cwd, true);
}

function quietly(program: string, args: readonly string[], cwd: string, print = false): string {
  const { status, stdout, error } = spawnSync(program, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  if (error) throw error;
  if (print) process.stdout.write(stdout);
  if (status !== 0) throw new Error(`"${program} ${args.join(' ')}" exited with ${status}`);
  return stdout;
}

function agentcore(...args: string[]): string {
  const shown = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
  return show(`cdk-agentcore ${shown}`, process.execPath, [CLI, ...args]);
}

/** A bare repository with tests, and nothing that would pass them. */
function makeRepository(): string {
  const bare = join(REPOSITORIES, 'project.git');
  const work = join(HOME, 'work');
  mkdirSync(work);
  quietly('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], HOME);
  quietly('git', ['init', '--quiet', '--initial-branch=main'], work);
  writeFileSync(join(work, 'median.test.js'), TESTS);
  quietly('git', ['add', '--all'], work);
  quietly('git', ['-c', 'user.name=you', '-c', 'user.email=you@example.com', 'commit', '--quiet', '--message', 'Say what median has to do'], work);
  quietly('git', ['push', '--quiet', bare, 'HEAD:main'], work);
  return bare;
}

/** Serves the repositories to sessions, which have no other way to this machine's files. */
async function serveRepositories(): Promise<{ daemon: ChildProcess; ended: Promise<void>; url: string }> {
  const port = await new Promise<number>((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => done(free));
    });
  });
  const args = ['daemon', '--export-all', '--enable=receive-pack', '--reuseaddr', '--verbose', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${REPOSITORIES}`, REPOSITORIES];
  const daemon = spawn('git', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((done) => daemon.once('exit', () => done()));
  await new Promise<void>((done, fail) => {
    createInterface(daemon.stderr!).on('line', (line) => {
      if (/Ready to rumble/i.test(line)) done();
    });
    daemon.once('error', fail);
    daemon.once('exit', (code) => fail(new Error(`git daemon ended with ${code}`)));
  });
  return { daemon, ended, url: `git://127.0.0.1:${port}/project.git` };
}

async function startServer(): Promise<{ server: ChildProcess; ended: Promise<void> }> {
  console.log(pc.bold('$ cdk-agentcore local start --port 0 &'));
  const server = spawn(process.execPath, [CLI, 'local', 'start', '--port', '0', '--state', join(HOME, 'agentcore')], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((done) => server.once('exit', () => done()));
  const ready = await new Promise<string>((done, fail) => {
    createInterface(server.stdout!).once('line', done);
    server.once('exit', (code) => fail(new Error(`the local AgentCore ended with ${code}`)));
  });
  environment.CDK_AGENTCORE_ENDPOINT = JSON.parse(ready).endpoint;
  return { server, ended };
}

async function story(): Promise<void> {
  step('A bare repository, in which there are tests for a function that nobody has written yet');
  const bare = makeRepository();
  show('git log --oneline main', 'git', ['log', '--oneline', 'main'], bare);
  const { daemon, ended: daemonEnded, url } = await serveRepositories();
  const { server, ended } = await startServer();
  try {
    step('Deploy the agent and its loop');
    show(`cdk synth --context remote=${url}`, process.execPath, [
      join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), 'synth', '--quiet', '--output', ASSEMBLY, '--context', `remote=${url}`,
    ]);
    agentcore('local', 'deploy', ASSEMBLY, '--state', join(HOME, 'stacks'));

    step('It is night: the loop runs, round after round, until the gates pass');
    const summary = JSON.parse(agentcore('local', 'execute', 'Loop', '--input', '{"task": "write what the tests ask for"}', '--state', join(HOME, 'stacks')));
    if (summary.outcome !== 'Passed' || !summary.sessionStopped) throw new Error(`expected a loop that has passed and stopped its session, but it is ${JSON.stringify(summary)}`);

    step('It is morning: what was pushed');
    const log = show('git log --oneline main', 'git', ['log', '--oneline', 'main'], bare);
    if (log.trim().split('\n').length !== summary.iterations + 1) throw new Error('expected one commit for each round');
    show('git show main:median.js', 'git', ['show', 'main:median.js'], bare);

    step('Destroy the stack');
    agentcore('local', 'destroy', ASSEMBLY, '--state', join(HOME, 'stacks'));
  } finally {
    server.kill('SIGTERM');
    daemon.kill('SIGTERM');
    await Promise.all([ended, daemonEnded]);
  }
}

story()
  .then(() => console.log(`\n${pc.bold(pc.green('That is the whole story.'))}`))
  .catch((error: Error) => {
    console.error(pc.red(`\nthe demo stopped: ${error.message}`));
    process.exitCode = 1;
  })
  .finally(() => rmSync(HOME, { recursive: true, force: true }));
