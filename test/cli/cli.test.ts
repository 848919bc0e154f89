import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';

// the file that `npx cdk-agentcore` runs
const CLI = join(__dirname, '../../bin/cdk-agentcore');

let home: string;
let server: ChildProcess;
let endpoint: string;
let driver: string;
let coderId: string;

function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: home, encoding: 'utf8', env: { PATH: process.env.PATH, XDG_STATE_HOME: home, CDK_AGENTCORE_ENDPOINT: endpoint, ...env }, input: '',
  });
  return { status, stdout, stderr };
}

function writeAssembly(directory: string, resources: object): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({
    version: '53.0.0',
    artifacts: { Stack: { type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region', properties: { templateFile: 'Stack.template.json' } } },
  }));
  writeFileSync(join(directory, 'Stack.template.json'), JSON.stringify({ Resources: resources }));
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'cli-'));
  server = spawn(process.execPath, [CLI, 'local', 'start', '--port', '0', '--state', 'state'], { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
  const line = await new Promise<string>((resolve) => createInterface(server.stdout!).once('line', resolve));
  ({ endpoint, driver } = JSON.parse(line));
  const control = new BedrockAgentCoreControlClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const { agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand({
    agentRuntimeName: 'coder',
    roleArn: 'arn:aws:iam::000000000000:role/agent',
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
    networkConfiguration: { networkMode: 'PUBLIC' },
    filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
  }));
  coderId = agentRuntimeId!;
  control.destroy();
});

afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  expect(await ended).toBe(0);
  rmSync(home, { recursive: true, force: true });
});

const SESSION = 'a-session-id-of-at-least-33-characters';

