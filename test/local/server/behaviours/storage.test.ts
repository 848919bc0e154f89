import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAgentRuntimeEndpointCommand, DeleteAgentRuntimeCommand, DeleteAgentRuntimeEndpointCommand, UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { DEVICES } from '../../../util/devices';
import { isInstalled, Need, testWith } from '../../../util/needs';
import { byDriver, DRIVERS_HERE, eventually } from '../../sessions/support';
import { LiveService, Made, SESSION } from '../support/live-service';

/** What session storage does, row by row of the behaviours that independent clients rely on. */
const DAY = 24 * 60 * 60;
const LOCKS: Need = { lack: 'this system does not list its locks in /proc/locks', isMet: existsSync('/proc/locks') };
const ATTRIBUTES: Need = { lack: 'this file system keeps no extended attributes', isMet: canKeepAttributes() };
const HOST_USERS: Need = { lack: `driver ${DRIVERS_HERE[0]} has no device files`, isMet: ['namespace-root', 'process'].includes(DRIVERS_HERE[0]) };
const OTHER = 'another-session-id-of-33-characters-';

function canKeepAttributes(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'agentcore-attributes-'));
  try {
    return spawnSync('setfattr', ['-n', 'user.colour', '-v', 'blue', directory]).status === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

let service: LiveService;
let runtime: Made;
beforeAll(async () => { service = await LiveService.start(); });
beforeEach(async () => { runtime = await service.create(undefined, { lifecycleConfiguration: { idleRuntimeSessionTimeout: 60 } }); });
afterAll(async () => service.end());

const write = async (text: string, options = {}) => service.output(runtime, `echo ${text} > /mnt/workspace/file`, options);
const read = async (options = {}) => service.output(runtime, 'cat /mnt/workspace/file 2>/dev/null || echo empty', options);
const pin = async (name = 'pinned') => service.control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId: runtime.agentRuntimeId, name }));
/** The directories of storage that are there. */
const kept = () => readdirSync(join(service.stateDir, 'storage'));

describe('S1: it is empty at first, and a session\'s own', () => {
  test('S1: it is back after a stop and after an idle end', async () => {
    expect(await service.output(runtime, 'ls -A /mnt/workspace')).toBe('');
    await write('stored');
    await service.stop(runtime);
    expect(await read()).toBe('stored\n');
    await service.advance(60);
    expect((await service.admin('sessions')).sessions).toEqual([]);
    expect(await read()).toBe('stored\n');
  });

  test('S1: another session has its own', async () => {
    await write('stored');
    expect(await read({ session: OTHER })).toBe('empty\n');
  });
});

describe('S2: it belongs to an endpoint and the version behind it', () => {
  test('S2: two endpoints have two', async () => {
    await pin();
    await write('of DEFAULT');
    expect(await read({ qualifier: 'pinned' })).toBe('empty\n');
  });

  test('S2: a new version empties that of DEFAULT, not that of an endpoint that stays', async () => {
    await pin();
    await write('of DEFAULT');
    await write('of pinned', { qualifier: 'pinned' });
    await service.update(runtime);
    // a session that runs keeps its version, and its files
    expect(await read()).toBe('of DEFAULT\n');
    await service.stop(runtime);
    await service.stop(runtime, SESSION, 'pinned');
    expect(await read()).toBe('empty\n');
    expect(await read({ qualifier: 'pinned' })).toBe('of pinned\n');
  });

  test('S2: pointing an endpoint at another version empties it', async () => {
    await pin();
    await write('of pinned', { qualifier: 'pinned' });
    await service.stop(runtime, SESSION, 'pinned');
    await service.update(runtime);
    const move = { agentRuntimeId: runtime.agentRuntimeId, endpointName: 'pinned', agentRuntimeVersion: '2' };
    await service.control.send(new UpdateAgentRuntimeEndpointCommand(move));
    expect(await read({ qualifier: 'pinned' })).toBe('empty\n');
  });
});

describe('S3: it ends', () => {
  test('S3: after 14 days without a call, not before', async () => {
    await write('stored');
    await service.advance(14 * DAY - 60);
    expect(await read()).toBe('stored\n');
    await service.advance(14 * DAY);
    expect(await read()).toBe('empty\n');
  });

  test('S3: its files are gone then, also if nobody asks', async () => {
    const before = kept();
    await write('stored');
    const [own] = kept().filter((name) => !before.includes(name));
    await service.stop(runtime);
    await service.advance(14 * DAY - 60);
    expect(kept()).toContain(own);
    await service.advance(60 * 60);
    expect(kept()).not.toContain(own);
  });

  test('S3: with its endpoint, and with its runtime', async () => {
    await pin();
    const before = kept();
    await write('of DEFAULT');
    const [ofDefault] = kept().filter((name) => !before.includes(name));
    await write('of pinned', { qualifier: 'pinned' });
    const { agentRuntimeId } = runtime;
    await service.control.send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'pinned' }));
    expect(kept().filter((name) => !before.includes(name))).toEqual([ofDefault]);
    await service.control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
    expect(kept()).not.toContain(ofDefault);
  });
});

/** What the session of a runtime is told to have in its storage. */
const reportOf = async (of: LiveService) => (await of.admin('sessions')).sessions[0]?.storage;

async function withService(options: Parameters<typeof LiveService.start>[0], work: (live: LiveService) => Promise<void>): Promise<void> {
  const live = await LiveService.start(options);
  try {
    await work(live);
  } finally {
    await live.end();
  }
}

