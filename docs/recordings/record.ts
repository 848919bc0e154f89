// Lets the program run in tmux against a local AgentCore, and keeps what the terminal showed as `*.ansi`. Needs tmux and jq.
import { ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { Recording, RECORDINGS } from './recordings';

const CLI = resolve(__dirname, '../../bin/cdk-agentcore');
const SESSION = 'fix-the-flaky-test-of-the-parser-0001';
const PATIENCE_MILLIS = 120_000;

for (const program of ['tmux', 'jq']) {
  if (spawnSync('which', [program]).status !== 0) throw new Error(`${program} is not there; on Debian: apt-get install ${program}`);
}

const home = mkdtempSync(join(tmpdir(), 'recordings-'));
const socket = `recordings-${process.pid}`;
const tmux = (...args: string[]) => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });

/** What is the same for everybody in place of what is not. */
function neutral(text: string, runtimeId: string): string {
  const told = text.replaceAll(runtimeId, 'coder-a1b2c3d4e5').replaceAll(home, '/home/you');
  const names = [process.cwd(), hostname(), ...userInfo().username === 'root' ? [] : [userInfo().username]];
  const found = names.filter((name) => told.includes(name));
  if (found.length > 0) throw new Error(`a capture tells ${found.join(', ')} of this machine: ${told}`);
  return told;
}

async function record({ name, lines, when }: Recording, environment: Record<string, string>, runtimeId: string): Promise<void> {
  const script = join(home, `${name}.sh`);
  const typed = lines.map((line) => `printf '\\033[32m$\\033[0m %s\\n' ${JSON.stringify(line).replace(/\$/g, '\\$')}\n${line}\n`).join('');
  const exports = Object.entries(environment).map(([key, value]) => `export ${key}='${value}'\n`).join('');
  writeFileSync(script, `${exports}${typed}tmux -L ${socket} set -g @done yes\nexec sleep 1000\n`);
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '108', '-y', '30', '-c', home, `sh ${script}`);
  let capture = '';
  const until = Date.now() + PATIENCE_MILLIS;
  for (let done = false; !done; await sleep(20)) {
    if (Date.now() > until) throw new Error(`${name} does not come to its end: ${capture}`);
    const isOver = spawnSync('tmux', ['-L', socket, 'show', '-gv', '@done'], { encoding: 'utf8' }).stdout.trim() === 'yes';
    capture = tmux('capture-pane', '-e', '-p');
    if (isOver && when && !when.test(capture)) throw new Error(`${name} was over before ${when} was seen`);
    done = when ? when.test(capture) : isOver;
  }
  tmux('kill-server');
  writeFileSync(join(__dirname, `${name}.ansi`), `${neutral(capture, runtimeId).trimEnd()}\n`);
  console.log(`${name}.ansi`);
}

async function main(): Promise<void> {
  let server: ChildProcess | undefined;
  try {
    mkdirSync(join(home, 'bin'));
    symlinkSync(CLI, join(home, 'bin', 'cdk-agentcore'));
    mkdirSync(join(home, 'src'));
    for (const [file, text] of [['parser.js', 'exports.parse = (text) => text.split(/\\s+/);\n'], ['parser.test.js', "require('./parser');\n"], ['README.md', '# Parser\n']]) {
      writeFileSync(join(home, 'src', file), text);
    }
    // as little as can be compressed
    writeFileSync(join(home, 'model.bin'), randomBytes(12_000_000));
    server = spawn(process.execPath, [CLI, 'local', 'start', '--port', '0', '--state', 'state'], { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = await once(createInterface(server.stdout!), 'line');
    const { endpoint } = JSON.parse(line);
    const control = new BedrockAgentCoreControlClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const { agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: 'coder',
      roleArn: 'arn:aws:iam::000000000000:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    }));
    control.destroy();
    const environment = {
      PATH: `${join(home, 'bin')}:${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: home,
      TERM: 'screen-256color',
      CDK_AGENTCORE_ENDPOINT: endpoint,
      CDK_AGENTCORE_SESSION: SESSION,
    };
    for (const recording of RECORDINGS) await record(recording, environment, agentRuntimeId!);
  } finally {
    spawnSync('tmux', ['-L', socket, 'kill-server']);
    if (server) {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    }
    rmSync(home, { recursive: true, force: true });
  }
}

void main();
