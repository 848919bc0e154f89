import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What stands for the `docker` program: keeps "containers" as plain processes, and notes every call. Images are programs for
 * Node that listen on a free port and write it into the file that `PORT_FILE` names.
 */
const PROGRAM = `
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const { appendFileSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const state = __dirname + '/';
const args = process.argv.slice(2);
appendFileSync(state + 'calls', JSON.stringify(args) + '\\n');
const values = (name) => args.flatMap((arg, n) => (arg === name ? [args[n + 1]] : []));
const fail = (message) => { console.error(message); process.exit(1); };
const read = (name) => (existsSync(state + name + '.json') ? JSON.parse(readFileSync(state + name + '.json', 'utf8')) : fail('Error: No such container: ' + name));
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
const lives = (pid) => { try { return process.kill(pid, 0) && !/^State:.Z/m.test(readFileSync('/proc/' + pid + '/status', 'utf8')); } catch { return false; } };
const image = (name) => state + 'images/' + encodeURIComponent(name);
const last = args[args.length - 1];
switch (args[0]) {
  case 'version': console.log('28.0.0'); break;
  case 'image': if (!existsSync(image(last))) fail('Error: No such image: ' + last); console.log('sha256:0'); break;
  case 'run': {
    const [name] = values('--name');
    if (readFileSync(image(last), 'utf8').includes('refused')) fail('Error response from daemon: refused');
    const mounts = values('--mount').map((mount) => /source=([^,]+),target=(.*)/.exec(mount).slice(1));
    const env = Object.fromEntries(values('--env').map((entry) => [entry.split('=')[0], entry.includes('=') ? entry.slice(entry.indexOf('=') + 1) : process.env[entry]]));
    const portFile = state + name + '.port';
    const log = openSync(state + name + '.log', 'a');
    const all = { PATH: process.env.PATH, WORKSPACE: mounts[0][0], ...env };
    const child = spawn(process.execPath, [image(last)], { detached: true, stdio: ['ignore', log, log], env: { ...all, PORT_FILE: portFile } });
    while (!existsSync(portFile) && lives(child.pid)) pause();
    writeFileSync(state + name + '.json', JSON.stringify({ pid: child.pid, env: all }));
    child.unref();
    console.log(name);
    break;
  }
  case 'port': { read(args[1]); console.log('127.0.0.1:' + readFileSync(state + args[1] + '.port', 'utf8')); break; }
  case 'logs': spawnSync('tail', ['-f', '-n', '+1', '--pid=' + read(last).pid, state + last + '.log'], { stdio: ['ignore', 'inherit', 'inherit'] }); break;
  case 'wait': { const { pid } = read(last); while (lives(pid)) pause(); console.log(137); break; }
  case 'exec': {
    const at = args.findIndex((arg) => existsSync(state + arg + '.json'));
    if (at < 0) fail('Error: No such container');
    const child = spawn(args[at + 1], args.slice(at + 2).map((arg) => arg.replaceAll('/dev/shm/', state)), { detached: true, stdio: 'inherit', cwd: values('--workdir')[0], env: read(args[at]).env });
    child.on('exit', (code, signal) => process.exit(code ?? 128 + require('node:os').constants.signals[signal]));
    break;
  }
  case 'rm': {
    if (existsSync(state + last + '.json')) {
      try { process.kill(-read(last).pid, 'SIGKILL'); } catch {}
      rmSync(state + last + '.json');
    }
    break;
  }
  default: fail('unknown: ' + args.join(' '));
}
`;

export class FakeDocker {
  /** The directory to put in front of PATH. */
  public readonly bin: string;

  constructor(directory: string) {
    this.bin = join(directory, 'bin');
    mkdirSync(join(this.bin, 'images'), { recursive: true });
    writeFileSync(join(this.bin, 'docker'), `#!${process.execPath}\n${PROGRAM}`);
    chmodSync(join(this.bin, 'docker'), 0o755);
  }

  public addImage(name: string, program: string): void {
    writeFileSync(join(this.bin, 'images', encodeURIComponent(name)), program);
  }

  /** The calls of one of the program's commands. */
  public calls(command: string): string[][] {
    return readFileSync(join(this.bin, 'calls'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as string[]).filter(([first]) => first === command);
  }
}
