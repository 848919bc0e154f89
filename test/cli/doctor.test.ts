import { once } from 'node:events';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LocalCli, SESSION } from './support/local-cli';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly detail: string; readonly remedy?: string }[];
}

let cli: LocalCli;
let id: string;
beforeAll(async () => {
  cli = new LocalCli();
  await cli.start();
  id = await cli.createRuntime('coder');
});
afterAll(async () => cli.end());

const sessions = async () => ((await (await fetch(`${cli.endpoint}/_local/health`)).json()) as { sessions: number }).sessions;
const report = (...args: string[]): Report => JSON.parse(cli.run(['doctor', '--json', ...args]).stdout);

test('a healthy runtime has a line for each check, and its session is stopped again', async () => {
  const { status, stdout, stderr } = cli.run(['doctor']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/:.*$/, ''))).toEqual([
    '✔ region', '✔ credentials', '✔ may list runtimes', '✔ runtime', '✔ endpoint', '✔ may read logs', '✔ ping', '✔ tools',
    '✔ mount /mnt/workspace', '✔ free space /mnt/workspace', expect.stringMatching(/^[✔-] file locks \/mnt\/workspace$/), '✔ may stop sessions',
  ]);
  expect(stdout).toMatch(new RegExp(`runtime: ${id}, version 1, made just now, last changed just now, READY`));
  expect(await sessions()).toBe(0);
});

test('a session that is named is looked into and left running', async () => {
  expect(report('--session', SESSION).ok).toBe(true);
  expect(await sessions()).toBe(1);
  expect(cli.run(['run', '--session', SESSION, '--', 'ls -A /mnt/workspace']).stdout).toBe('');
  cli.run(['stop', '--session', SESSION]);
});

test('what is wrong is told with a remedy, what could not be looked at as such; it ends with 1', () => {
  const { status, stdout } = cli.run(['doctor', '--qualifier', 'prod']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^✖ endpoint: .*→ name one that the runtime has with --qualifier/m);
  expect(stdout).toMatch(/^✖ ping: /m);
  expect(stdout).toMatch(/^- mounts: no command could be run$/m);
});

test('a denied call has the action as its remedy, and that of the log is the one that `logs` makes', async () => {
  const deny = (operation: string) => ({ kind: 'error', operation, error: 'AccessDeniedException', times: 'always' });
  const faults = async (...service: object[]) => fetch(`${cli.endpoint}/_local/faults`, { method: 'PUT', body: JSON.stringify({ version: 1, service }) });
  await faults(...['ListAgentRuntimes', 'FilterLogEvents', 'InvokeAgentRuntimeCommand', 'StopRuntimeSession'].map(deny));
  try {
    const failures = report('--runtime', id).checks.filter(({ status }) => status === 'failed');
    expect(Object.fromEntries(failures.map(({ name, remedy }) => [name, remedy]))).toEqual({
      'may list runtimes': 'allow bedrock-agentcore:ListAgentRuntimes on *; without it, name the runtime with --runtime',
      'may read logs': `allow logs:FilterLogEvents on the log group /aws/bedrock-agentcore/runtimes/${id}-DEFAULT`,
      'ping': 'allow bedrock-agentcore:InvokeAgentRuntimeCommand on the runtime and the endpoint, as RuntimeGrants.runCommand does',
      'may stop sessions': 'allow bedrock-agentcore:StopRuntimeSession on the runtime and the endpoint, as RuntimeGrants.stopSession does',
    });
  } finally {
    await faults();
  }
});

test('colours are for terminals', () => {
  expect(cli.run(['doctor'], { FORCE_COLOR: '1', CI: '1' }).stdout).not.toContain('\u001b');
});

test('no region and no credentials are told before anything is asked', () => {
  const bare = { CDK_AGENTCORE_ENDPOINT: undefined, AWS_EC2_METADATA_DISABLED: 'true' };
  expect(cli.run(['doctor'], bare)).toEqual({ status: 1, stdout: '✖ region: no region is known → name one with --region, AWS_REGION or in the profile\n', stderr: '' });
  expect(cli.run(['doctor', '--region', 'us-east-1'], bare).stdout).toMatch(/^✔ region: us-east-1\n✖ credentials: there are no AWS credentials → set AWS_PROFILE, .*\n$/);
});

test('credentials that AWS does not take', async () => {
  const aws = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(403, { 'content-type': 'text/xml' })
      .end('<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>'));
  }).listen(0, '127.0.0.1');
  await once(aws, 'listening');
  try {
    const child = cli.spawn(['doctor', '--region', 'us-east-1'], {
      CDK_AGENTCORE_ENDPOINT: undefined,
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
    });
    expect(await text(child.stdout!)).toMatch(/^✖ credentials: the AWS credentials have expired → sign in again/m);
  } finally {
    aws.closeAllConnections();
    await new Promise((resolve) => aws.close(resolve));
  }
});

test('a session id that is too short is told at once', () => {
  expect(cli.run(['doctor', '--session', 'short'])).toEqual({ status: 125, stdout: '', stderr: expect.stringMatching(/^cdk-agentcore: session id "short" has 5 characters, allowed are 33 to 256[^\n]*\n$/) });
});
