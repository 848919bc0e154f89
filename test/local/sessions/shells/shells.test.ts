import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '../../../../src/local/service-error';
import { createSessions, LocalSessions } from '../../../../src/local/sessions';
import { ShellHandle, ShellSink } from '../../../../src/local/sessions/contract';
import { findProgram } from '../../../../src/local/sessions/drivers/search-path';
import { SHELL_LIMITS } from '../../../../src/service/shell';
import { testWith } from '../../../util/needs';
import { TERMINAL } from '../../../util/terminal';
import { describeDrivers, eventually, key, removeScratch, scratchDirectory, version } from '../support';

/** A connection that keeps all it is told. */
class Watcher implements ShellSink {
  public text = '';
  public notices: string[] = [];
  public end?: { readonly exitCode: number | undefined };
  public wasReplaced = false;
  private readonly changed: (() => void)[] = [];

  public output(chunk: Buffer): void {
    this.text += chunk.toString();
    this.tell();
  }

  public notice(text: string): void {
    this.notices.push(text);
    this.tell();
  }

  public ended(exitCode: number | undefined): void {
    this.end = { exitCode };
    this.tell();
  }

  public replaced(): void {
    this.wasReplaced = true;
  }

  public async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.changed.push(resolve));
  }

  public async says(text: RegExp): Promise<void> {
    await this.until(() => text.test(this.text));
  }

  private tell(): void {
    for (const wake of this.changed.splice(0)) wake();
  }
}

function attach(shell: ShellHandle) {
  const watcher = new Watcher();
  return { watcher, ...shell.attach(watcher) };
}

/** Types a line. */
const type = (shell: ShellHandle, line: string) => void shell.write(Buffer.from(`${line}\n`));

describeDrivers((driver) => `a shell with driver ${driver}`, (driver) => {
  let sessions: LocalSessions;
  beforeEach(async () => { sessions = await createSessions({ stateDir: scratchDirectory(), driver, log: () => undefined }); });
  afterEach(async () => {
    await sessions.close();
    removeScratch();
  });

  testWith([TERMINAL], 'has a terminal of the size that it is told, a state of its own, the session\'s files, and an exit code', async () => {
    const shell = await sessions.openShell(key(), version({ environment: { COLOUR: 'blue' } }), 'main');
    const { watcher, reconnected } = attach(shell);
    expect(reconnected).toBe(false);
    shell.resize(101, 33);
    type(shell, 'cd /tmp; test -t 0 && test -t 1 && echo "is a $COLOUR terminal"');
    await watcher.says(/is a blue terminal\r\n/);
    // the size comes by another process
    for (let tries = 0; !/33 101\r\n/.test(watcher.text) && tries < 100; tries++) {
      const before = watcher.text.length;
      type(shell, 'stty size');
      await watcher.until(() => /\d+ \d+\r\n/.test(watcher.text.slice(before)));
    }
    expect(watcher.text).toMatch(/33 101\r\n/);
    // paths are rewritten where they stand in a command, not in what is typed
    const mount = driver === 'process' ? '$AGENTCORE_LOCAL_MOUNT_0' : '/mnt/workspace';
    type(shell, `cd ${mount} && pwd && echo kept > note; exit 7`);
    await watcher.until(() => watcher.end !== undefined);
    expect(watcher.end).toEqual({ exitCode: 7 });
    const output: string[] = [];
    const end = await sessions.run(key(), version(), { command: 'cat /mnt/workspace/note', timeoutSeconds: 10 }, { onStart: () => undefined, onStdout: (chunk) => void output.push(chunk.toString()), onStderr: () => undefined });
    expect({ end, output: output.join('') }).toEqual({ end: { exitCode: 0, status: 'COMPLETED' }, output: 'kept\n' });
  });

  test('goes on when nobody is connected, and says then what it has written; whoever comes later takes it over', async () => {
    const shell = await sessions.openShell(key(), version(), 'main');
    const first = attach(shell);
    type(shell, 'x=5; echo ready');
    await first.watcher.says(/ready\r?\n/);
    shell.detach(first.watcher);
    type(shell, 'echo "x is $x"; touch /mnt/workspace/done');
    const again = await sessions.openShell(key(), version(), 'main');
    const second = attach(again);
    expect(second.reconnected).toBe(true);
    const said = () => second.replay.toString() + second.watcher.text;
    await second.watcher.until(() => /x is 5\r?\n/.test(said()));
    expect(first.watcher.text).not.toMatch(/x is 5/);
    const third = attach(again);
    expect(second.watcher.wasReplaced).toBe(true);
    type(shell, 'echo third');
    await third.watcher.says(/third\r?\n/);
  });

  test('its session tells it when it ends', async () => {
    const { watcher } = attach(await sessions.openShell(key(), version(), 'main'));
    await sessions.stop(key());
    await watcher.until(() => watcher.end !== undefined);
    expect(watcher.end).toEqual({ exitCode: undefined });
  });
});

