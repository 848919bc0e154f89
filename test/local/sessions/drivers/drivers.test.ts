import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followScript, startScript } from '../../../../src/client/detached/scripts';
import { Compute, ComputeSpec } from '../../../../src/local/sessions/driver';
import { chooseDriver, DRIVER_NAMES } from '../../../../src/local/sessions/drivers/choose';
import { pipesInStock } from '../../../../src/local/sessions/drivers/pipes';
import { markedProcesses } from '../../../../src/local/sessions/drivers/process-table';
import { describeWith, LINUX, testWith } from '../../../util/needs';
import { commandLines } from '../../../util/processes';
import { describeDrivers, DRIVERS_HERE, eventually, removeScratch, scratchDirectory, shell } from '../support';

const computes: Compute[] = [];
let stateDir: string;
let counter = 0;

beforeEach(() => {
  stateDir = scratchDirectory();
  mkdirSync(join(stateDir, 'files'));
});

afterEach(async () => {
  await Promise.all(computes.splice(0).map((compute) => compute.stop()));
  removeScratch();
});

/** How long a process sleeps, so that no other run's is taken for it. */
const seconds = (n: number) => `${n}.${process.pid}`;

/** Mounts and holders of this process's host as they are now. */
function hostState() {
  return {
    mounts: process.platform === 'linux' ? readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length : 0,
    holders: commandLines().filter((line) => line.includes(`agentcore-session-test-${process.pid}-`)).length,
    directories: readdirSync(tmpdir()).filter((name) => name.startsWith(`agentcore-test-${process.pid}-`)).sort(),
    records: existsSync(join(stateDir, 'computes')) ? readdirSync(join(stateDir, 'computes')) : [],
  };
}