describe('run', () => {
  test('gives both streams apart and the exit code of the command', () => {
    expect(cli(['run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({ status: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  test('takes one word as shell text, several as one program and its arguments', () => {
    expect(cli(['run', '--', 'echo a | tr a b']).stdout).toBe('b\n');
    expect(cli(['run', '--', 'echo', 'a | tr a b', '$HOME']).stdout).toBe('a | tr a b $HOME\n');
  });

  test('directory and variables', () => {
    expect(cli(['run', '--cwd', '/mnt/workspace', '--env', 'A=it\'s', '--env', 'B=x=y', '--', 'pwd; echo "$A $B"']).stdout)
      .toMatch(driver === 'process' ? /^\/.*\/mounts\/workspace\nit's x=y\n$/ : /^\/mnt\/workspace\nit's x=y\n$/);
  });

  test('--json is one document', () => {
    const { status, stdout, stderr } = cli(['run', '--session', SESSION, '--json', '--', 'echo out; exit 3']);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 3, status: 'COMPLETED', stdout: 'out\n', stderr: '', truncated: false, sessionId: SESSION });
  });

  test('124 after a time-out, with what was written until then', () => {
    expect(cli(['run', '--timeout', '1', '--', 'echo partial; sleep 60'])).toEqual({ status: 124, stdout: 'partial\n', stderr: 'cdk-agentcore: timed out after 1 s\n' });
  });

  test('files stay with the session through a stop', () => {
    cli(['run', '--session', SESSION, '--', 'echo kept > /mnt/workspace/file']);
    expect(cli(['stop', '--session', SESSION]).stdout).toBe(`stopped session ${SESSION}\n`);
    expect(cli(['stop', '--session', SESSION]).stdout).toBe(`session ${SESSION} was not running\n`);
    expect(cli(['run', '--session', SESSION, '--', 'cat /mnt/workspace/file']).stdout).toBe('kept\n');
  });

  test.each<[string, string[], RegExp]>([
    ['a session id that is too short', ['--session', 'short', '--', 'true'], /session id "short" has 5 characters, allowed are 33 to 256/],
    ['a time-out that is none', ['--timeout', 'soon', '--', 'true'], /time-out of NaN s/],
    ['a directory that is not absolute', ['--cwd', 'src', '--', 'true'], /"src" is not an absolute path/],
    ['a runtime that is none', ['--runtime', 'Coder', '--', 'true'], /"Coder" is neither the id nor the ARN of a runtime/],
    ['a runtime that is not there', ['--runtime', 'coder-0000000000', '--', 'true'], /coder-0000000000/],
    ['an endpoint of the runtime that is not there', ['--qualifier', 'prod', '--', 'true'], /the command did not start.*ResourceNotFoundException/],
    ['a server that is not there', ['--endpoint', 'http://127.0.0.1:9', '--', 'true'], /ECONNREFUSED/],
    ['no URL', ['--endpoint', 'localhost', '--', 'true'], /not a URL|endpoint/],
  ])('%s is told in one line, and nothing ran', (_, args, message) => {
    const { status, stdout, stderr } = cli(['run', ...args]);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('local', () => {
  test.each<[string, () => string[], RegExp]>([
    ['a port in use', () => ['start', '--port', new URL(endpoint).port, '--state', 'other'], /port \d+ .*in use/],
    ['a state directory in use', () => ['start', '--port', '0', '--state', 'state'], /state/],
    ['a missing assembly', () => ['deploy', 'nowhere'], /nowhere.*cdk synth/],
    ['no server', () => ['deploy', 'assembly', '--endpoint', 'http://127.0.0.1:9'], /local start/],
    ['a type that is not known', () => ['deploy', 'assembly'], /AWS::Unknown::Thing/],
  ])('%s is told in one line that says what to do', (_, args, message) => {
    writeAssembly(join(home, 'assembly'), { Thing: { Type: 'AWS::Unknown::Thing' } });
    const { status, stderr } = cli(['local', ...args()]);
    expect(status).toBe(125);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('deploy --import takes a runtime that is there into a stack, and nothing else', () => {
    const assembly = join(home, 'importing');
    const local = (resources: object, ...args: string[]) => {
      writeAssembly(assembly, { Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'agent' } }, ...resources });
      const { status, stdout, stderr } = cli(['local', 'deploy', assembly, ...args]);
      return { status, text: stdout + stderr };
    };
    const runtime = { Type: 'AWS::BedrockAgentCore::Runtime', DeletionPolicy: 'Retain', Properties: { AgentRuntimeName: 'coder' } };
    expect(local({})).toMatchObject({ status: 0, text: expect.stringContaining('Stack is CREATE_COMPLETE') });
    expect(local({ Coder: runtime, More: { Type: 'AWS::IAM::Role' } }, '--import', `Coder=${coderId}`))
      .toMatchObject({ status: 125, text: expect.stringContaining('resources [More] is missing from ResourceToImport list') });
    expect(local({ Coder: runtime }, '--import', `Coder=${coderId}`)).toMatchObject({ status: 0, text: expect.stringContaining('Stack is IMPORT_COMPLETE') });
    expect(cli(['local', 'destroy']).status).toBe(0);
    expect(cli(['run', '--runtime', coderId, '--', 'echo still here']).stdout).toBe('still here\n');
  });
});

test.each([['--help'], ['run', '--help'], ['help'], ['local', 'help', 'start'], ['--version']].map((args) => [args.join(' '), args]))('%s ends with 0', (_, args) => {
  const { status, stdout, stderr } = cli(args as string[]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toBe('');
});

test('help and version tell what there is', () => {
  expect(cli(['--help']).stdout).toMatch(/run .*invoke .*stop .*local/s);
  expect(cli(['run', '--help']).stdout).toContain('Examples:');
  expect(cli(['--version']).stdout).toBe(`${JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')).version}\n`);
});

test.each(['-1', 'abc', '1e9', '', '1.5', '86401', '99999999999999999999'])('a delay of IAM of %j is one line, and ends with 2', (delay) => {
  expect(cli(['local', 'start', '--iam-delay', delay])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: `cdk-agentcore: --iam-delay ${JSON.stringify(delay)} is not a whole number of seconds from 0 to 86400; use one, as in --iam-delay 10\n`,
  });
});

test.each<[string, string[], string]>([
  ['a wrong option', ['run', '--colour', '--', 'true'], "unknown option '--colour'"],
  ['a command that is none', ['walk'], "unknown command 'walk'"],
  ['a missing argument', ['local', 'deploy'], "missing required argument 'assembly'"],
  ['a wrong choice', ['local', 'start', '--driver', 'docker'], 'Allowed choices are namespace-root, namespace-user, bubblewrap, process.'],
  ['a delay that is none', ['local', 'start', '--transition-delay', '5s'], 'use a whole number of milliseconds'],
  ['an import without an id', ['local', 'deploy', 'assembly', '--import', 'Agent'], 'use LogicalId=id'],
  ['an import named twice', ['local', 'deploy', 'assembly', '--import', 'A=a-0123456789', '--import', 'A=b-0123456789'], 'A is there already'],
  ['a wrong variable', ['run', '--env', 'A', '--', 'true'], 'use NAME=value.'],
  ['nothing at all', [], 'Usage: cdk-agentcore'],
  ['an empty command', ['run', '--', ''], 'command is empty'],
])('%s ends with 125', (_, args, message) => {
  const { status, stdout, stderr } = cli(args);
  expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  expect(stderr).toContain(message);
});
