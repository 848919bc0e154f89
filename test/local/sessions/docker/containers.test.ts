import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FakeDocker } from './fake-docker';
import { createSessions, LocalSessions } from '../../../../src/local/sessions';
import { sweepStaleComputes } from '../../../../src/local/sessions/drivers/compute-records';
import { composeCommandLine } from '../../../../src/service/command-line';
import { describeWith, LINUX } from '../../../util/needs';
import { commandLines } from '../../../util/processes';
import { eventually, key, MemorySink, removeScratch, scratchDirectory, version } from '../support';

const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1';

const AGENT = `
console.log('container starts');
const server = require('node:http').createServer((request, response) => {
  if (request.url === '/die') process.exit(5);
  response.end(request.url + ' ' + process.env.COLOUR);
}).listen(0, '127.0.0.1', () => require('node:fs').writeFileSync(process.env.PORT_FILE, String(server.address().port)));
`;

const path = process.env.PATH;
let engine: FakeDocker;
let stateDir: string;
let sessions: LocalSessions;
let lines: string[];

beforeEach(async () => {
  engine = new FakeDocker(scratchDirectory());
  engine.addImage(IMAGE, AGENT);
  process.env.PATH = `${engine.bin}:${path}`;
  stateDir = scratchDirectory();
  lines = [];
  sessions = await createSessions({ stateDir, driver: 'process', log: (line) => lines.push(line) });
});

afterEach(async () => {
  await sessions.close();
  process.env.PATH = path;
  removeScratch();
});

const on = version({ image: IMAGE, environment: { COLOUR: 'blue', PATH: '/usr/bin:/bin' }, noAgentReason: 'no agent runs here' });

async function run(script: string, timeoutSeconds = 30, sink = new MemorySink()) {
  const end = await sessions.run(key(), on, { command: composeCommandLine({ command: script }), timeoutSeconds }, sink);
  return { ...end, stdout: sink.stdout, stderr: sink.stderr };
}

async function invoke(of = on): Promise<string> {
  const { body } = await sessions.invoke(key(), of, { headers: {}, body: Buffer.from('{}') });
  let text = '';
  for await (const chunk of body as Readable) text += String(chunk);
  return text;
}

// the program that stands for Docker takes what Linux has
describeWith([LINUX], 'an image that Docker has', () => {
  test('runs as the session\'s agent, on its contract\'s port, with its variables and mounts', async () => {
    expect(sessions.containers).toBe('Docker 28.0.0');
    expect(await invoke()).toBe('/invocations blue');
    const [call] = engine.calls('run');
    expect(call).toEqual([
      'run', '--detach', '--name', expect.stringMatching(/^agentcore-[0-9a-f]{32}-/), '--label', expect.stringMatching(/^agentcore-local=/),
      '--publish', '127.0.0.1::8080/tcp', '--mount', expect.stringMatching(new RegExp(`^type=bind,source=${stateDir}/storage/.*,target=/mnt/workspace$`)),
      // what the client itself goes by cannot come by its environment; no other value is seen by other users
      '--env', 'COLOUR', '--env', 'PATH=/usr/bin:/bin', IMAGE,
    ]);
    await eventually(() => lines.includes('coder-0123456789 agent: container starts'), 'its output is logged');
  });

  test('has commands run in the same container, as root, with storage that stays', async () => {
    expect(await run('echo "$COLOUR"; echo err >&2; echo x > "$WORKSPACE/file"; exit 7')).toEqual({ exitCode: 7, status: 'COMPLETED', stdout: 'blue\n', stderr: 'err\n' });
    const [call] = engine.calls('exec');
    expect(call.slice(0, 6)).toEqual(['exec', '--interactive', '--user', '0', '--workdir', '/']);
    await sessions.stop(key());
    expect((await run('cat "$WORKSPACE/file"')).stdout).toBe('x\n');
    expect(engine.calls('run')).toHaveLength(2);
  });

  test('a command out of time ends in the container, not only in its client', async () => {
    const sleep = `sleep 1000.${process.pid}`;
    expect(await run(`${sleep} & echo partial; ${sleep}`, 1)).toMatchObject({ exitCode: -1, status: 'TIMED_OUT', stdout: 'partial\n' });
    await eventually(() => !commandLines().includes(sleep), 'its processes have ended');
    expect((await run('echo alive')).stdout).toBe('alive\n');
  });

  test('goes with its session', async () => {
    await run('true');
    await sessions.stop(key());
    const [[, , , name]] = engine.calls('run');
    expect(engine.calls('rm')).toEqual([['rm', '--force', '--volumes', name]]);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
  });

  test('that dies ends its session', async () => {
    await invoke();
    const note = readdirSync(engine.bin).find((name) => /^agentcore-.*\.json$/.test(name))!;
    const { pid } = JSON.parse(readFileSync(join(engine.bin, note), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await eventually(() => sessions.list().length === 0, 'the session has ended');
    expect(await invoke()).toBe('/invocations blue');
  });

  test('that does not start fails the call with what Docker says, and leaves nothing', async () => {
    engine.addImage(IMAGE, '// refused');
    await expect(run('true')).rejects.toMatchObject({ name: 'RuntimeClientError', status: 424, message: expect.stringMatching(/does not start: docker run: Error response from daemon: refused/) });
    expect(engine.calls('rm')).toHaveLength(1);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
  });

  test('is removed at the next start, where a server was killed', async () => {
    mkdirSync(join(stateDir, 'computes'), { recursive: true });
    writeFileSync(join(stateDir, 'computes', 'stale.json'), JSON.stringify({ id: 'stale', driver: 'docker', owner: { pid: 1, startTime: 'long ago' } }));
    expect(await sweepStaleComputes(stateDir)).toHaveLength(1);
    expect(engine.calls('rm')).toEqual([['rm', '--force', '--volumes', 'agentcore-stale']]);
  });

  test('that was left is removed by a later start where no engine answers at the next one', async () => {
    mkdirSync(join(stateDir, 'computes'), { recursive: true });
    writeFileSync(join(stateDir, 'computes', 'stale.json'), JSON.stringify({ id: 'stale', driver: 'docker', owner: { pid: 1, startTime: 'long ago' } }));
    process.env.PATH = scratchDirectory();
    expect(await sweepStaleComputes(stateDir)).toEqual([
      'compute stale, left behind by a server that crashed, could not be ended, and the next start tries again: program docker is not found',
    ]);
    process.env.PATH = `${engine.bin}:${path}`;
    expect(await sweepStaleComputes(stateDir)).toEqual(['ended compute stale, left behind by a server that crashed']);
    expect(readdirSync(join(stateDir, 'computes'))).toEqual([]);
  });

  test('that Docker does not have does not run, and commands run without it', async () => {
    const other = { ...on, image: 'elsewhere:1' };
    await expect(invoke(other)).rejects.toMatchObject({ name: 'RuntimeClientError', message: 'no agent runs here' });
    const sink = new MemorySink();
    await sessions.run(key(), other, { command: 'echo here', timeoutSeconds: 30 }, sink);
    expect(sink.stdout).toBe('here\n');
    expect(engine.calls('run')).toEqual([]);
  });
});

test('without an engine it is said why', async () => {
  await sessions.close();
  process.env.PATH = scratchDirectory();
  sessions = await createSessions({ stateDir, driver: 'process', log: () => undefined });
  expect(sessions.containers).toBe('no Docker engine answers: program docker is not found');
});
