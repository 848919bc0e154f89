import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShellSession } from './shell-session';
import { ODD_NAMES, oddFolder, snapshot } from './trees';
import { download, TransferError, TransferProgress, upload } from '../../../src/client/transfer';

let home: string;
let local: string;
let remote: string;
let session: ShellSession;

beforeEach(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'transfer-'));
  local = join(home, 'local');
  remote = join(home, 'remote');
  mkdirSync(local);
  mkdirSync(remote);
  session = new ShellSession();
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a folder', () => {
  test('arrives with odd names, modes, links and empty directories, both ways', async () => {
    oddFolder(join(local, 'src'));
    const sent = await upload(session, join(local, 'src'), remote);
    expect(sent).toMatchObject({ kind: 'folder', target: join(remote, 'src'), resumedBytes: 0, skipped: [], files: ODD_NAMES.length + 5 });
    expect(snapshot(join(remote, 'src'))).toEqual(snapshot(join(local, 'src')));
    const got = await download(session, join(remote, 'src'), join(local, 'back'));
    expect(got).toMatchObject({ kind: 'folder', target: join(local, 'back'), files: sent.files });
    expect(snapshot(join(local, 'back'))).toEqual(snapshot(join(local, 'src')));
    expect([readdirSync(remote), readdirSync(local).sort()]).toEqual([['src'], ['back', 'src']]);
  });

  test('that is empty', async () => {
    mkdirSync(join(local, 'empty'));
    expect(await upload(session, join(local, 'empty'), join(remote, 'made'))).toMatchObject({ files: 0 });
    expect(readdirSync(join(remote, 'made'))).toEqual([]);
    await download(session, join(remote, 'made'), join(local, 'back'));
    expect(readdirSync(join(local, 'back'))).toEqual([]);
  });

  test('under a name that needs quoting, and from /. only what is in it', async () => {
    const odd = 'it\'s "odd"\n$HOME `x` \\';
    oddFolder(join(local, odd));
    await upload(session, join(local, odd), remote);
    expect(snapshot(join(remote, odd))).toEqual(snapshot(join(local, odd)));
    mkdirSync(join(local, 'into'));
    await download(session, join(remote, odd) + '/.', join(local, 'into'));
    expect(snapshot(join(local, 'into'))).toEqual(snapshot(join(local, odd)));
    await upload(session, `${join(local, odd)}/.`, join(remote, 'as'));
    expect(snapshot(join(remote, 'as'))).toEqual(snapshot(join(local, odd)));
  });

  test('that is there already keeps what the source does not have', async () => {
    for (const [from, to, copy] of [
      [local, remote, upload], [remote, local, download],
    ] as const) {
      mkdirSync(join(from, 'd/sub/new'), { recursive: true });
      writeFileSync(join(from, 'd/a'), 'new a');
      writeFileSync(join(from, 'd/sub/b'), 'new b');
      writeFileSync(join(from, 'd/.dot'), 'new dot');
      mkdirSync(join(to, 'x/d/sub'), { recursive: true });
      writeFileSync(join(to, 'x/d/a'), 'old a');
      writeFileSync(join(to, 'x/d/sub/kept'), 'kept');
      await copy(session, join(from, 'd'), join(to, 'x'));
      const names = readdirSync(join(to, 'x/d'), { recursive: true }).map(String).sort();
      expect(names).toEqual(['.dot', 'a', 'sub', 'sub/b', 'sub/kept', 'sub/new']);
      expect(readFileSync(join(to, 'x/d/a'), 'utf8')).toBe('new a');
      expect(readdirSync(join(to, 'x'))).toEqual(['d']);
      rmSync(join(from, 'd'), { recursive: true });
      rmSync(join(to, 'x'), { recursive: true });
    }
  });

  test('is not merged where a file and a directory would meet; nothing is replaced', async () => {
    for (const [from, to, copy] of [[local, remote, upload], [remote, local, download]] as const) {
      mkdirSync(join(from, 'd/z'), { recursive: true });
      writeFileSync(join(from, 'd/a'), 'new');
      writeFileSync(join(from, 'd/z/b'), 'new');
      mkdirSync(join(to, 't/d/z/b'), { recursive: true });
      writeFileSync(join(to, 't/d/a'), 'old');
      await expect(copy(session, join(from, 'd'), join(to, 't'))).rejects.toMatchObject({ fault: 'kind', message: expect.stringContaining('nothing was replaced') });
      expect(readFileSync(join(to, 't/d/a'), 'utf8')).toBe('old');
      rmSync(join(from, 'd'), { recursive: true });
      rmSync(join(to, 't'), { recursive: true });
    }
  });

  test('with large files sends these by themselves', async () => {
    mkdirSync(join(local, 'd/sub'), { recursive: true });
    writeFileSync(join(local, 'd/sub/large'), Buffer.alloc(17 * 1024 * 1024, 'text that gets small '));
    chmodSync(join(local, 'd/sub/large'), 0o711);
    writeFileSync(join(local, 'd/small'), 'small');
    await upload(session, join(local, 'd'), remote);
    expect(snapshot(join(remote, 'd'))).toEqual(snapshot(join(local, 'd')));
    expect(readdirSync(remote)).toEqual(['d']);
  });

  test('leaves out sockets, pipes and devices, and says so', async () => {
    mkdirSync(join(local, 'd'));
    await session.run(`mkfifo ${local}/d/pipe; echo x > ${local}/d/file; mkdir ${remote}/d; mkfifo ${remote}/d/pipe`);
    expect(await upload(session, `${join(local, 'd')}/.`, join(remote, 'up'))).toMatchObject({ files: 1, skipped: ['pipe'] });
    expect(await download(session, join(remote, 'd'), join(local, 'down'))).toMatchObject({ files: 0, skipped: ['pipe'] });
    expect(readdirSync(join(local, 'down'))).toEqual([]);
  });
});