describe('S4: its quota', () => {
  const overfill = 'truncate -s 1000000001 /mnt/workspace/large';
  const over = '1000000001 bytes, the service has room for 1000000000';

  test('S4: is reported in the log and with the session', async () => {
    await withService({}, async (live) => {
      const made = await live.create();
      await live.output(made, overfill);
      await eventually(() => live.logged.some((line) => line.endsWith(`session ${SESSION} of ${made.agentRuntimeId}: its storage has ${over}`)), 'it is logged');
      expect(await reportOf(live)).toEqual({ bytes: 1_000_000_001, files: 1, overQuota: [over], unsupported: [] });
    });
  });

  test('S4: fails the command where it is enforced, until there is room again', async () => {
    await withService({ storageQuota: 'enforce' }, async (live) => {
      const made = await live.create();
      expect(await live.run(made, overfill)).toMatchObject({ exitCode: 1, status: 'COMPLETED', stderr: `session storage has ${over}: No space left on device\n` });
      expect(await live.run(made, 'echo out; exit 7')).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: expect.stringContaining('No space left on device') });
      expect(await live.run(made, 'truncate -s 1000000000 /mnt/workspace/large')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await live.admin('health')).toMatchObject({ storageChecks: { quota: 'enforce', strict: false } });
    });
  });

  test('S4: is not looked at where that is off', async () => {
    await withService({ storageQuota: 'off', strictStorage: true }, async (live) => {
      expect(await live.run(await live.create(), overfill)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await reportOf(live)).toMatchObject({ bytes: 1_000_000_001, overQuota: [] });
    });
  });

  test('S4: what an agent writes before it is healthy would not find the mount', async () => {
    const agent = `
      import { createServer } from 'node:http';
      import { writeFileSync } from 'node:fs';
      writeFileSync((process.env.AGENTCORE_LOCAL_MOUNT_0 ?? '/mnt/workspace') + '/at-import', '');
      createServer((request, response) => response.end('{}')).listen(8080);`;
    await withService({ strictStorage: true }, async (live) => {
      await live.invoke(await live.create(agent));
      expect((await reportOf(live)).unsupported).toEqual([expect.stringMatching(/^files written before the agent was healthy, .*: \., at-import$/)]);
    });
  });
});

describe('S5: what its mount does not have', () => {
  let strict: LiveService;
  let made: Made;
  beforeAll(async () => { strict = await LiveService.start({ strictStorage: true }); });
  beforeEach(async () => { made = await strict.create(); });
  afterEach(async () => {
    // a test that went wrong early has begun none
    if ((await strict.admin('sessions')).sessions.length > 0) await strict.stop(made);
  });
  afterAll(async () => strict.end());

  const ofNode = (script: string) => `node -e '${script}'`;
  const cases: [string, string, readonly (Need | string)[]][] = [
    ['hard links', 'echo x > one; ln one two', []],
    ['FIFOs', 'mkfifo pipe', []],
    ['UNIX sockets', ofNode('require("net").createServer().listen("socket", () => process.kill(process.pid, "SIGKILL"))'), []],
    ['device files', 'mknod null c 1 3', [DEVICES, HOST_USERS]],
    ['extended attributes', 'touch file; setfattr -n user.colour -v blue file', ['getfattr', 'setfattr', ATTRIBUTES]],
  ];

  for (const [what, script, needs] of cases) {
    testWith(needs, `S5: ${what} are named`, async () => {
      await strict.run(made, `cd /mnt/workspace && ${script}`);
      expect((await reportOf(strict)).unsupported).toEqual([expect.stringMatching(new RegExp(`^${what}, which the service's mount does not have: `))]);
      expect(strict.logged.some((line) => line.includes(`${made.agentRuntimeId}: its storage has ${what}`))).toBe(true);
    });
  }

  testWith([LOCKS, 'flock'], 'S5: locks are named, if they are held for a while', async () => {
    const held = await strict.begin(made, 'cd /mnt/workspace && flock lock sh -c "echo up; until [ -e go ]; do sleep 0.02; done"', 'up');
    const looks = async () => { await strict.output(made, 'true'); return (await reportOf(strict)).unsupported as string[]; };
    // a command that ends has the storage looked at, and this one's lock is still held then
    expect(await looks()).toEqual(['locks on files, which the service\'s mount does not have: lock']);
    await strict.output(made, 'touch /mnt/workspace/go');
    expect((await held.ended).exitCode).toBe(0);
    // that it was held once is not forgotten
    expect(await looks()).toHaveLength(1);
  });

  test('S5: what it does have is not named', async () => {
    await strict.output(made, 'cd /mnt/workspace && mkdir -p a/b && echo x > a/b/c && ln -s a link && mv a/b/c a/d && chmod 600 a/d && git init -q . && rm link');
    expect((await reportOf(strict)).unsupported).toEqual([]);
    expect(await strict.admin('health')).toMatchObject({ storageChecks: { strict: true, notes: isInstalled('getfattr') ? [] : [expect.stringContaining('getfattr')] } });
  });
});

describe('S6: permissions', () => {
  test('S6: are stored', async () => {
    await service.output(runtime, 'cd /mnt/workspace && touch file && chmod 640 file');
    await service.stop(runtime);
    expect(await service.output(runtime, 'stat -c %a /mnt/workspace/file')).toBe('640\n');
  });

  testWith([byDriver('namespace-root'), 'setpriv'], 'S6: any user of the session may write', async () => {
    await service.output(runtime, 'setpriv --reuid 65534 --regid 65534 --clear-groups touch /mnt/workspace/of-nobody');
    expect(await service.output(runtime, 'stat -c %u /mnt/workspace/of-nobody')).toBe('65534\n');
  });
});
