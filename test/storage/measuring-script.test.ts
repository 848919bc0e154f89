import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measuringScript } from '../../src/storage/measuring-script';
import { describeWith, LINUX } from '../util/needs';

const SHELLS = ['/bin/sh', '/bin/bash', '/bin/dash'].filter(existsSync);

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'measuring-'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function measure(path: string, env: NodeJS.ProcessEnv = {}, shell = '/bin/sh') {
  const { status, stdout, stderr } = spawnSync(shell, ['-c', measuringScript(path)], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { status, stdout, stderr };
}

describe.each(SHELLS)('%s', (shell) => {
  it('says that a directory is not there', () => {
    const path = join(home, 'absent');
    expect(measure(path, {}, shell)).toEqual({ status: 1, stdout: '', stderr: `${path}: there is no such directory in the session, so the filesystem is not mounted\n` });
  });

  it('says that nothing is mounted on a directory', () => {
    expect(measure(home, {}, shell)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/nothing is mounted on it: what is written there is lost/) });
  });

  it('tells honestly of a plain directory that the local service mounts, and leaves nothing in it', () => {
    const { status, stdout, stderr } = measure(home, { AGENTCORE_LOCAL_MOUNT_0: home }, shell);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ mounted: false, writable: true, type: null, sizeBytes: expect.any(Number), freeBytes: expect.any(Number) });
    expect(stdout).not.toContain('\n');
    expect(readdirSync(home)).toEqual([]);
  });
});

describeWith([LINUX], 'mounts of Linux', () => {
  it('measures a mount as df does', () => {
    const { status, stdout } = measure('/dev/shm');
    expect(status).toBe(0);
    const blocks = spawnSync('df', ['-P', '-k', '/dev/shm'], { encoding: 'utf8' }).stdout.split('\n')[1].split(/\s+/)[1];
    expect(JSON.parse(stdout)).toMatchObject({ mounted: true, type: 'tmpfs', sizeBytes: Number(blocks) * 1024 });
  });

  it('says that a mount cannot be written to', () => {
    expect(measure('/proc')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^\/proc: it is mounted, but user \d+ cannot write to it\n$/) });
  });

  it('does without df', () => {
    const bin = join(home, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'rm'), '#!/bin/sh\nexec /bin/rm "$@"\n', { mode: 0o755 });
    expect(JSON.parse(measure('/dev/shm', { PATH: bin }).stdout)).toEqual({ mounted: true, writable: true, type: 'tmpfs', sizeBytes: null, freeBytes: null });
  });
});