describe('the shells of a session', () => {
  let sessions: LocalSessions;
  beforeEach(async () => { sessions = await createSessions({ stateDir: scratchDirectory(), driver: 'process', log: () => undefined }); });
  afterEach(async () => {
    await sessions.close();
    removeScratch();
  });

  test('are ten at most; one that has ended makes room', async () => {
    const shells: ShellHandle[] = [];
    for (let n = 0; n < SHELL_LIMITS.perSession; n++) shells.push(await sessions.openShell(key(), version(), `shell-${n}`));
    const refused = sessions.openShell(key(), version(), 'one-more');
    await expect(refused).rejects.toThrow(ServiceError);
    await expect(refused).rejects.toMatchObject({ name: 'RuntimeClientError', status: 424, message: expect.stringContaining('has 10 shells') });
    const { watcher } = attach(shells[0]);
    type(shells[0], 'exit');
    await watcher.until(() => watcher.end !== undefined);
    await expect(sessions.openShell(key(), version(), 'one-more')).resolves.toBeDefined();
  });

  test('have ids of their own', async () => {
    await expect(sessions.openShell(key(), version(), 'a b')).rejects.toMatchObject({ name: 'RuntimeClientError', message: expect.stringContaining('shell id "a b"') });
  });

  test('keep the last 256 KB that nobody was connected for, and say how much is lost', async () => {
    const shell = await sessions.openShell(key(), version(), 'main');
    const first = attach(shell);
    type(shell, 'PS1=; stty -echo -onlcr; set +o emacs; echo quiet');
    await first.watcher.says(/quiet\n/);
    shell.detach(first.watcher);
    const done = join(scratchDirectory(), 'done');
    type(shell, `head -c 300000 /dev/zero | tr '\\0' x; printf END; mkdir ${done}`);
    const end = async () => (await sessions.run(key(), version(), { command: `test -d ${done}`, timeoutSeconds: 10 }, { onStart: () => undefined, onStdout: () => undefined, onStderr: () => undefined })).exitCode;
    while (await end() !== 0);
    const second = new Watcher();
    let attachment = shell.attach(second);
    // what it wrote before the directory was there may still be on its way to us
    if (!attachment.replay.toString().endsWith('END')) {
      await second.says(/END$/);
      attachment = { ...attachment, replay: Buffer.concat([attachment.replay, Buffer.from(second.text)]) };
    }
    expect(attachment.replay.toString()).toMatch(/^x+END$/);
    expect(attachment.replay.length + attachment.bytesDropped).toBe(300_003);
    expect(attachment.bytesDropped).toBeGreaterThan(0);
  });

  test('hold back what they write as long as their reader does', async () => {
    const shell = await sessions.openShell(key(), version(), 'main');
    let release!: () => void;
    let taken = 0;
    const slow = new Watcher();
    slow.output = (chunk) => {
      taken += chunk.length;
      return taken > 100_000 ? new Promise<void>((resolve) => { release = resolve; }) as never : undefined;
    };
    shell.attach(slow);
    type(shell, 'head -c 5000000 /dev/zero | tr "\\0" x');
    await eventually(() => release !== undefined, 'it waits');
    const whenHeld = taken;
    await sessions.run(key(), version(), { command: 'true', timeoutSeconds: 10 }, { onStart: () => undefined, onStdout: () => undefined, onStderr: () => undefined });
    expect(taken).toBe(whenHeld);
    shell.detach(slow);
    const next = attach(shell);
    type(shell, 'echo after');
    await next.watcher.says(/after\r?\n/);
  });
});

test('a session without `script` and Python has a shell without a terminal, and says so', async () => {
  const bin = scratchDirectory();
  mkdirSync(join(bin, 'bin'));
  for (const name of ['sh', 'grep', 'tty', 'stty', 'cat']) symlinkSync(findProgram(name), join(bin, 'bin', name));
  const sessions = await createSessions({ stateDir: scratchDirectory(), driver: 'process', log: () => undefined });
  try {
    const shell = await sessions.openShell(key(), version({ environment: { PATH: join(bin, 'bin') } }), 'main');
    const { watcher, notice } = attach(shell);
    type(shell, 'test -t 0 || echo "no terminal"; exit 4');
    await watcher.until(() => watcher.end !== undefined);
    expect([notice, ...watcher.notices].join('')).toMatch(/neither `script` of util-linux nor Python/);
    expect(watcher.text).toMatch(/no terminal\n/);
    expect(watcher.end).toEqual({ exitCode: 4 });

    // Ctrl-D is the end of its input all the same
    const other = await sessions.openShell(key(), version({ environment: { PATH: join(bin, 'bin') } }), 'other');
    const attached = attach(other);
    void other.write(Buffer.from('(exit 6)\n\x04echo too late\n'));
    await attached.watcher.until(() => attached.watcher.end !== undefined);
    expect(attached.watcher.end).toEqual({ exitCode: 6 });
    expect(attached.watcher.text).not.toMatch(/too late/);
  } finally {
    await sessions.close();
    removeScratch();
  }
});
