// How fast files get into a session and out of it by the shipped CLI, over HTTP, against the local AgentCore; beside it what
// the parts of the way can do by themselves. Takes the bundled CLI.
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';

const CLI = join(__dirname, '../bin/cdk-agentcore');
const SESSION = 'a-session-id-of-at-least-33-characters';
const LARGE_BYTES = Number(process.env.BENCH_LARGE_MB ?? 200) * 1_000_000;
const FILES = 1_000;

const home = mkdtempSync(join(tmpdir(), 'bench-transfer-'));
const environment: NodeJS.ProcessEnv = { PATH: process.env.PATH, CDK_AGENTCORE_SESSION: SESSION };

function cli(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: home, encoding: 'utf8', env: environment, maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`cdk-agentcore ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

const copy = (from: string, to: string) => JSON.parse(cli('cp', from, to, '--json')) as { bytes: number; resumedBytes: number; durationMillis: number };

async function sumOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

/** One checksum over the names and contents of a folder. */
function sumOfFolder(directory: string): string {
  const hash = createHash('sha256');
  for (const name of (readdirSync(directory, { recursive: true }) as string[]).sort()) {
    hash.update(`${name}\0`);
    if (/\.txt$/.test(name)) hash.update(readFileSync(join(directory, name)));
  }
  return hash.digest('hex');
}

/** Copies until so many of the bytes are there, is killed, and copies again. */
async function killedAndResumed(from: string, to: string, hasEnough: () => boolean) {
  const child = spawn(process.execPath, [CLI, 'cp', from, to, '--json'], { cwd: home, env: environment, stdio: 'ignore' });
  const exited = once(child, 'exit');
  let running = true;
  void exited.then(() => { running = false; });
  while (running && !hasEnough()) await new Promise((resolve) => setTimeout(resolve, 20));
  if (!running) throw new Error(`the copy of ${from} ended before it could be killed`);
  child.kill('SIGKILL');
  await exited;
  return copy(from, to);
}

const partialSize = (directory: string) => readdirSync(directory).filter((name) => /^\.agentcore-.*\.part$/.test(name))
  .reduce((sum, name) => sum + Number(spawnSync('stat', ['-c', '%s', join(directory, name)], { encoding: 'utf8' }).stdout), 0);

async function main(): Promise<void> {
  const server: ChildProcess = spawn(process.execPath, [CLI, 'local', 'start', '--port', '0', '--state', 'state'], { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const ready = JSON.parse(await new Promise<string>((resolve) => createInterface(server.stdout!).once('line', resolve))) as { endpoint: string; driver: string };
    environment.CDK_AGENTCORE_ENDPOINT = ready.endpoint;
    const control = new BedrockAgentCoreControlClient({ endpoint: ready.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    await control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: 'coder',
      roleArn: 'arn:aws:iam::000000000000:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    }));
    control.destroy();
    cli('run', '--session', SESSION, '--', 'true');
    const storage = join(home, 'state/storage', readdirSync(join(home, 'state/storage'))[0], 'mounts/workspace');
    if (!existsSync(storage)) throw new Error(`the session's storage is not at ${storage}`);

    const large = join(home, 'large');
    for (let written = 0; written < LARGE_BYTES; written += 10_000_000) writeFileSync(large, randomBytes(Math.min(10_000_000, LARGE_BYTES - written)), { flag: 'a' });
    for (let n = 0; n < FILES; n++) {
      const directory = join(home, 'folder', `d${n % 20}`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `f${n}.txt`), `line of file ${n}\n`.repeat(n % 500));
    }
    const sums = { large: await sumOfFile(large), folder: sumOfFolder(join(home, 'folder')) };

    const rows: [string, { bytes: number; resumedBytes: number; durationMillis: number }, boolean][] = [];
    const add = (what: string, result: typeof rows[number][1], isEqual: boolean) => {
      rows.push([what, result, isEqual]);
      process.stderr.write(`${what}: ${(result.durationMillis / 1000).toFixed(1)} s, equal: ${isEqual}\n`);
    };
    add(`${FILES} files in`, copy('folder', ':/mnt/workspace'), sumOfFolder(join(storage, 'folder')) === sums.folder);
    add(`${FILES} files in, again`, copy('folder', ':/mnt/workspace'), sumOfFolder(join(storage, 'folder')) === sums.folder);
    add(`${FILES} files out`, copy(':/mnt/workspace/folder', 'folder-back'), sumOfFolder(join(home, 'folder-back')) === sums.folder);
    add('large file in', copy('large', ':/mnt/workspace'), await sumOfFile(join(storage, 'large')) === sums.large);
    add('large file out', copy(':/mnt/workspace/large', 'large-back'), await sumOfFile(join(home, 'large-back')) === sums.large);
    rmSync(join(storage, 'large'));
    const killedIn = await killedAndResumed('large', ':/mnt/workspace/large', () => partialSize(storage) > LARGE_BYTES / 2);
    add('large file in, killed at half', killedIn, await sumOfFile(join(storage, 'large')) === sums.large);
    rmSync(join(home, 'large-back'));
    const killedOut = await killedAndResumed(':/mnt/workspace/large', 'large-back', () => partialSize(home) > LARGE_BYTES / 2);
    add('large file out, killed at half', killedOut, await sumOfFile(join(home, 'large-back')) === sums.large);

    console.log(`Sessions: ${ready.driver}. Times of the copy itself; killed ones, of the second try.\n`);
    console.log('| copy | bytes | of them earlier | seconds | MB/s | checksum equal |');
    console.log('|---|---|---|---|---|---|');
    for (const [what, { bytes, resumedBytes, durationMillis }, isEqual] of rows) {
      console.log(`| ${what} | ${bytes} | ${resumedBytes} | ${(durationMillis / 1000).toFixed(2)} | ${((bytes - resumedBytes) / durationMillis / 1000).toFixed(1)} | ${isEqual ? 'yes' : 'NO'} |`);
    }
    if (rows.some(([, , isEqual]) => !isEqual)) process.exitCode = 1;
  } finally {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
    rmSync(home, { recursive: true, force: true });
  }
}

void main();
