import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { oddFolder, snapshot } from '../client/transfer/trees';

// the file that `npx cdk-agentcore` runs
const CLI = join(__dirname, '../../bin/cdk-agentcore');
const SESSION = 'a-session-id-of-at-least-33-characters';

let home: string;
let server: ChildProcess;
let endpoint: string;

const environment = () => ({ PATH: process.env.PATH, XDG_STATE_HOME: home, CDK_AGENTCORE_ENDPOINT: endpoint, CDK_AGENTCORE_SESSION: SESSION });

function cli(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: home, encoding: 'utf8', env: environment(), input: '' });
  return { status, stdout, stderr };
}

const run = (script: string) => cli('run', '--session', SESSION, '--', script).stdout;

beforeAll(async () => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'cli-cp-'));
  server = spawn(process.execPath, [CLI, 'local', 'start', '--port', '0', '--state', 'state'], { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
  ({ endpoint } = JSON.parse(await new Promise<string>((resolve) => createInterface(server.stdout!).once('line', resolve))));
  const control = new BedrockAgentCoreControlClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  await control.send(new CreateAgentRuntimeCommand({
    agentRuntimeName: 'coder',
    roleArn: 'arn:aws:iam::000000000000:role/agent',
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
    networkConfiguration: { networkMode: 'PUBLIC' },
    filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
  }));
  control.destroy();
});

afterAll(async () => {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  rmSync(home, { recursive: true, force: true });
});