describeDrivers((name) => name, (name) => {
  async function start(spec: Partial<ComputeSpec> = {}): Promise<Compute & { id: string }> {
    const { driver } = await chooseDriver(stateDir, name);
    const id = `test-${process.pid}-${++counter}`;
    const compute = await driver.start({ id, mounts: [{ hostPath: join(stateDir, 'files'), mountPath: '/mnt/workspace' }], environment: {}, ...spec });
    computes.push(compute);
    return Object.assign(compute, { id });
  }

  test('runs programs with their output, error output and exit code', async () => {
    const compute = await start();
    expect(await shell(compute, 'echo out; echo err >&2; exit 7')).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    expect((await shell(compute, 'kill -TERM $$')).exitCode).toBe(143);
  });

  test('ends with 127 where there is no such program', async () => {
    const compute = await start();
    const child = compute.exec(['no-such-program', '--help']);
    let complaint = '';
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => { complaint += chunk.toString(); });
    expect(await child.exit).toBe(127);
    expect(complaint).toContain('no-such-program');
  });

  test('gives every byte of a long output', async () => {
    const compute = await start();
    const { stdout } = await shell(compute, 'head -c 5000000 /dev/zero | tr "\\0" x; printf end');
    expect(stdout.length).toBe(5_000_003);
    expect(stdout.endsWith('xend')).toBe(true);
  });

  test('does not wait for what a program leaves in the background, which lives on until stop', async () => {
    const compute = await start();
    expect(await shell(compute, 'sleep 1000 & echo $! > "$HOME/pid"; echo started')).toMatchObject({ exitCode: 0, stdout: 'started\n' });
    expect((await shell(compute, 'kill -0 $(cat "$HOME/pid")')).exitCode).toBe(0);
  });

  test('ends every process at stop, whatever it has done to get away', async () => {
    const compute = await start();
    const detached = `require("node:child_process").spawn("sleep", ["${seconds(1002)}"], { detached: true, stdio: "ignore" }).unref()`;
    const script = `sleep ${seconds(1001)} & node -e '${detached}' ;
      nohup sh -c 'trap "" TERM HUP; sleep ${seconds(1003)}; :' >/dev/null 2>&1 & echo up`;
    expect((await shell(compute, script)).stdout).toContain('up');
    const own = () => commandLines().filter((line) => [1001, 1002, 1003].some((n) => line === `sleep ${seconds(n)}`));
    await eventually(() => own().length === 3, 'three sleeps');
    await compute.stop();
    await compute.ended;
    expect(own()).toEqual([]);
    expect(markedProcesses(compute.id)).toEqual([]);
  });

  test('kills what a program has started, and spares what others have left', async () => {
    const compute = await start();
    await shell(compute, 'sleep 1004 & echo $! > "$HOME/spared"');
    const child = compute.exec(['sh', '-c', `sleep ${seconds(1005)} & echo up; sleep 1006; echo late`]);
    let stdout = '';
    child.stderr.resume();
    await new Promise<void>((resolve) => child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      resolve();
    }));
    child.kill();
    expect(await child.exit).toBe(137);
    expect(stdout).toBe('up\n');
    expect((await shell(compute, 'kill -0 $(cat "$HOME/spared")')).exitCode).toBe(0);
    await eventually(() => !commandLines().includes(`sleep ${seconds(1005)}`), 'the child is gone');
  });

  test('gives a fresh environment', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'host-secret';
    try {
      const compute = await start({ environment: { COLOUR: 'blue', EMPTY: '' } });
      const { stdout } = await shell(compute, 'env', { environment: { MORE: 'x=y' } });
      const names = stdout.trim().split('\n').map((line) => line.split('=')[0]).filter((each) => each !== '_');
      const extra = name === 'process' ? ['AGENTCORE_LOCAL_COMPUTE', 'AGENTCORE_LOCAL_MOUNT_0', 'TMPDIR'] : [];
      expect(names.sort()).toEqual([...extra, 'COLOUR', 'EMPTY', 'HOME', 'MORE', 'PATH', 'PWD'].sort());
      expect(stdout).toContain('MORE=x=y\n');
    } finally {
      delete process.env.AWS_SECRET_ACCESS_KEY;
    }
  });

  test('finds the running Node', async () => {
    const compute = await start();
    expect(await shell(compute, 'node -p process.version')).toMatchObject({ exitCode: 0, stdout: `${process.version}\n` });
  });

  test('shows a mount at its path, and starts there if asked to', async () => {
    writeFileSync(join(stateDir, 'files', 'before'), 'old');
    const compute = await start();
    expect((await shell(compute, 'cat /mnt/workspace/before; echo new > /mnt/workspace/after')).stdout).toBe('old');
    expect(readFileSync(join(stateDir, 'files', 'after'), 'utf8')).toBe('new\n');
    expect((await shell(compute, 'ls', { workingDirectory: '/mnt/workspace' })).stdout).toBe('after\nbefore\n');
    expect((await shell(compute, 'cd /mnt/workspace && git init -q . && git -C /mnt/workspace rev-parse --git-dir')).stdout).toBe('.git\n');
  });

  test('keeps its input open', async () => {
    const compute = await start();
    const child = compute.exec(['cat']);
    child.stderr.resume();
    const echoed = new Promise((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    child.stdin.write('still here');
    expect(await echoed).toBe('still here');
    child.kill();
    expect(await child.exit).toBe(137);
  });

  test('leaves nothing behind', async () => {
    const before = hostState();
    const compute = await start();
    expect(hostState()).toMatchObject({ records: [`${compute.id}.json`], directories: name === 'bubblewrap' ? [] : [expect.stringContaining(compute.id)], holders: name === 'process' ? 0 : expect.any(Number) });
    await shell(compute, 'echo x > "$HOME/x"; mkdir -p "$HOME/locked" && touch "$HOME/locked/y" && chmod 0 "$HOME/locked"');
    await compute.stop();
    expect(hostState()).toEqual(before);
    expect(() => compute.exec(['true'])).toThrow('has ended');
  });

  test('forgets a command that went on without a listener, as another machine would', async () => {
    const follow = followScript('0123', { stdout: 0, stderr: 0 }, 10);
    const compute = await start();
    expect(await shell(compute, startScript('0123', { command: 'echo hello; sleep 0.1' }, 60))).toMatchObject({ exitCode: 0 });
    expect((await shell(compute, follow)).stdout).toBe('o aGVsbG8K\nr 0\n');
    const other = await start();
    expect((await shell(other, follow)).stdout).toBe('gone\n');
    await compute.stop();
    expect((await shell(await start({ environment: {} }), follow)).stdout).toBe('gone\n');
    expect(readdirSync(tmpdir()).filter((file) => file.includes('agentcore-run-0123'))).toEqual([]);
  });

  testWith([LINUX], 'leaves no file descriptor open after a command, and none after a session', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length - pipesInStock();
    const before = descriptors();
    const compute = await start();
    await shell(compute, 'true');
    await eventually(() => descriptors() <= before + 3, 'a session holds no more than the pipes of its holder');
    const during = descriptors();
    for (let n = 0; n < 5; n++) await shell(compute, 'echo out; echo err >&2');
    await eventually(() => descriptors() <= during, 'as few as before the commands');
    expect(() => compute.exec(['echo', 'a\0b'])).toThrow('null bytes');
    await eventually(() => descriptors() <= during, 'as few as before the command that could not start');
    await compute.stop();
    await eventually(() => descriptors() <= before, 'as few as before the session');
  });

  test('leaves nothing behind where it cannot start', async () => {
    const before = hostState();
    await expect(start({ mounts: [{ hostPath: join(stateDir, 'nowhere'), mountPath: '/mnt/workspace' }] })).rejects.toThrow('nowhere');
    expect(hostState()).toEqual(before);
  });

  describeWith([{ lack: 'plain processes have none', isMet: name !== 'process' }], 'in namespaces', () => {
    test('runs as root, on a host of its own, with its own processes only', async () => {
      const compute = await start();
      expect((await shell(compute, 'id -u; uname -n; pwd')).stdout).toBe('0\nlocalhost\n/\n');
      expect((await shell(compute, 'ls /proc | grep -c "^[0-9]*$"')).stdout.trim()).toMatch(/^[3-6]$/);
    });

    test('gives variables to programs inside only', async () => {
      // were it the loader's for a program of the host, that one could not start
      writeFileSync(join(stateDir, 'files', 'libc.so.6'), 'no library');
      const compute = await start({ environment: { LD_LIBRARY_PATH: join(stateDir, 'files'), PATH: '/nowhere', QUOTED: 'a\'b"c$d\n-e' } });
      const child = compute.exec(['/bin/sh', '-c', 'printf %s "$PATH $LD_LIBRARY_PATH $QUOTED"']);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
      expect(await child.exit).toBe(0);
      expect(output).toBe(`/nowhere ${join(stateDir, 'files')} a'b"c$d\n-e`);
    });

    test('takes a program\'s name for a name, also with an equals sign', async () => {
      const compute = await start();
      const child = compute.exec(['A=b', 'env']);
      child.stdout.resume();
      child.stderr.resume();
      expect(await child.exit).toBe(127);
    });

    testWith([{ lack: 'by unshare they are taken anywhere', isMet: name === 'bubblewrap' }], 'takes writes where it starts out fresh, and nowhere else', async () => {
      const compute = await start();
      const { stdout } = await shell(compute, 'for place in /tmp /run /root /mnt /dev/shm /etc /usr /var/lib; do (: > $place/agentcore-leak-test) 2>/dev/null && echo $place; done; true');
      expect(stdout).toBe('/tmp\n/run\n/root\n/mnt\n/dev/shm\n');
      await compute.stop();
      expect((await shell(await start(), 'ls -A /tmp; ls /run/agentcore-leak-test /root/agentcore-leak-test')).stdout).toBe('');
    });

    testWith([{ lack: 'bubblewrap has no overlays', isMet: name !== 'bubblewrap' }], 'takes writes anywhere, shows them to later commands, and forgets them', async () => {
      const places = ['/etc', '/opt', '/root', '/home', '/var', '/usr', '/usr/lib', '/tmp', '/run', '/mnt', ''];
      const script = (verb: string) => places.map((place) => `${verb} ${place}/agentcore-leak-test`).join(' && ');
      const compute = await start();
      expect(await shell(compute, script('touch'))).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await shell(compute, script('cat'))).toMatchObject({ exitCode: 0 });
      expect(await shell(compute, 'echo changed >> /etc/hosts && rm /usr/bin/env && ! test -e /usr/bin/env')).toMatchObject({ exitCode: 0 });
      await compute.stop();
      for (const place of places) expect(existsSync(`${place}/agentcore-leak-test`)).toBe(false);
      expect(existsSync('/usr/bin/env')).toBe(true);
      const next = await start();
      expect((await shell(next, 'ls /etc/agentcore-leak-test /usr/bin/env')).stdout).toBe('/usr/bin/env\n');
    });

    test('starts with fresh temporary directories and none of the host\'s mounts', async () => {
      writeFileSync(join(tmpdir(), `agentcore-host-file-${process.pid}`), '');
      try {
        const compute = await start();
        expect((await shell(compute, 'ls -A /tmp; ls -A /mnt')).stdout).toBe('workspace\n');
      } finally {
        execFileSync('rm', [join(tmpdir(), `agentcore-host-file-${process.pid}`)]);
      }
    });

    test('has devices to work with', async () => {
      const compute = await start();
      const script = [
        'echo x > /dev/null', 'test "$(head -c 3 /dev/zero | wc -c)" -eq 3', 'test "$(head -c 3 /dev/urandom | wc -c)" -eq 3',
        'echo fd | cat /dev/fd/0', 'echo stdin | cat /dev/stdin', 'echo stdout > /dev/stdout', 'touch /dev/shm/x', 'test -c /dev/tty', 'test -c /dev/ptmx',
      ].join(' && ');
      expect(await shell(compute, script)).toEqual({ exitCode: 0, stdout: 'fd\nstdin\nstdout\n', stderr: '' });
    });

    test('keeps a read-only mount from being written to', async () => {
      const compute = await start({ mounts: [{ hostPath: join(stateDir, 'files'), mountPath: '/var/task', readOnly: true }] });
      expect(await shell(compute, 'touch /var/task/x')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Read-only file system') });
      expect(readdirSync(join(stateDir, 'files'))).toEqual([]);
    });

    test.each(['state', ' a\\b#c\'d"e$f\t\u00a0g\u3000h'])('hides the state directory, also where the host\'s directory around it is seen (%j)', async (stateName) => {
      const around = `/var/tmp/agentcore-hiding-${process.pid}`;
      stateDir = join(around, stateName);
      mkdirSync(join(stateDir, 'files', 'deep'), { recursive: true });
      try {
        const compute = await start();
        expect((await shell(compute, `ls -N ${around}; ls -A ${around}/*; ls /mnt/workspace`)).stdout).toBe(`${stateName}\ndeep\n`);
        await compute.stop();
      } finally {
        execFileSync('rm', ['-r', around]);
      }
    });

    test('keeps two computes apart', async () => {
      const [one, other] = [await start(), await start()];
      await shell(one, 'touch /tmp/mine; sleep 1007 &');
      expect((await shell(other, 'ls -A /tmp; cat /proc/[0-9]*/cmdline | tr "\\0" " "')).stdout).not.toMatch(/mine|1007/);
    });

    test('reaps orphans and survives a command that kills all it can', async () => {
      const compute = await start();
      await shell(compute, 'for i in 1 2 3; do (sh -c "exit 0" &) ; done; (sleep 0 &)');
      const zombies = 'grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l';
      await shell(compute, `for i in 1 2 3 4 5 6 7 8 9; do [ "$(${zombies})" -eq 0 ] && exit; done; exit 1`).then(({ exitCode }) => expect(exitCode).toBe(0));
      await shell(compute, 'kill -9 -1');
      expect((await shell(compute, 'echo alive')).stdout).toBe('alive\n');
    });

    test('stops also while a program in it is stopped', async () => {
      const compute = await start();
      const child = compute.exec(['sh', '-c', 'echo up; kill -STOP $$']);
      child.stderr.resume();
      await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
      await compute.stop();
      // killed, or, woken a moment before that, at its own end
      expect([137, 0]).toContain(await child.exit);
    });

    test('a killed program leaves no zombie', async () => {
      const compute = await start();
      for (let n = 0; n < 5; n++) {
        const child = compute.exec(['sh', '-c', 'sleep 1000 & echo up; sleep 1000']);
        child.stderr.resume();
        await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
        child.kill();
        expect(await child.exit).toBe(137);
      }
      expect((await shell(compute, 'ls /proc | grep -c "^[0-9]*$"')).stdout.trim()).toMatch(/^[3-6]$/);
    });

    test('tells when its compute is killed from outside', async () => {
      const compute = await start();
      const { holder } = JSON.parse(readFileSync(join(stateDir, 'computes', `${compute.id}.json`), 'utf8')) as { holder: { pid: number } };
      process.kill(holder.pid, 'SIGKILL');
      await compute.ended;
      expect(() => compute.exec(['true'])).toThrow('has ended');
    });
  });
});

describe('chooseDriver', () => {
  test('takes the first that works and says why others do not', async () => {
    const { driver, notes } = await chooseDriver(stateDir);
    expect(driver.name).toBe(DRIVERS_HERE[0]);
    expect(notes).toHaveLength(DRIVER_NAMES.indexOf(driver.name));
  });
});
