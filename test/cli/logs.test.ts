import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { LocalCli, nativeRuntime, nestedStack } from './support/local-cli';

let cli: LocalCli;
let client: CloudWatchLogsClient;
let group: string;

beforeAll(async () => {
  cli = new LocalCli();
  await cli.start();
  client = new CloudWatchLogsClient({ endpoint: cli.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  cli.writeAssembly('cdk.out', {
    Agent255F68E9: nativeRuntime('coder'),
    CdkAgentCoreRuntimeProviderLogGroup991682FE: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'provider' } },
  });
  expect(cli.run(['local', 'deploy', 'cdk.out']).status).toBe(0);
  const { stdout } = cli.run(['doctor', '--json']);
  const [, id] = /"(coder-\w{10}), version/.exec(stdout)!;
  group = `/aws/bedrock-agentcore/runtimes/${id}-DEFAULT`;
});
afterAll(async () => {
  client.destroy();
  await cli.end();
});

async function put(logGroupName: string, logStreamName: string, ...messages: string[]): Promise<void> {
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
    .catch((error) => expect(error.name).toBe('ResourceAlreadyExistsException'));
  const logEvents = messages.map((message) => ({ timestamp: Date.now(), message }));
  await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
}

test('a group that is not there yet is told, and followed until it is', async () => {
  expect(cli.run(['logs'])).toEqual({
    status: 125, stdout: '', stderr: expect.stringMatching(/^cdk-agentcore: there is no log group \/aws\/bedrock-agentcore\/runtimes\/coder-[^\n]*with -f[^\n]*\n$/),
  });
  const child = cli.spawn(['logs', '-f', '--json']);
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string);
  const ended = once(child, 'exit');
  await client.send(new CreateLogGroupCommand({ logGroupName: group }));
  await put(group, 'one', 'first');
  expect(await next()).toMatchObject({ stream: 'one', message: 'first' });
  await put(group, 'two', 'second');
  expect(await next()).toMatchObject({ stream: 'two', message: 'second' });
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect((await lines.next()).done).toBe(true);
});

test('lines of all streams by their times, and only those of the time that is asked for', async () => {
  await put(group, 'one', 'third\n');
  expect(cli.run(['logs']).stdout.replace(/^\S+/gm, 'TIME')).toBe('TIME first\nTIME second\nTIME third\n');
  await client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: 'one', logEvents: [{ timestamp: Date.now() - 7_200_000, message: 'old' }] }));
  expect(cli.run(['logs']).stdout).not.toContain('old');
  expect(cli.run(['logs', '--since', '1d']).stdout.split('\n')[0]).toMatch(/ old$/);
});

test('what the commands of a stack have written, without what the provider notes for itself', async () => {
  await put('provider', '2026/01/01/[$LATEST]0', '{"stdout":"npm test"}\n', '{"stderr":"warning"}', 'START RequestId: 1');
  await put('provider', 'request/0123', '{"begun":1}');
  expect(cli.run(['logs', '--provider']).stdout.replace(/^\S+ /gm, '')).toBe('npm test\nwarning\nSTART RequestId: 1\n');
});

test('a stack whose provider writes to a log group of the user\'s has none to be found', () => {
  cli.writeAssembly('own.out', { Logs0A1B2C3D: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'own' } } }, { stackName: 'OwnLogs' });
  expect(cli.run(['local', 'deploy', 'own.out']).status).toBe(0);
  expect(cli.run(['logs', '--provider', '--app', 'own.out'])).toMatchObject({
    status: 125,
    stderr: 'cdk-agentcore: stack OwnLogs has no log group of a provider: it has none, or one with a log group of your own; name a log group with --group\n',
  });
  expect(cli.run(['local', 'destroy', 'own.out']).status).toBe(0);
});

test('the providers of a stack and of those nested in it are told apart', () => {
  const provider = (name: string) => ({ CdkAgentCoreRuntimeProviderLogGroup991682FE: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: name } } });
  cli.writeAssembly('two.out', { ...provider('outer'), Part: nestedStack('part') }, { stackName: 'Two', nested: { part: provider('inner') } });
  expect(cli.run(['local', 'deploy', 'two.out']).status).toBe(0);
  expect(cli.run(['logs', '--provider', '--app', 'two.out'])).toEqual({
    status: 125,
    stdout: '',
    stderr: 'cdk-agentcore: stack Two and those nested in it have 2 providers; name a log group with --group: outer (Two), inner (Two/Part)\n',
  });
  expect(cli.run(['local', 'destroy', 'two.out']).status).toBe(0);
});

test.each<[string, string[], RegExp]>([
  ['a duration that is none', ['--since', 'yesterday'], /use a number with s, m, h or d/],
  ['a stack that is not there', ['--provider', '--stack', 'Absent'], /stack Absent is not deployed/],
])('%s ends with 125', (_, args, message) => {
  const { status, stdout, stderr } = cli.run(['logs', ...args]);
  expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  expect(stderr).toMatch(message);
});