describe('a file', () => {
  test.each([['empty', 0], ['one byte', 1], ['just a piece', 48 * 1024], ['odd', 1_234_567]])('%s: both ways, with its mode', async (_, size) => {
    writeFileSync(join(local, 'f'), randomBytes(size), { mode: 0o751 });
    chmodSync(join(local, 'f'), 0o751);
    const sent = await upload(session, join(local, 'f'), join(remote, 'g'));
    expect(sent).toMatchObject({ kind: 'file', files: 1, bytes: size, target: join(remote, 'g') });
    const got = await download(session, join(remote, 'g'), local);
    expect(got).toMatchObject({ kind: 'file', bytes: size, target: join(local, 'g'), sha256: sent.sha256 });
    expect(snapshot(local).g).toEqual(snapshot(local).f);
    expect([readdirSync(remote), readdirSync(local).sort()]).toEqual([['g'], ['f', 'g']]);
  });

  test.each(ODD_NAMES.map((name) => [JSON.stringify(name), name]))('named %s', async (_, name) => {
    writeFileSync(join(local, name), name);
    await upload(session, join(local, name), remote);
    mkdirSync(join(local, 'back'));
    await download(session, join(remote, name), join(local, 'back'));
    expect(readFileSync(join(local, 'back', name), 'utf8')).toBe(name);
  });

  test('replaces the one that is there, also under a path that needs encoding', async () => {
    mkdirSync(join(remote, "it's"));
    writeFileSync(join(remote, "it's/f"), 'old', { mode: 0o600 });
    writeFileSync(join(local, 'f'), randomBytes(300_000), { mode: 0o644 });
    await upload(session, join(local, 'f'), join(remote, "it's"));
    await upload(session, join(local, 'f'), join(remote, "it's"));
    expect(snapshot(join(remote, "it's"))).toEqual(snapshot(local));
    writeFileSync(join(local, 'f'), 'old');
    await download(session, join(remote, "it's/f"), join(local, 'f'));
    expect(snapshot(join(remote, "it's"))).toEqual(snapshot(local));
  });

  test('that compresses takes fewer commands, several of them at a time', async () => {
    writeFileSync(join(local, 'random'), randomBytes(2_000_000));
    writeFileSync(join(local, 'text'), 'the same words again and again\n'.repeat(65_000));
    await upload(session, join(local, 'random'), remote);
    const random = session.commands.length;
    await upload(session, join(local, 'text'), remote);
    expect(session.commands.length - random).toBeLessThan(random / 2);
    expect(session.mostUnderWay).toBe(8);
    const progress: TransferProgress[] = [];
    await download(session, join(remote, 'text'), join(local, 'text2'), { onProgress: (at) => progress.push(at) });
    expect(snapshot(local).text2).toBe(snapshot(local).text);
    expect(progress.at(-1)).toMatchObject({ phase: 'placing', bytes: 2_015_000, totalBytes: 2_015_000 });
  });
});

