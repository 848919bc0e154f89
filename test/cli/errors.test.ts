import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LocalCli, SESSION } from './support/local-cli';

const ARN = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-0123456789';

let cli: LocalCli;
beforeAll(() => { cli = new LocalCli(); });
afterAll(async () => cli.end());

test.each([['run', ['--', 'true']], ['invoke', ['{}']], ['stop', ['--session', SESSION]], ['logs', []]])('no credentials: %s', (command, args) => {
  const env = { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };
  expect(cli.run([command, ...args], env)).toEqual({
    status: 125, stdout: '', stderr: expect.stringMatching(/^cdk-agentcore: there are no AWS credentials; set AWS_PROFILE, sign in with `aws sso login`[^\n]*\n$/),
  });
});

test('no region', () => {
  expect(cli.run(['run', '--', 'true'])).toEqual({ status: 125, stdout: '', stderr: 'cdk-agentcore: no region is known; name one with --region, AWS_REGION or in the profile\n' });
});

describe('what the service answers with', () => {
  let aws: Server;
  let answer: { status: number; type: string; message: string };
  beforeAll(async () => {
    aws = createServer((request, response) => {
      request.resume().on('end', () => response
        .writeHead(answer.status, { 'content-type': 'application/json', 'x-amzn-errortype': answer.type, 'x-amzn-requestid': 'request-1' })
        .end(JSON.stringify({ message: answer.message })));
    }).listen(0, '127.0.0.1');
    await once(aws, 'listening');
  });
  afterAll(async () => {
    aws.closeAllConnections();
    await new Promise((resolve) => aws.close(resolve));
  });

  async function run(...args: string[]) {
    const child = cli.spawn(['run', '--session', SESSION, ...args, '--', 'true'], { CDK_AGENTCORE_ENDPOINT: `http://127.0.0.1:${(aws.address() as AddressInfo).port}` });
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    return stderr;
  }

  test.each([
    ['ExpiredTokenException', 'The security token included in the request is expired', /^cdk-agentcore: the AWS credentials have expired; sign in again[^\n]*\n$/],
    ['UnrecognizedClientException', 'The security token included in the request is invalid.', /^cdk-agentcore: AWS does not know these credentials; look at AWS_PROFILE[^\n]*\n$/],
    ['AccessDeniedException', 'User: x is not authorized', /^cdk-agentcore: [^\n]*AccessDeniedException: User: x is not authorized; allow the action [^\n]*\(request request-1\)\n$/],
  ])('%s', async (type, message, told) => {
    answer = { status: 403, type, message };
    expect(await run('--runtime', ARN)).toMatch(told);
  });

  test('--debug shows where it came from', async () => {
    answer = { status: 403, type: 'AccessDeniedException', message: 'no' };
    const child = cli.spawn(['--debug', 'run', '--runtime', ARN, '--session', SESSION, '--', 'true'], { CDK_AGENTCORE_ENDPOINT: `http://127.0.0.1:${(aws.address() as AddressInfo).port}` });
    expect(await text(child.stderr!)).toMatch(/\n\s+at /);
  });
});

test('a connection that is lost in the middle: what was written is shown, nobody claims to know how it ended', async () => {
  const local = new LocalCli();
  const fault = { kind: 'cutStream', operation: 'InvokeAgentRuntimeCommand', afterDeltas: 1, command: 'ends' };
  writeFileSync(join(local.home, 'faults.json'), JSON.stringify({ version: 1, service: [fault] }));
  try {
    await local.start('--faults', 'faults.json');
    await local.createRuntime('coder');
    const { status, stdout, stderr } = local.run(['run', '--session', SESSION, '--', 'echo before; sleep 1000; echo after']);
    expect({ status, stdout }).toEqual({ status: 125, stdout: 'before\n' });
    expect(stderr).toMatch(/^cdk-agentcore: the outcome of the command in session \S+ is unknown: its output broke off[^\n]*look in the session what the command has done[^\n]*`run --detach`[^\n]*\n$/);
  } finally {
    await local.end();
  }
});