test('a file there and back, through a stop of its session, with one summary', () => {
  writeFileSync(join(home, 'f'), randomBytes(200_000));
  chmodSync(join(home, 'f'), 0o755);
  const there = cli('cp', 'f', ':/mnt/workspace/g', '--json');
  expect({ status: there.status, stderr: there.stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(there.stdout)).toMatchObject({ direction: 'upload', kind: 'file', target: '/mnt/workspace/g', files: 1, bytes: 200_000, resumedBytes: 0 });
  expect(run('sha256sum < /mnt/workspace/g').split(' ')[0]).toBe(JSON.parse(there.stdout).sha256);
  expect(cli('stop').status).toBe(0);
  const back = cli('cp', ':/mnt/workspace/g', '.');
  expect(back).toEqual({ status: 0, stdout: expect.stringMatching(/^copied 200 kB to .*g in [\d.]+ s\n$/), stderr: '' });
  expect(snapshot(home).g).toBe(snapshot(home).f);
});

test('a folder of a thousand files and one of odd names, there and back', () => {
  mkdirSync(join(home, 'many'));
  for (let n = 0; n < 1_000; n++) {
    const directory = join(home, 'many', `d${n % 10}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `f${n}`), `file ${n}\n`.repeat(n % 50));
  }
  oddFolder(join(home, 'odd'));
  for (const name of ['many', 'odd']) {
    expect(cli('cp', '-r', name, ':/mnt/workspace')).toMatchObject({ status: 0, stderr: '' });
    expect(cli('cp', `:/mnt/workspace/${name}`, `${name}-back`)).toMatchObject({ status: 0, stderr: '' });
    expect(snapshot(join(home, `${name}-back`))).toEqual(snapshot(join(home, name)));
  }
});

describe('killed without warning', () => {
  /** Copies until some of it is there, and then no more. */
  async function kill(from: string, to: string, size: () => number, enough: number): Promise<void> {
    const child = spawn(process.execPath, [CLI, 'cp', from, to], { cwd: home, env: environment(), stdio: 'ignore' });
    const exited = once(child, 'exit');
    for (let looks = 0; size() < enough; looks++) {
      if (child.exitCode !== null || looks > 10_000) throw new Error('the copy ended before it could be killed');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    expect((await exited)[1]).toBe('SIGKILL');
  }

  const partial = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []).filter((name) => /^\.agentcore-.*\.part$/.test(name));
  const sizeIn = (directory: string) => partial(directory).reduce((sum, name) => sum + readFileSync(join(directory, name)).length, 0);
  const storage = () => join(home, 'state/storage', readdirSync(join(home, 'state/storage'))[0], 'mounts/workspace');

  test('an upload goes on where it was', async () => {
    writeFileSync(join(home, 'big'), randomBytes(8_000_000));
    run('true');
    await kill('big', ':/mnt/workspace/big', () => sizeIn(storage()), 3_000_000);
    expect(run('ls /mnt/workspace/big 2>/dev/null')).toBe('');
    const { status, stdout } = cli('cp', 'big', ':/mnt/workspace/big', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).resumedBytes).toBeGreaterThan(1_000_000);
    expect(run('sha256sum < /mnt/workspace/big').split(' ')[0]).toBe(JSON.parse(stdout).sha256);
    expect(partial(storage())).toEqual([]);
  });

  test('a download goes on where it was', async () => {
    const { sha256 } = JSON.parse(run('head -c 60000000 /dev/urandom > /mnt/workspace/large; sha256sum /mnt/workspace/large').replace(/^(\w+).*\n$/, '{"sha256":"$1"}'));
    mkdirSync(join(home, 'down'));
    await kill(':/mnt/workspace/large', 'down', () => sizeIn(join(home, 'down')), 1);
    expect(readdirSync(join(home, 'down'))).toEqual(partial(join(home, 'down')));
    const { status, stdout } = cli('cp', ':/mnt/workspace/large', 'down', '--json');
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, sha256, resumedBytes: expect.any(Number), bytes: 60_000_000 });
    expect(JSON.parse(stdout).resumedBytes).toBeGreaterThan(0);
    expect(readdirSync(join(home, 'down'))).toEqual(['large']);
  });
});

describe('ls', () => {
  test('tells type, size, time and name of each', () => {
    run('mkdir -p /mnt/workspace/l/sub; cd /mnt/workspace/l; printf 12345 > file; ln -s file link; touch -d @86400 file; mkfifo pipe; printf x > "with space\nand line"');
    const entries = JSON.parse(cli('ls', '/mnt/workspace/l', '--json').stdout);
    expect(entries).toMatchObject([
      { name: 'file', type: 'file', size: 5, modifiedAt: '1970-01-02T00:00:00.000Z' },
      { name: 'link', type: 'link' },
      { name: 'pipe', type: 'other' },
      { name: 'sub', type: 'directory' },
      { name: 'with space\nand line', type: 'file', size: 1 },
    ]);
    const { stdout } = cli('ls', ':/mnt/workspace/l');
    expect(stdout.split('\n')).toHaveLength(6);
    expect(stdout).toMatch(/^- +5 {2}1970-01-02T00:00:00Z {2}file\n(.*\n)*d .* sub\/\n- .*"with space\\nand line"\n$/);
  });

  test('an empty directory, a file, and where commands start', () => {
    run('mkdir -p /mnt/workspace/e');
    expect(cli('ls', '/mnt/workspace/e')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(JSON.parse(cli('ls', '/etc/passwd', '--json').stdout)).toMatchObject([{ name: '/etc/passwd', type: 'file' }]);
    expect(cli('ls').status).toBe(0);
  });
});

test.each<[string, string[], RegExp]>([
  ['two local paths', ['cp', 'a', 'b'], /both paths are local; begin the one in the session with a colon/],
  ['two paths in the session', ['cp', ':/a', ':/b'], /both paths are in the session/],
  ['a path in the session that is not absolute', ['cp', 'many', ':workspace'], /remote path "workspace" is not absolute/],
  ['a local path that is missing', ['cp', 'nowhere', ':/mnt/workspace'], /local ".*nowhere" is not there/],
  ['a path that is missing in the session', ['cp', ':/mnt/workspace/nowhere', '.'], /the session has no "\/mnt\/workspace\/nowhere"/],
  ['a directory that is missing in the session', ['ls', '/nowhere'], /the session has no "\/nowhere"/],
  ['a session id that is too short', ['ls', '--session', 'short'], /session id "short" has 5 characters, allowed are 33 to 256/],
  ['no session', ['ls', '--session', ''], /session id "" has 0 characters/],
  ['a server that is not there', ['ls', '--endpoint', 'http://127.0.0.1:9'], /ECONNREFUSED/],
])('%s is told in one line, with 125', (_, args, message) => {
  const { status, stdout, stderr } = cli(...args);
  expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('links that lead out are refused, or left out on demand', () => {
  run('mkdir -p /mnt/workspace/links; cd /mnt/workspace/links; ln -s /etc/passwd out; ln -s ../../etc up; echo x > file; ln -s file in');
  expect(cli('cp', ':/mnt/workspace/links', 'links')).toMatchObject({ status: 125, stderr: expect.stringMatching(/symbolic link "(out|up)" .* outside of the folder; copy without such links \(--skip-links\)/) });
  expect(existsSync(join(home, 'links'))).toBe(false);
  expect(cli('cp', ':/mnt/workspace/links', 'links', '--skip-links')).toMatchObject({ status: 0, stderr: expect.stringContaining('left out') });
  expect(readdirSync(join(home, 'links')).sort()).toEqual(['file', 'in']);
  symlinkSync('/etc/passwd', join(home, 'links/out'));
  expect(cli('cp', 'links', ':/mnt/workspace/links-in').status).toBe(0);
  expect(run('readlink /mnt/workspace/links-in/out')).toBe('/etc/passwd\n');
});

test('without a session nothing is asked for', () => {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'ls'], { cwd: home, encoding: 'utf8', env: { PATH: process.env.PATH, CDK_AGENTCORE_ENDPOINT: endpoint } });
  expect(status).toBe(125);
  expect(stderr).toMatch(/no session is named.*--session/);
});
