import { join } from 'node:path';
import { AwsBehindProxy, PASSWORD } from '../util/aws-behind-proxy';
import { CLI } from './support/local-cli';

const CLIENT = join(__dirname, '../../assets/client/index.js');
const DATA_PLANE = 'bedrock-agentcore.us-east-1.amazonaws.com';
const CONTROL_PLANE = 'bedrock-agentcore-control.us-east-1.amazonaws.com';

let aws: AwsBehindProxy;
let arn: string;
beforeAll(async () => {
  aws = await AwsBehindProxy.start();
  arn = await aws.createRuntime('coder');
});
afterAll(async () => aws.end());
beforeEach(() => { aws.takeHosts(); });

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const ended = await aws.run(args, env);
  expect(ended.stdout + ended.stderr).not.toContain(PASSWORD);
  return ended;
}

test('the CLI calls both planes through the proxy', async () => {
  expect(await run([CLI, 'run', '--runtime', arn, '--', 'echo', 'behind a proxy'])).toMatchObject({ code: 0, stdout: 'behind a proxy\n' });
  expect(aws.takeHosts()).toEqual([DATA_PLANE]);
  expect(await run([CLI, 'run', '--runtime', arn.replace(/^.*\//, ''), '--', 'echo', 'by its id'])).toMatchObject({ code: 0, stdout: 'by its id\n' });
  expect(aws.takeHosts()).toEqual([CONTROL_PLANE, DATA_PLANE]);
});

test('CloudFormation is asked through the proxy', async () => {
  await run([CLI, 'run', '--stack', 'Demo', '--', 'true']);
  expect(aws.takeHosts()).toEqual(['cloudformation.us-east-1.amazonaws.com']);
});

test('the log is read through the proxy', async () => {
  await run([CLI, 'logs', '--runtime', arn]);
  expect(aws.takeHosts()).toContain('logs.us-east-1.amazonaws.com');
});

test('the client does too', async () => {
  const script = `
    const { AgentSession } = require(process.argv[1]);
    const session = AgentSession.of({ runtimeArn: process.argv[2] });
    session.run('echo from a program').then(({ stdout }) => session.stop().then(() => { process.stdout.write(stdout); session.close(); }));`;
  expect(await run(['-e', script, CLIENT, arn])).toMatchObject({ code: 0, stdout: 'from a program\n' });
  expect(aws.takeHosts()).toEqual([DATA_PLANE]);
});

test('a local AgentCore is called directly', async () => {
  expect(await run([CLI, 'run', '--endpoint', aws.endpoint, '--runtime', arn.replace(/^.*\//, ''), '--', 'echo', 'here'])).toMatchObject({ code: 0, stdout: 'here\n' });
  expect(aws.takeHosts()).toEqual([]);
});

test('a proxy that cannot be used is told of in one line, and nothing has run', async () => {
  const { code, stderr } = await run([CLI, 'run', '--runtime', arn, '--', 'true'], { HTTPS_PROXY: `http://user:${PASSWORD}%@proxy.example.com` });
  expect(code).toBe(125);
  expect(stderr).toMatch(/^cdk-agentcore: .*HTTPS_PROXY has a user or password that is not percent-encoded; .*look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY; nothing was sent\n$/i);
});
