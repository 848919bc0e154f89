import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * The least that gives what a session has: a root whose writes are kept apart and forgotten, its own processes, fresh
 * directories, devices, and the storage at its path. By hand, with nothing of this library.
 */
const SCRIPT = `
set -eu
read -r holder rest < /proc/self/stat
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
cd /
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs tmpfs mnt
mkdir mnt/workspace
mount --bind "$2" mnt/workspace
mount -t tmpfs -o ro,size=4k tmpfs ".$3"
hostname localhost
mkdir .host
pivot_root . .host
cd /
umount -l /.host
echo "$holder"
exec 3<&0 </dev/null >/dev/null 2>&1
(read -r line) <&3 &
wait
`;

const ENVIRONMENT = { PATH: process.env.PATH! };

/** A session by hand. */
export class BareSession {
  public static async start(base: string, storage: string, masked: string): Promise<BareSession> {
    const holder = spawn('unshare', ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', 'sh', '-c', SCRIPT, 'sh', base, storage, masked], {
      stdio: ['pipe', 'pipe', 'pipe'], env: ENVIRONMENT,
    });
    let complaint = '';
    holder.stderr.on('data', (chunk: Buffer) => { complaint += chunk.toString(); });
    const failed = once(holder, 'exit').then(([code]) => { throw new Error(`set-up ended with ${code}: ${complaint}`); });
    // its end comes later too, and is no failure then
    failed.catch(() => undefined);
    const [line] = await Promise.race([once(createInterface(holder.stdout), 'line') as Promise<[string]>, failed]);
    return new BareSession(holder, line);
  }

  private constructor(private readonly holder: ChildProcess, private readonly target: string) {}

  /** Runs a program; resolves with its output once that has been read and the program has ended. */
  public async run(...argv: readonly string[]): Promise<string> {
    const child = spawn('nsenter', ['--target', this.target, '--mount', '--pid', '--ipc', '--uts', '/bin/sh', '-c', 'cd / && exec "$@"', 'sh', ...argv], {
      stdio: ['pipe', 'pipe', 'pipe'], env: ENVIRONMENT,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.stderr.resume();
    const [code] = await once(child, 'close') as [number];
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`);
    return output;
  }

  public async stop(): Promise<void> {
    const ended = once(this.holder, 'exit');
    process.kill(Number(this.target), 'SIGKILL');
    await ended;
  }
}
