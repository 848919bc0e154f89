import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { chunk } from '../../src/local/server/data/event-frames';

// the file that `npx cdk-agentcore` runs
const CLI = join(__dirname, '../../bin/cdk-agentcore');
const ARN = 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/coder-0123456789';
const SESSION = 'a-session-id-of-at-least-33-characters';

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'cli-interrupted-')); });
afterEach(() => rmSync(home, { recursive: true, force: true }));

function start(args: readonly string[], endpoint?: string): ChildProcess {
  const env = { PATH: process.env.PATH, XDG_STATE_HOME: home, ...(endpoint === undefined ? {} : { CDK_AGENTCORE_ENDPOINT: endpoint }) };
  return spawn(process.execPath, [CLI, ...args], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

const exitOf = async (child: ChildProcess) => (await once(child, 'exit'))[0] as number | null;
const firstLine = (child: ChildProcess) => new Promise<string>((resolve) => createInterface(child.stdout!).once('line', resolve));

describe('against a local AgentCore', () => {
  let server: ChildProcess;
  let endpoint: string;

  beforeEach(async () => {
    server = start(['local', 'start', '--port', '0', '--state', 'state']);
    server.stderr!.resume();
    ({ endpoint } = JSON.parse(await firstLine(server)));
    const control = new BedrockAgentCoreControlClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    await control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: 'coder',
      roleArn: 'arn:aws:iam::000000000000:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
      networkConfiguration: { networkMode: 'PUBLIC' },
    }));
    control.destroy();
  });

  afterEach(async () => {
    const ended = exitOf(server);
    server.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  const sessions = async () => ((await (await fetch(`${endpoint}/_local/health`)).json()) as { sessions: number }).sessions;

  async function interrupt(args: readonly string[], how: (child: ChildProcess) => void) {
    const child = start(['run', ...args], endpoint);
    const said = text(child.stderr!);
    const ended = exitOf(child);
    await firstLine(child);
    how(child);
    return { exitCode: await ended, stderr: await said, sessions: await sessions() };
  }

  test.each([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const)('%s stops the own session and ends with %d', async (signal, exitCode) => {
    expect(await interrupt(['--', 'echo up; sleep 1000'], (child) => child.kill(signal))).toEqual({ exitCode, stderr: '', sessions: 0 });
  });

  test('a reader that goes away stops the own session, without a word', async () => {
    expect(await interrupt(['--', 'yes'], (child) => child.stdout!.destroy())).toEqual({ exitCode: 141, stderr: '', sessions: 0 });
  });

  test('a session that was there before stays', async () => {
    const args = ['--session', SESSION, '--', 'echo up; sleep 1000'];
    expect(await interrupt(args, (child) => child.kill('SIGINT'))).toEqual({ exitCode: 130, stderr: '', sessions: 1 });
  });
});

describe('against a service that cannot stop sessions', () => {
  let service: Server;
  let endpoint: string;
  let answerCommand: (response: ServerResponse) => void;

  beforeEach(async () => {
    service = createServer((request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      if (request.url!.includes('/commands')) return answerCommand(response);
      return fail(response, 403, 'AccessDeniedException', 'not allowed to\nstop');
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    const closed = once(service, 'close');
    service.close();
    service.closeAllConnections();
    await closed;
  });

  function fail(response: ServerResponse, status: number, type: string, message: string): void {
    response.writeHead(status, { 'x-amzn-ErrorType': type, 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  }

  async function run() {
    const child = start(['run', '--runtime', ARN, '--', 'true'], endpoint);
    child.stdout!.resume();
    const said = text(child.stderr!);
    return { exitCode: await exitOf(child), stderr: await said };
  }

  test('the exit code is the command\'s, and one line tells of the session', async () => {
    answerCommand = (response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
      response.end(chunk({ contentStop: { exitCode: 7, status: 'COMPLETED' } }));
    };
    expect(await run()).toEqual({
      exitCode: 7, stderr: expect.stringMatching(/^cdk-agentcore: session \S+ could not be stopped and may still run: AccessDeniedException: not allowed to stop\n$/),
    });
  });

  test('where the command did not start, only that is told', async () => {
    answerCommand = (response) => fail(response, 400, 'ValidationException', 'no such thing');
    expect(await run()).toEqual({ exitCode: 125, stderr: expect.stringMatching(/^cdk-agentcore: the command did not start [^\n]*no such thing; change the request[^\n]*\n$/) });
  });
});