describe('what cannot be copied is told, and nothing is left', () => {
  const told = (error: unknown) => (error instanceof TransferError ? [error.fault, error.message] : error);
  const faultOf = async (copy: Promise<unknown>) => copy.then(() => undefined, told);
  const left = () => [...readdirSync(remote), ...readdirSync(local)].filter((name) => name.startsWith('.agentcore'));

  test.each<[string, string, RegExp, (from: string) => Promise<unknown>]>([
    ['a local path that is missing', 'missing', /^local ".*no" is not there$/, () => upload(session, join(local, 'no'), remote)],
    ['a remote path that is missing', 'missing', /^the session has no ".*no"$/, () => download(session, join(remote, 'no'), local)],
    ['a remote directory that is missing', 'missing', /^the session has no directory ".*no" to copy into; make it first/,
      (from) => upload(session, from, join(remote, 'no/f'))],
    ['a local directory that is missing', 'missing', /^local directory ".*no" to copy into is not there/, () => download(session, '/etc/hosts', join(local, 'no/f'))],
    ['a local directory that is missing, with a slash', 'missing', /^local directory ".*no\/" is not there/, () => download(session, '/etc/hosts', `${local}/no/`)],
    ['a remote path with a slash that is no directory', 'kind', /is not a directory/, (from) => upload(session, from, `${remote}/no/`)],
    ['a remote path that is not absolute', 'kind', /^remote path "f" is not absolute/, (from) => upload(session, from, 'f')],
    ['a remote path with a null character', 'kind', /null character/, (from) => upload(session, from, '/a\0b')],
    ['a device', 'kind', /neither a file nor a directory/, () => download(session, '/dev/zero', local)],
    ['a local device', 'kind', /^local "\/dev\/zero" is neither a file nor a folder/, () => upload(session, '/dev/zero', remote)],
    ['a file onto a device', 'kind', /neither a file nor a directory/, (from) => upload(session, from, '/dev/null')],
    ['a folder onto a file', 'kind', /is not a directory/, async (from) => upload(session, local, from)],
    ['a name that is too long', 'kind', /too long/, (from) => upload(session, from, join(remote, 'n'.repeat(256)))],
    ['a file system that takes nothing', 'denied', /may not/, (from) => upload(session, from, '/proc/f')],
  ])('%s', async (_, fault, message, copy) => {
    writeFileSync(join(local, 'f'), 'x');
    expect(await faultOf(copy(join(local, 'f')))).toEqual([fault, expect.stringMatching(message)]);
    expect(left()).toEqual([]);
  });

  test('a file onto a directory of its name, both ways', async () => {
    writeFileSync(join(local, 'f'), 'x');
    mkdirSync(join(remote, 'f'));
    writeFileSync(join(remote, 'g'), 'x');
    mkdirSync(join(local, 'g'));
    expect(await faultOf(upload(session, join(local, 'f'), remote))).toEqual(['kind', expect.stringContaining('a file cannot replace')]);
    expect(await faultOf(download(session, join(remote, 'g'), local))).toEqual(['kind', expect.stringContaining('a file cannot replace')]);
    expect(left()).toEqual([]);
  });

  test('programs that the image lacks, by their names', async () => {
    const bin = join(home, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'base64', 'ls', 'head', 'wc', 'mv']) symlinkSync(`/bin/${name}`, join(bin, name));
    writeFileSync(join(local, 'f'), 'x');
    const poor = new ShellSession({ PATH: bin });
    expect(await faultOf(upload(poor, join(local, 'f'), remote))).toEqual(['tools', expect.stringContaining('lacks dd, tail, mkdir, rm, chmod, sha256sum,')]);
    expect(await faultOf(download(poor, join(local, 'f'), remote))).toEqual(['tools', expect.stringContaining('lacks tail, sha256sum,')]);
  });

  /** A session in which one program is another. */
  function sessionWith(name: string, text: string): ShellSession {
    const bin = join(home, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return new ShellSession({ PATH: `${bin}:${process.env.PATH}` });
  }

  test('a disk that gets full while it is written', async () => {
    writeFileSync(join(local, 'f'), randomBytes(500_000));
    const full = sessionWith('dd', 'echo "dd: error writing: No space left on device" >&2; exit 1');
    expect(await faultOf(upload(full, join(local, 'f'), remote))).toEqual(['full', expect.stringMatching(/disk of the session is full.*No space left on device/)]);
    expect(readdirSync(remote)).toEqual([]);
  });

  test('a disk that has not enough room, before anything is sent', async () => {
    writeFileSync(join(local, 'f'), randomBytes(500_000));
    const small = sessionWith('df', 'echo "Filesystem 1024-blocks Used Available Capacity Mounted on"; echo "tmp fs 1000 900 100 90% /mnt"');
    expect(await faultOf(upload(small, join(local, 'f'), remote))).toEqual(['full', expect.stringMatching(/needs 500000 bytes, and the disk of the session has 102400 left/)]);
    expect(small.commands.filter((command) => command.includes('dd of='))).toEqual([]);
    expect(readdirSync(remote)).toEqual([]);
  });

  test('a folder that cannot be packed as a whole', async () => {
    mkdirSync(join(remote, 'd'));
    const denied = sessionWith('tar', 'case "$*" in *-C*) echo "tar: ./secret: Cannot open: Permission denied" >&2; exit 2 ;; esac');
    expect(await faultOf(download(denied, join(remote, 'd'), local))).toEqual(['denied', expect.stringContaining('./secret')]);
    expect(readdirSync(local)).toEqual([]);
  });

  test('a local file that changes or grows while it is sent', async () => {
    const changes = [
      (f: string) => writeFileSync(f, randomBytes(600_000)),
      (f: string) => writeFileSync(f, 'x', { flag: 'a' }),
      (f: string) => writeFileSync(f, 'short'),
    ];
    for (const change of changes) {
      const file = join(local, 'f');
      writeFileSync(file, randomBytes(600_000));
      session = new ShellSession();
      session.meet = (_, index) => {
        if (index === 2) change(file);
        return undefined;
      };
      expect(await faultOf(upload(session, file, remote))).toEqual(['changed', expect.stringMatching(/^local ".*f" changed while it was copied; nothing was put in its place/)]);
      expect(readdirSync(remote)).toEqual([]);
    }
  });

  test('a remote file that changes or grows while it is read', async () => {
    for (const change of ['echo more >> ', 'echo less > ', 'rm ', 'head -c 300000 /dev/zero > ']) {
      const file = join(remote, 'f');
      writeFileSync(file, randomBytes(300_000));
      session = new ShellSession();
      let described = 0;
      session.meet = async (command) => {
        if (command.includes('base64 $w') && described++ === 0) await new ShellSession().run(`${change}${file}`);
        return undefined;
      };
      const [fault, message] = await faultOf(download(session, file, local)) as string[];
      expect([fault, message]).toEqual([change === 'rm ' ? 'missing' : 'changed', expect.stringMatching(change === 'rm ' ? /has no/ : /changed in the session while it was copied/)]);
      expect(readdirSync(local)).toEqual([]);
    }
  });

  test('a folder that changes while it is read', async () => {
    mkdirSync(join(remote, 'd'));
    writeFileSync(join(remote, 'd/a'), 'a');
    session.meet = (command) => {
      if (command.includes('base64 $w')) writeFileSync(join(remote, 'd/b'), 'b');
      return undefined;
    };
    expect(await faultOf(download(session, join(remote, 'd'), local))).toEqual(['changed', expect.stringContaining('changed in the session')]);
    expect(readdirSync(local)).toEqual([]);
  });

  test('a session whose machine is replaced in the middle', async () => {
    writeFileSync(join(local, 'f'), randomBytes(600_000));
    session.meet = (_, index) => {
      if (index === 4) rmSync(remote, { recursive: true });
      if (index === 4) mkdirSync(remote);
      return undefined;
    };
    // pieces that were under way may find the new machine, where the rest is missing
    expect([['gone', expect.stringContaining('its machine was replaced')], ['damaged', expect.stringContaining('copy again')]])
      .toContainEqual(await faultOf(upload(session, join(local, 'f'), remote)));
    expect(readdirSync(remote)).toEqual([]);
  });

  test('bytes that are damaged on their way', async () => {
    writeFileSync(join(local, 'f'), 'content');
    session.met = (command) => {
      const [part] = readdirSync(remote).filter((name) => name.endsWith('.part'));
      if (command.includes('dd of=')) writeFileSync(join(remote, part), 'kontent');
    };
    expect(await faultOf(upload(session, join(local, 'f'), remote))).toEqual(['damaged', expect.stringContaining('another checksum')]);
    expect(readdirSync(remote)).toEqual([]);
  });

  test('an abort, with its reason', async () => {
    writeFileSync(join(local, 'f'), randomBytes(600_000));
    writeFileSync(join(remote, 'g'), randomBytes(600_000));
    for (const [copy, from, to] of [[upload, join(local, 'f'), remote], [download, join(remote, 'g'), local]] as const) {
      const abort = new AbortController();
      session.meet = (command) => {
        if (command.includes('dd of=') || command.includes('base64 $w')) abort.abort(new Error('enough'));
        return undefined;
      };
      await expect(copy(session, from, to, { signal: abort.signal })).rejects.toThrow('enough');
    }
    expect(existsSync(join(remote, 'f'))).toBe(false);
    expect(existsSync(join(local, 'g'))).toBe(false);
  });
});

