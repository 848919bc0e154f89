import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { LocalCli, SESSION } from './support/local-cli';

let cli: LocalCli;
let id: string;
beforeAll(async () => {
  cli = new LocalCli();
  await cli.start();
  id = await cli.createRuntime('coder');
});
afterAll(async () => cli.end());

const DAY_MILLIS = 86_400_000;
const known = () => JSON.parse(cli.run(['sessions', '--json']).stdout) as { sessionId: string; state: string; runs: { ended?: string }[] }[];
const recordFiles = () => readdirSync(join(cli.home, 'xdg/cdk-agentcore/sessions')).map((name) => join(cli.home, 'xdg/cdk-agentcore/sessions', name));

test('sessions that are named are known, those of one command are not', () => {
  expect(cli.run(['sessions'])).toEqual({ status: 0, stdout: '', stderr: expect.stringContaining('no session was used from this machine yet') });
  cli.run(['run', '--', 'true']);
  expect(known()).toEqual([]);
  cli.run(['run', '--session', SESSION, '--', 'echo secret-word']);
  expect(known()).toMatchObject([{ sessionId: SESSION, state: 'recent', endpoint: cli.endpoint, qualifier: 'DEFAULT' }]);
  expect(cli.run(['sessions']).stdout).toMatch(new RegExp(`^recent   ${SESSION}  just now    ${id} at http://127.0.0.1:\\d+\n$`));
  expect(recordFiles().map((file) => readFileSync(file, 'utf8')).join()).not.toContain('secret-word');
  cli.run(['stop', '--session', SESSION]);
  expect(known()).toMatchObject([{ state: 'stopped' }]);
});

test('old ones are marked, and forgotten when that is asked for', () => {
  cli.run(['run', '--session', SESSION, '--', 'true']);
  const age = (millis: number) => recordFiles().forEach((file) => {
    const record = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...record, lastUsed: Date.now() - millis }));
  });
  age(16 * 60_000);
  expect(known()).toMatchObject([{ state: 'idle' }]);
  age(15 * DAY_MILLIS);
  expect(known()).toMatchObject([{ state: 'stale' }]);
  cli.run(['sessions', '--prune']);
  expect(known()).toEqual([]);
});

test('where nothing can be recorded, commands run as ever', () => {
  writeFileSync(join(cli.home, 'a-file'), '');
  expect(cli.run(['run', '--session', SESSION, '--', 'echo hi'], { XDG_STATE_HOME: join(cli.home, 'a-file') })).toEqual({ status: 0, stdout: 'hi\n', stderr: '' });
});

describe('run --detach and attach', () => {
  const detach = (...args: string[]) => cli.run(['run', '--detach', '--session', SESSION, ...args]);

  test('output from the beginning, both streams, the exit code of the command; again and again', () => {
    const { status, stdout, stderr } = detach('--', 'echo out; echo err >&2; exit 5');
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining(`cdk-agentcore attach ${stdout.trim()}`) });
    expect(cli.run(['attach'])).toEqual({ status: 5, stdout: 'out\n', stderr: 'err\n' });
    expect(cli.run(['attach', stdout.slice(0, 8)])).toEqual({ status: 5, stdout: 'out\n', stderr: 'err\n' });
    expect(JSON.parse(cli.run(['attach', stdout.trim(), '--json']).stdout)).toMatchObject({ exitCode: 5, stdout: 'out\n' });
    expect(known()[0].runs).toMatchObject([{ ended: 'exit code 5' }]);
    expect(cli.run(['attach', stdout.trim(), '--remove']).status).toBe(0);
    expect(known()[0].runs).toEqual([]);
  });

  test('the handle alone leads to it, from any machine', () => {
    const { stdout, stderr } = detach('--json', '--', 'echo elsewhere');
    expect(stderr).toBe('');
    const elsewhere = { XDG_STATE_HOME: join(cli.home, 'elsewhere') };
    expect(cli.run(['attach', stdout], elsewhere)).toEqual({ status: 0, stdout: 'elsewhere\n', stderr: '' });
    expect(cli.run(['attach', '-'], elsewhere, stdout)).toEqual({ status: 0, stdout: 'elsewhere\n', stderr: '' });
  });

  test('Ctrl-C leaves it running; --stop ends it', async () => {
    const token = detach('--', 'echo up; exec sleep 1000').stdout.trim();
    const child = cli.spawn(['attach', token]);
    const said = text(child.stderr!);
    await once(createInterface(child.stdout!), 'line');
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(await said).toBe(`cdk-agentcore: the command goes on; see it again with: cdk-agentcore attach ${token}\n`);
    expect(cli.run(['attach', token, '--stop'])).toEqual({ status: 124, stdout: 'up\n', stderr: 'cdk-agentcore: it was stopped, or its time ran out\n' });
  });

  test.each<[string, string[], RegExp]>([
    ['a token that is not known', ['attach', 'zzz'], /knows of no detached command "zzz"/],
    ['a handle that is no JSON', ['attach', '{'], /not valid JSON/],
    ['a handle that lacks something', ['attach', '{"token":"x"}'], /the handle lacks some of runtimeArn/],
    ['a session id that is too short', ['run', '--detach', '--session', 'short', '--', 'true'], /session id "short" has 5 characters/],
    ['a time-out that is too long', ['run', '--detach', '--timeout', '99999', '--', 'true'], /99999/],
  ])('%s is told in one line', (_, args, message) => {
    const { status, stdout, stderr } = cli.run(args);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
