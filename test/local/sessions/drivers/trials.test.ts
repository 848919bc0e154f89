import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { sweepStaleComputes } from '../../../../src/local/sessions/drivers/compute-records';
import { sweepStalePipes } from '../../../../src/local/sessions/drivers/pipes';
import { startTimeOf } from '../../../../src/local/sessions/drivers/process-table';
import { describeWith, ROOT, testWith } from '../../../util/needs';
import { commandLines } from '../../../util/processes';
import { byDriver, describeDrivers, DRIVERS_HERE, eventually, Output, removeScratch, scratchDirectory } from '../support';

const NOBODY = 65534;
let stateDir: string;
let program: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  const directory = scratchDirectory();
  chmodSync(directory, 0o755);
  stateDir = join(directory, 'state');
  mkdirSync(join(stateDir, 'files'), { recursive: true });
  program = join(directory, 'trial.js');
  buildSync({ entryPoints: [join(__dirname, 'trial.ts')], outfile: program, bundle: true, platform: 'node', target: 'node20' });
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  removeScratch();
});

const isRunning = (args: string) => commandLines().includes(args);

describeDrivers((driver) => driver, (driver) => {
  const sleep = `sleep 2000.${process.pid}`;

  /** Kills a server once its session does what is asked for; returns what it has told. */
  async function crash(action: string, script: string): Promise<string> {
    const server = spawn(process.execPath, [program, action, stateDir, driver, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(server);
    const told = await new Promise<Buffer>((resolve) => server.stdout.once('data', resolve));
    await eventually(() => isRunning(sleep), 'the process of the session runs');
    const dead = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await dead;
    return told.toString();
  }

  test('a server that is killed leaves nothing running, at the latest when the next one starts', async () => {
    await crash('hold', `${sleep} >/dev/null 2>&1 & echo held`);
    if (driver !== 'process') await eventually(() => !isRunning(sleep), 'the background process died with the server');
    expect(await sweepStaleComputes(stateDir)).toEqual([expect.stringContaining('left behind by a server that crashed')]);
    await eventually(() => !isRunning(sleep), 'the background process is gone');
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
    expect(await sweepStaleComputes(stateDir)).toEqual([]);
  });

  test('neither does one that is killed while it kills a command, and so has stopped who leads it', async () => {
    const leader = Number(await crash('freeze', `${sleep} & echo begun; wait; true`));
    expect(startTimeOf(leader)).toBeDefined();
    await sweepStaleComputes(stateDir);
    await eventually(() => startTimeOf(leader) === undefined, 'who leads the command is gone');
  });
});

describe('sweepStaleComputes', () => {
  const record = (id: string, content: object | string) => {
    mkdirSync(join(stateDir, 'computes'), { recursive: true });
    writeFileSync(join(stateDir, 'computes', `${id}.json`), typeof content === 'string' ? content : JSON.stringify({ id, driver: 'process', ...content }));
  };

  test('spares a process that has only the id of the one it looks for', async () => {
    const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
    children.push(other);
    record('stale', { directory: join(stateDir, 'gone'), owner: { pid: other.pid, startTime: '1' }, holder: { pid: other.pid, startTime: '1' } });
    expect(await sweepStaleComputes(stateDir)).toHaveLength(1);
    expect(startTimeOf(other.pid!)).toBeDefined();
    expect(other.exitCode ?? other.signalCode).toBeNull();
  });

  test('spares the computes of a server that is alive', async () => {
    record('alive', { directory: join(stateDir, 'gone'), owner: { pid: process.pid, startTime: startTimeOf(process.pid) } });
    expect(await sweepStaleComputes(stateDir)).toEqual([expect.stringContaining(`belongs to the running process ${process.pid}`)]);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual(['alive.json']);
  });

  test('drops a record that a crash has cut short', async () => {
    record('cut', '{"id":"cut","ow');
    expect(await sweepStaleComputes(stateDir)).toEqual([]);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
  });

  test('removes the directory of a compute of which nothing else is there yet, and notes that are half written', async () => {
    const directory = join(stateDir, 'begun');
    mkdirSync(directory);
    record('begun', { driver: 'namespace-root', directory, owner: { pid: process.pid, startTime: '1' } });
    writeFileSync(join(stateDir, 'computes', 'begun.json.new'), '{"id":');
    expect(await sweepStaleComputes(stateDir)).toHaveLength(1);
    expect(existsSync(directory)).toBe(false);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
  });
});

const AS_NOBODY = [ROOT, byDriver('namespace-user'), 'setpriv', {
  lack: 'an ordinary user may not make user namespaces',
  isMet: spawnSync('setpriv', ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', 'unshare', '--user', '--map-root-user', 'true']).status === 0,
}];

describeWith(AS_NOBODY, 'an ordinary user', () => {
  function asNobody(...args: string[]): unknown {
    for (const directory of [stateDir, join(stateDir, 'files')]) chownSync(directory, NOBODY, NOBODY);
    const { stdout, stderr, status } = spawnSync('setpriv', [
      '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', process.execPath, program, ...args,
    ], { encoding: 'utf8', timeout: 30_000, env: { PATH: process.env.PATH } });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test('gets user namespaces', () => {
    expect(asNobody('choose', stateDir)).toEqual({ name: 'namespace-user', notes: ['namespace-root does not work here: needs root, this is user 65534'] });
  });

  testWith([byDriver('bubblewrap')], 'is root inside with bubblewrap too, and has the mounts', () => {
    const script = 'id -u && echo x > /mnt/workspace/file && echo x > /root/file && cat /root/file';
    expect(asNobody('run', stateDir, 'bubblewrap', script)).toEqual({ exitCode: 0, stdout: '0\nx\n', stderr: '' });
    expect(readdirSync(join(stateDir, 'files'))).toEqual(['file']);
  });

  test('is root inside and writes anywhere, while the host stays as it was', () => {
    const places = ['/etc', '/opt', '/root', '/home', '/var', '/usr', '/usr/lib', '/usr/local/bin', '/tmp', '/mnt/workspace'];
    const script = ['id -u', ...places.map((place) => `echo x > ${place}/agentcore-leak-test`), 'rm /usr/bin/env', 'cd /mnt/workspace && git init -q .'].join(' && ');
    const result = asNobody('run', stateDir, 'namespace-user', script) as Output;
    expect(result).toEqual({ exitCode: 0, stdout: '0\n', stderr: '' });
    expect(readdirSync(join(stateDir, 'files')).sort()).toEqual(['.git', 'agentcore-leak-test']);
    expect(readdirSync('/etc')).not.toContain('agentcore-leak-test');
    expect(readFileSync('/usr/bin/env').length).toBeGreaterThan(0);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
  });
});

testWith(AS_NOBODY, 'without rights to namespaces, plain processes are left, and it is said why', () => {
  // root of a user namespace that may have no further ones, without any capability in it
  const withoutRights = 'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"';
  const { stdout } = spawnSync('unshare', [
    '--user', '--map-root-user', 'sh', '-c', withoutRights, 'sh', process.execPath, program, 'choose', stateDir,
  ], { encoding: 'utf8', timeout: 30_000 });
  expect(JSON.parse(stdout)).toEqual({
    name: 'process',
    notes: [
      expect.stringMatching(/^namespace-root does not work here: cannot start a session in namespaces: .*Operation not permitted/s),
      expect.stringMatching(/^namespace-user does not work here: cannot start a session in namespaces: .*No space left on device/s),
      expect.stringMatching(/^bubblewrap does not work here: (cannot start a session in namespaces|program bwrap is not found)/),
    ],
  });
});

testWith([byDriver('namespace-root')], 'a session ends also where the first process of the host reaps nothing, as in many containers', () => {
  for (const driver of DRIVERS_HERE) {
    // Node is that first process here
    const { stdout, stderr, status } = spawnSync('unshare', [
      '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', process.execPath, program, 'kill', stateDir, driver, 'sleep 1000 & echo up; sleep 1000',
    ], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' });
    expect({ driver, stdout, stderr, status }).toEqual({ driver, stdout: '137\n', stderr: '', status: 0 });
  }
});

testWith([byDriver('namespace-root')], 'programs on file systems mounted below /usr and /opt stay reachable', () => {
  // in a mount namespace of its own, so that nothing has to be unmounted
  const script = [
    'set -e', 'mkdir -p "$1/tools" "$1/disk"',
    'mount -t tmpfs tmpfs /opt', 'mkdir -p /opt/disk/tools', 'mount -t tmpfs tmpfs /opt/disk/tools',
    'printf "#!/bin/sh\\necho from a disk of its own\\n" > /opt/disk/tools/hello', 'chmod +x /opt/disk/tools/hello', 'echo beside > /opt/disk/file',
    'exec "$2" "$3" run "$1" "$4" "/opt/disk/tools/hello && cat /opt/disk/file $5"',
  ].join('\n');
  const writes = '&& echo x > /opt/disk/tools/new && echo x > /opt/disk/new';
  for (const driver of DRIVERS_HERE.filter((name) => name !== 'process')) {
    const { stdout, stderr } = spawnSync('unshare', [
      '--mount', 'sh', '-c', script, 'sh', stateDir, process.execPath, program, driver, driver === 'bubblewrap' ? '' : writes,
    ], { encoding: 'utf8', timeout: 30_000 });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ exitCode: 0, stdout: 'from a disk of its own\nbeside\n', stderr: '' });
  }
  rmSync(join(stateDir, 'tools'), { recursive: true });
});

test('sweepStalePipes removes the directories of processes that are gone, and no others', async () => {
  const other = spawn('true', { stdio: 'ignore' });
  await new Promise((resolve) => other.once('exit', resolve));
  const names = [`agentcore-pipes-${other.pid}-x`, `agentcore-pipes-${process.pid}-x`, 'agentcore-pipes-', 'other'];
  for (const name of names) mkdirSync(join(stateDir, 'files', name));
  sweepStalePipes(join(stateDir, 'files'));
  expect(readdirSync(join(stateDir, 'files'))).toEqual([names[1], 'other']);
});