describe('interrupted', () => {
  test('connections that break are made again; what was done is not done twice', async () => {
    oddFolder(join(local, 'd'));
    writeFileSync(join(local, 'd/large'), Buffer.alloc(17 * 1024 * 1024, randomBytes(1000)));
    // each is lost before it has run, then after it has run
    const sleepless = { now: () => 0, sleep: async () => undefined };
    const tries = new Map<string, number>();
    session.meet = (command) => {
      const n = tries.get(command) ?? 0;
      tries.set(command, n + 1);
      return (['before', 'after', undefined] as const)[n];
    };
    await upload(session, join(local, 'd'), remote, { clock: sleepless });
    expect(snapshot(join(remote, 'd'))).toEqual(snapshot(join(local, 'd')));
    expect(readdirSync(remote)).toEqual(['d']);
    session.meet = (command, index) => (command.includes('base64 $w') ? (['before', 2_000_001, 3_000_002, undefined] as const)[index % 4] : undefined);
    await download(session, join(remote, 'd'), join(local, 'e'), { clock: sleepless });
    expect(snapshot(join(local, 'e'))).toEqual(snapshot(join(local, 'd')));
  });

  /** Copies until enough bytes are there. */
  async function interrupted(copy: typeof upload, from: string, to: string, enough: number): Promise<void> {
    const abort = new AbortController();
    const onProgress = ({ bytes }: TransferProgress) => { if (bytes > enough) abort.abort(new Error('killed')); };
    await expect(copy(session, from, to, { signal: abort.signal, onProgress })).rejects.toThrow('killed');
  }

  test.each(['file', 'folder'])('an upload of a %s goes on where it was, unless the source has changed', async (kind) => {
    const path = join(local, 'big');
    const file = kind === 'file' ? path : join(path, 'one');
    if (kind === 'folder') mkdirSync(path);
    writeFileSync(file, randomBytes(4_000_000));
    await interrupted(upload, path, remote, 3_000_000);
    expect(readdirSync(remote).every((name) => name.startsWith('.agentcore-'))).toBe(true);
    const resumed = await upload(session, path, remote);
    expect(resumed.resumedBytes).toBeGreaterThan(1_000_000);
    expect(snapshot(remote)[kind === 'file' ? 'big' : 'big/one']).toEqual(snapshot(local)[kind === 'file' ? 'big' : 'big/one']);

    rmSync(join(remote, 'big'), { recursive: true });
    await interrupted(upload, path, remote, 3_000_000);
    writeFileSync(file, randomBytes(100_000), { flag: 'r+' });
    expect((await upload(session, path, remote)).resumedBytes).toBe(0);
    expect(snapshot(remote)[kind === 'file' ? 'big' : 'big/one']).toEqual(snapshot(local)[kind === 'file' ? 'big' : 'big/one']);
    expect(readdirSync(remote)).toEqual(['big']);
  });

  test('an upload whose partial file was tampered with starts afresh', async () => {
    writeFileSync(join(local, 'f'), randomBytes(4_000_000));
    await interrupted(upload, join(local, 'f'), remote, 3_000_000);
    writeFileSync(join(remote, readdirSync(remote)[0]), 'other', { flag: 'r+' });
    expect((await upload(session, join(local, 'f'), remote)).resumedBytes).toBe(0);
    expect(snapshot(remote)).toEqual(snapshot(local));
  });

  test.each(['file', 'folder'])('a download of a %s goes on where it was, unless the source has changed', async (kind) => {
    const path = join(remote, 'big');
    const file = kind === 'file' ? path : join(path, 'one');
    if (kind === 'folder') mkdirSync(path);
    writeFileSync(file, randomBytes(4_000_000));
    const cut = () => interrupted(download, path, local, 2_000_000);
    await cut();
    expect(readdirSync(local)).toEqual([expect.stringMatching(/^\.agentcore-.*\.part$/)]);
    const resumed = await download(session, path, local);
    expect(resumed.resumedBytes).toBeGreaterThan(1_000_000);
    expect(snapshot(local)).toEqual(snapshot(remote));

    rmSync(join(local, 'big'), { recursive: true });
    await cut();
    const [part] = readdirSync(local);
    writeFileSync(join(local, part), 'other', { flag: 'r+' });
    expect((await download(session, path, local)).resumedBytes).toBe(0);
    rmSync(join(local, 'big'), { recursive: true });
    await cut();
    writeFileSync(file, randomBytes(100_000), { flag: 'r+' });
    expect((await download(session, path, local)).resumedBytes).toBe(0);
    expect(snapshot(local)).toEqual(snapshot(remote));
    expect(readdirSync(local)).toEqual(['big']);
  });

  test('two copies of the same file to the same place at once: each ends well or says to copy again, and nothing half-written is left', async () => {
    writeFileSync(join(local, 'f'), randomBytes(2_000_000));
    const ends = await Promise.allSettled([upload(session, join(local, 'f'), remote), upload(new ShellSession(), join(local, 'f'), remote)]);
    for (const end of ends) if (end.status === 'rejected') expect(['gone', 'damaged']).toContain(end.reason.fault);
    for (const name of readdirSync(remote)) if (name === 'f') expect(readFileSync(join(remote, name)).equals(readFileSync(join(local, 'f')))).toBe(true);
    await upload(session, join(local, 'f'), remote);
    expect(snapshot(remote)).toEqual(snapshot(local));
  });
});
