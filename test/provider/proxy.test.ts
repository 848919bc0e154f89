import { join } from 'node:path';
import { RUNTIME_RESOURCE_TYPE } from '../../src/provider/contract';
import { runtimeProperties } from '../faults/support/properties';
import { AwsBehindProxy, LOG_GROUP, PASSWORD } from '../util/aws-behind-proxy';
import { BUNDLE } from '../util/bundle';

// the bundles of both functions as they run in Lambda, on a machine from which only a proxy leads to AWS

const WORKFLOW = join(__dirname, '../../assets/workflow-handler/handler');
const RESPONSE_HOST = 'cloudformation-custom-resource-response-useast1.s3.amazonaws.com';
const SCRIPT = `
const { handler } = require(process.argv[1]);
const context = { logGroupName: '${LOG_GROUP}', logStreamName: 'stream', getRemainingTimeInMillis: () => Number(process.argv[3]) };
handler(JSON.parse(process.argv[2]), context).then(
  (result) => console.log('RESULT ' + JSON.stringify(result ?? null)), (error) => { console.log('ERROR ' + error.message); process.exitCode = 1; });
`;
const FUNCTION = { AWS_LAMBDA_LOG_GROUP_NAME: LOG_GROUP, AWS_LAMBDA_FUNCTION_NAME: 'function' };

let aws: AwsBehindProxy;
beforeAll(async () => { aws = await AwsBehindProxy.start(); });
afterAll(async () => aws.end());
beforeEach(() => {
  aws.takeHosts();
  aws.stored.length = 0;
});

async function call(bundle: string, event: object, env: NodeJS.ProcessEnv = {}, remainingMillis = 60_000) {
  const ended = await aws.run(['-e', SCRIPT, bundle, JSON.stringify(event), String(remainingMillis)], { ...FUNCTION, ...env });
  expect(ended.stdout + ended.stderr).not.toContain(PASSWORD);
  return ended;
}

function creation(name: string) {
  return {
    RequestType: 'Create',
    ResponseURL: `https://${RESPONSE_HOST}/answer?X-Amz-Signature=credential`,
    StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Demo/1b2c3d4e-0000-0000-0000-000000000000',
    RequestId: `request-${name}`,
    ResourceType: RUNTIME_RESOURCE_TYPE,
    LogicalResourceId: 'Agent',
    ResourceProperties: runtimeProperties(name),
  };
}

test('the provider calls AgentCore and CloudWatch Logs through the proxy, and answers through it', async () => {
  expect(await call(BUNDLE, creation('behind'))).toMatchObject({ code: 0 });
  expect(aws.takeHosts()).toEqual(['bedrock-agentcore-control.us-east-1.amazonaws.com', RESPONSE_HOST, 'logs.us-east-1.amazonaws.com']);
  expect(aws.stored).toEqual([{ host: RESPONSE_HOST, path: '/answer?X-Amz-Signature=credential', body: expect.stringMatching(/"Status":"SUCCESS"/) }]);
});

test('a host that NO_PROXY lists is called directly', async () => {
  const event = { ...creation('direct'), ResponseURL: 'https://answers.invalid/' };
  const { code, stdout } = await call(BUNDLE, event, { NO_PROXY: 'elsewhere.test, .invalid' }, 3_000);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/ERROR the answer could not be delivered: (ENOTFOUND|EAI_AGAIN)/)]);
  expect(aws.takeHosts()).toEqual(['bedrock-agentcore-control.us-east-1.amazonaws.com', 'logs.us-east-1.amazonaws.com']);
});

test('a variable that names no proxy is what the log says, and nothing is called', async () => {
  const { code, stdout } = await call(BUNDLE, creation('unusable'), { HTTPS_PROXY: `socks5://user:${PASSWORD}@127.0.0.1:1080` }, 3_000);
  expect(code).toBe(1);
  expect(stdout).toMatch(/ERROR the answer could not be delivered: HTTPS_PROXY has the scheme "socks5", but only proxies of http and https are supported; /);
  expect(aws.takeHosts()).toEqual([]);
});

test('the workflow function runs a command and stores its output through the proxy', async () => {
  const arn = await aws.createRuntime('workflow');
  const { code, stdout } = await call(WORKFLOW, {
    action: 'runCommand',
    visit: { execution: 'arn:aws:states:us-east-1:000000000000:execution:Machine:one', state: 'Test', enteredTime: new Date().toISOString(), retryCount: 0 },
    runtimeArn: arn,
    qualifier: 'DEFAULT',
    sessionId: 'a-session-id-of-at-least-33-characters',
    command: 'echo behind a proxy',
    timeoutSeconds: 60,
    checkExitCode: true,
    output: { bucket: 'results', prefix: 'runs/' },
  });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/RESULT .*"stdoutTail":"behind a proxy\\n"/)]);
  expect(aws.takeHosts()).toEqual(['bedrock-agentcore.us-east-1.amazonaws.com', 'logs.us-east-1.amazonaws.com', 's3.us-east-1.amazonaws.com']);
  expect(aws.stored).toContainEqual({ host: 's3.us-east-1.amazonaws.com', path: expect.stringMatching(/^\/results\/runs\//), body: 'behind a proxy\n' });
});
