import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, CreateCapacityProviderCommand, DeleteAgentRuntimeCommand, GetAgentRuntimeCommand,
  ListAgentRuntimesCommand, TagResourceCommand, UpdateAgentRuntimeCommand,
  UpdateCapacityProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand } from '@aws-sdk/client-cloudwatch-logs';
import { capacityProviderInput, codeArtifact, containerInput, errorOf, Harness, ROLE_ARN } from '../support/harness';

let harness: Harness;
let clients: { destroy(): void }[];

const ROLE = { name: 'worker', arn: 'arn:aws:iam::000000000000:role/team/worker', id: 'AROAWORKER' };
const RUNTIMES = 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime';
const KEY = 'arn:aws:kms:us-east-1:000000000000:key/1';

afterEach(async () => {
  clients.forEach((client) => client.destroy());
  await harness.end();
});

async function start(options: Parameters<typeof Harness.start>[0] = {}): Promise<void> {
  clients = [];
  harness = await Harness.start(options);
  await send('PUT', ['roles', ROLE.name], { arn: ROLE.arn, id: ROLE.id, tags: { team: 'blue' } });
}

async function send(method: string, path: readonly string[], body?: object): Promise<any> {
  const response = await fetch(`${harness.endpoint}/_local/iam/${path.map(encodeURIComponent).join('/')}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: response.status, type: response.headers.get('x-amzn-errortype'), ...await response.json() as object };
}

const allow = (action: string | string[], resource: string | string[] = '*', condition?: object) => ({
  Effect: 'Allow', Action: action, Resource: resource, ...(condition ? { Condition: condition } : {}),
});
const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const grant = async (name: string, ...statements: object[]) => send('PUT', ['roles', ROLE.name, 'policies', name], policy(...statements));

async function config(sessionName = 'fn') {
  const { accessKeyId } = await send('POST', ['credentials'], { roleArn: ROLE.arn, sessionName });
  return { endpoint: harness.endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'local' }, maxAttempts: 1 };
}

function kept<T extends { destroy(): void }>(client: T): T {
  clients.push(client);
  return client;
}

const control = async () => kept(new BedrockAgentCoreControlClient(await config()));
const data = async () => kept(new BedrockAgentCoreClient(await config()));

const CREATE = [
  'bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:CreateAgentRuntimeEndpoint', 'bedrock-agentcore:CreateWorkloadIdentity', 'iam:CreateServiceLinkedRole',
];
const denied = (action: string, resource: string, why = `because no identity-based policy allows the ${action} action`) => ({
  name: 'AccessDeniedException',
  message: `User: arn:aws:sts::000000000000:assumed-role/worker/fn is not authorized to perform: ${action} on resource: ${resource} ${why}`,
});

test('a role without policies may do nothing, and who has no role\'s key may do everything', async () => {
  await start();
  const error = await errorOf((await control()).send(new ListAgentRuntimesCommand({})));
  expect(error).toMatchObject(denied('bedrock-agentcore:ListAgentRuntimes', '*'));
  expect(error.$metadata.httpStatusCode).toBe(403);
  await harness.control().send(new ListAgentRuntimesCommand({}));
  expect(harness.logged).toEqual([
    'iam: denied ListAgentRuntimes of arn:aws:sts::000000000000:assumed-role/worker/fn: bedrock-agentcore:ListAgentRuntimes on *',
  ]);
});

test('with --no-iam nothing is judged', async () => {
  await start({ iam: false });
  await (await control()).send(new ListAgentRuntimesCommand({}));
  expect(await send('GET', [])).toMatchObject({ judged: false, calls: 0 });
});

test.each([
  ['the execution role', 'iam:PassRole', ROLE_ARN, {}],
  ['the code', 's3:GetObject', 'arn:aws:s3:::code/agents/1.zip', { agentRuntimeArtifact: codeArtifact('code', 'agents/1.zip') }],
  ['the key of the code', 'kms:Decrypt', KEY, { agentRuntimeArtifact: codeArtifact('secret', 'agents/1.zip') }],
  ['the tags', 'bedrock-agentcore:TagResource', `${RUNTIMES}/*`, { tags: { a: 'b' } }],
  ['the identity', 'bedrock-agentcore:CreateWorkloadIdentity', 'arn:aws:bedrock-agentcore:us-east-1:000000000000:workload-identity-directory/default', {}],
])('a creation needs %s, and changes nothing without', async (_, action, resource, more) => {
  await start();
  await send('PUT', ['buckets', 'secret'], { keyArn: KEY });
  const all = [...CREATE, 'iam:PassRole', 's3:GetObject', 'kms:Decrypt', 'bedrock-agentcore:TagResource'];
  const client = await control();
  await grant('all-but-one', allow(all.filter((each) => each !== action)));
  expect(await errorOf(client.send(new CreateAgentRuntimeCommand(containerInput('one', more))))).toMatchObject(denied(action, resource));
  expect((await harness.control().send(new ListAgentRuntimesCommand({}))).agentRuntimes).toEqual([]);
  await grant('the-one', allow(action));
  await client.send(new CreateAgentRuntimeCommand(containerInput('one', more)));
});

test('a runtime on a capacity provider needs that provider to be passed, at creation and at update', async () => {
  await start();
  const { capacityProviderArn } = await harness.control().send(new CreateCapacityProviderCommand(capacityProviderInput('pool')));
  await grant('create', allow([...CREATE, 'iam:PassRole', 'bedrock-agentcore:UpdateAgentRuntime']));
  const client = await control();
  const more = { capacityProviderConfiguration: { capacityProviderArn }, filesystemConfigurations: undefined };
  expect(await errorOf(client.send(new CreateAgentRuntimeCommand(containerInput('one', more))))).toMatchObject(denied('bedrock-agentcore:PassCapacityProvider', capacityProviderArn!));
  const { agentRuntimeId } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('one', more)));
  const { agentRuntimeName: _, ...update } = containerInput('one', more);
  expect(await errorOf(client.send(new UpdateAgentRuntimeCommand({ ...update, agentRuntimeId })))).toMatchObject(denied('bedrock-agentcore:PassCapacityProvider', capacityProviderArn!));
  await grant('pass', allow('bedrock-agentcore:PassCapacityProvider', capacityProviderArn!));
  await client.send(new UpdateAgentRuntimeCommand({ ...update, agentRuntimeId }));
});

test('a capacity provider needs its operator role to be passed to the service', async () => {
  await start();
  await grant('create', allow('bedrock-agentcore:CreateCapacityProvider'));
  const client = await control();
  const create = async () => client.send(new CreateCapacityProviderCommand(capacityProviderInput('pool')));
  expect(await errorOf(create())).toMatchObject(denied('iam:PassRole', ROLE_ARN));
  await grant('pass', allow('iam:PassRole', ROLE_ARN, { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } }));
  const { capacityProviderId } = await create();
  await grant('update', allow('bedrock-agentcore:UpdateCapacityProvider'));
  await send('DELETE', ['roles', ROLE.name, 'policies', 'pass']);
  await harness.clock.sleep(60_000);
  await client.send(new UpdateCapacityProviderCommand({ capacityProviderId, description: { optionalValue: 'more' } }));
});

test('the keys that are known of a request count: its service, its tags, the tags of the resource and those of the role', async () => {
  await start();
  await grant('conditions',
    allow(CREATE.slice(0, 3)),
    allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } }),
    allow('iam:CreateServiceLinkedRole', '*', { StringLike: { 'iam:AWSServiceName': '*.bedrock-agentcore.amazonaws.com' } }),
    allow('bedrock-agentcore:TagResource', '*', { 'StringEquals': { 'aws:RequestTag/owner': '${aws:PrincipalTag/team}' }, 'ForAllValues:StringEquals': { 'aws:TagKeys': ['owner'] } }),
    allow('bedrock-agentcore:DeleteAgentRuntime', '*', { StringEquals: { 'aws:ResourceTag/owner': 'blue' } }),
    allow(['bedrock-agentcore:DeleteAgentRuntimeEndpoint', 'bedrock-agentcore:DeleteWorkloadIdentity']),
    allow('bedrock-agentcore:GetAgentRuntime', '*', { StringEquals: { 'aws:RequestedRegion': 'us-east-1' }, ArnEquals: { 'aws:PrincipalArn': ROLE.arn } }));
  const client = await control();
  const tagged = (tags: Record<string, string>) => new CreateAgentRuntimeCommand(containerInput('one', { tags }));
  expect(await errorOf(client.send(tagged({ owner: 'red' })))).toMatchObject(denied('bedrock-agentcore:TagResource', `${RUNTIMES}/*`));
  expect(await errorOf(client.send(tagged({ owner: 'blue', more: '' })))).toMatchObject(denied('bedrock-agentcore:TagResource', `${RUNTIMES}/*`));
  const { agentRuntimeId, agentRuntimeArn: resourceArn } = await client.send(tagged({ owner: 'blue' }));
  await client.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
  await client.send(new TagResourceCommand({ resourceArn, tags: { owner: 'blue' } }));
  await harness.control().send(new TagResourceCommand({ resourceArn, tags: { owner: 'red' } }));
  expect(await errorOf(client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId })))).toMatchObject(denied('bedrock-agentcore:DeleteAgentRuntime', resourceArn!));
  await harness.control().send(new TagResourceCommand({ resourceArn, tags: { owner: 'blue' } }));
  await client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }));
});

test('what is denied and what a boundary does not allow is denied', async () => {
  await start();
  const list = 'bedrock-agentcore:ListAgentRuntimes';
  const boundary = 'arn:aws:iam::000000000000:policy/boundary';
  await grant('all', allow('*'));
  await send('PUT', ['policies', boundary], policy(allow('s3:*')));
  await send('PUT', ['roles', ROLE.name, 'boundary'], { policyArn: boundary });
  const client = await control();
  expect(await errorOf(client.send(new ListAgentRuntimesCommand({})))).toMatchObject(denied(list, '*', `because no permissions boundary allows the ${list} action`));
  await send('DELETE', ['roles', ROLE.name, 'boundary']);
  await client.send(new ListAgentRuntimesCommand({}));
  await grant('deny', { Effect: 'Deny', Action: 'bedrock-agentcore:List*', Resource: '*' });
  expect(await errorOf(client.send(new ListAgentRuntimesCommand({})))).toMatchObject(denied(list, '*', 'with an explicit deny in an identity-based policy'));
});

test('managed policies count while they are attached, also those of AWS; unknown ones allow everything, and are named', async () => {
  await start();
  const own = 'arn:aws:iam::000000000000:policy/lists';
  const client = await control();
  const list = async () => client.send(new ListAgentRuntimesCommand({}));
  await send('PUT', ['policies', own], policy(allow('bedrock-agentcore:List*')));
  await send('PUT', ['roles', ROLE.name, 'attachments', own]);
  await list();
  await send('DELETE', ['policies', own]);
  await errorOf(list());
  await send('PUT', ['roles', ROLE.name, 'attachments', 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']);
  await errorOf(list());
  const logs = kept(new CloudWatchLogsClient(await config()));
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'group' }));
  const unknown = 'arn:aws:iam::aws:policy/AmazonEC2FullAccess';
  await send('PUT', ['roles', ROLE.name, 'attachments', unknown]);
  await list();
  expect(await send('POST', ['credentials'], { roleArn: ROLE.arn, sessionName: 'fn' })).toMatchObject({ unknownPolicies: [unknown] });
});

test('a managed policy of the account that was deleted or never made allows nothing, as a boundary neither; one of another account is unknown', async () => {
  await start();
  const gone = 'arn:aws:iam::000000000000:policy/gone';
  const client = await control();
  const list = async () => client.send(new ListAgentRuntimesCommand({}));
  await send('PUT', ['policies', gone], policy(allow('*')));
  await send('DELETE', ['policies', gone]);
  await send('PUT', ['roles', ROLE.name, 'attachments', gone]);
  expect(await errorOf(list())).toMatchObject(denied('bedrock-agentcore:ListAgentRuntimes', '*'));
  expect(await send('POST', ['credentials'], { roleArn: ROLE.arn, sessionName: 'fn' })).toMatchObject({ unknownPolicies: [] });
  await send('PUT', ['roles', ROLE.name, 'attachments', 'arn:aws:iam::123456789012:policy/theirs']);
  await list();
  await send('PUT', ['roles', ROLE.name, 'boundary'], { policyArn: gone });
  expect(await errorOf(list())).toMatchObject(denied(
    'bedrock-agentcore:ListAgentRuntimes', '*', 'because no permissions boundary allows the bedrock-agentcore:ListAgentRuntimes action',
  ));
});

test('a boundary whose policy is deleted lets nothing through once the deletion counts', async () => {
  await start({ iamDelaySeconds: 5 });
  const boundary = 'arn:aws:iam::000000000000:policy/boundary';
  await send('PUT', ['policies', boundary], policy(allow('*')));
  await send('PUT', ['roles', ROLE.name, 'boundary'], { policyArn: boundary });
  await grant('list', allow('bedrock-agentcore:ListAgentRuntimes'));
  const client = await control();
  await harness.clock.sleep(5_000);
  await send('DELETE', ['policies', boundary]);
  await client.send(new ListAgentRuntimesCommand({}));
  await harness.clock.sleep(5_000);
  expect((await errorOf(client.send(new ListAgentRuntimesCommand({})))).message).toMatch(/because no permissions boundary allows/);
});

test('changes count late, the earlier policy until then; a role that is removed goes at once', async () => {
  await start({ iamDelaySeconds: 5 });
  const client = await control();
  const list = async () => client.send(new ListAgentRuntimesCommand({}));
  await grant('list', allow('bedrock-agentcore:ListAgentRuntimes'));
  await errorOf(list());
  await harness.clock.sleep(5_000);
  await list();
  await grant('list', allow('s3:GetObject'));
  await harness.clock.sleep(4_999);
  await list();
  await harness.restart();
  await kept(new BedrockAgentCoreControlClient(await config())).send(new ListAgentRuntimesCommand({}));
  await harness.clock.sleep(1);
  const after = await control();
  await errorOf(after.send(new ListAgentRuntimesCommand({})));
  expect(await send('GET', [])).toMatchObject({ judged: true, delaySeconds: 5 });
  await send('DELETE', ['roles', ROLE.name]);
  expect(await errorOf(after.send(new ListAgentRuntimesCommand({})))).toMatchObject({
    name: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.',
  });
});

test('the data plane asks for runtime and endpoint, Logs for the group, S3 for the object and its key', async () => {
  await start();
  const { agentRuntimeArn } = await harness.control().send(new CreateAgentRuntimeCommand(containerInput('one')));
  const client = await data();
  const call = { agentRuntimeArn, runtimeSessionId: 's'.repeat(33) };
  await grant('runtime', allow(['bedrock-agentcore:StopRuntimeSession', 'bedrock-agentcore:InvokeAgentRuntime'], agentRuntimeArn!));
  expect(await errorOf(client.send(new StopRuntimeSessionCommand(call)))).toMatchObject(denied('bedrock-agentcore:StopRuntimeSession', `${agentRuntimeArn}/runtime-endpoint/DEFAULT`));
  await grant('endpoint', allow('bedrock-agentcore:InvokeAgentRuntime', `${agentRuntimeArn}/*`));
  expect(await errorOf(client.send(new InvokeAgentRuntimeCommand({ ...call, runtimeUserId: 'jo', payload: Buffer.from('{}') }))))
    .toMatchObject(denied('bedrock-agentcore:InvokeAgentRuntimeForUser', agentRuntimeArn!));

  const logs = kept(new CloudWatchLogsClient(await config()));
  expect(await errorOf(logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 's' }))))
    .toMatchObject(denied('logs:CreateLogStream', 'arn:aws:logs:us-east-1:000000000000:log-group:g:*'));

  await send('PUT', ['buckets', 'secret'], { keyArn: KEY });
  const { credentials: { accessKeyId } } = await config();
  const request = async (method: string, path: string) => {
    const response = await fetch(`${harness.endpoint}/_local/objects/${path}`, {
      method, ...(method === 'PUT' ? { body: 'x' } : {}), headers: { authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0` },
    });
    return `${response.status} ${await response.text()}`;
  };
  const put = async () => request('PUT', 'secret/a/b');
  expect(await put()).toMatch(/^403 .*<Code>AccessDenied<\/Code><Message>.*s3:PutObject on resource: arn:aws:s3:::secret\/a\/b because/s);
  await grant('put', allow('s3:PutObject', 'arn:aws:s3:::secret/*'));
  expect(await put()).toMatch(/^403 .*kms:GenerateDataKey on resource: arn:aws:kms/s);
  await grant('key', allow('kms:GenerateDataKey', KEY, { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } }));
  expect(await put()).toMatch(/^200 /);
  // what is not there is not told to who may not list
  await grant('get', allow('s3:GetObject'));
  expect(await request('GET', 'plain/gone')).toMatch(/^403 .*s3:ListBucket on resource: arn:aws:s3:::plain because/s);
  await grant('list', allow('s3:ListBucket', 'arn:aws:s3:::plain'));
  expect(await request('GET', 'plain/gone')).toMatch(/^404 /);
});

test('what the policies of roles allowed, and what nothing needed, is told', async () => {
  await start();
  await grant('mixed', allow(['bedrock-agentcore:ListAgentRuntimes', 'bedrock-agentcore:GetAgentRuntime'], ['*']), { Sid: 'Spare', ...allow('s3:GetObject') });
  const client = await control();
  await client.send(new ListAgentRuntimesCommand({}));
  await client.send(new ListAgentRuntimesCommand({}));
  await errorOf((await data()).send(new StopRuntimeSessionCommand({ agentRuntimeArn: `${RUNTIMES}/one-0123456789`, runtimeSessionId: 's'.repeat(33) })));
  expect(await send('GET', [])).toMatchObject({
    calls: 3,
    requests: 3,
    denied: 1,
    roles: { worker: 3 },
    denials: [{ operation: 'StopRuntimeSession', action: 'bedrock-agentcore:StopRuntimeSession', resource: `${RUNTIMES}/one-0123456789` }],
    statements: [
      {
        role: 'worker',
        policy: 'mixed',
        used: true,
        grants: [{ action: 'bedrock-agentcore:ListAgentRuntimes', resource: '*', used: 2 }, { action: 'bedrock-agentcore:GetAgentRuntime', resource: '*', used: 0 }],
      },
      { role: 'worker', policy: 'mixed', sid: 'Spare', used: false },
    ],
  });
});

test.each([
  ['a policy that is none', 'PUT', ['roles', 'worker', 'policies', 'p'], { Statement: [] }, 400, 'MalformedPolicyDocument', /policy p: has no Statement/],
  ['a policy of a role that is not there', 'PUT', ['roles', 'nobody', 'policies', 'p'], policy(allow('*')), 404, 'NoSuchEntity', /role with name nobody/],
  ['inline policies that are too long', 'PUT', ['roles', 'worker', 'policies', 'p'], policy(allow('s3:Get', `arn:aws:s3:::${'a'.repeat(10_240)}`)), 409, 'LimitExceeded',
    /^Maximum policy size of 10240 bytes exceeded for role worker$/],
  ['a managed policy that is too long', 'PUT', ['policies', 'arn:aws:iam::000000000000:policy/p'], policy(allow('s3:Get', `arn:aws:s3:::${'a'.repeat(6_144)}`)), 409, 'LimitExceeded',
    /^Cannot exceed quota for PolicySize: 6144$/],
  ['a role without an ARN', 'PUT', ['roles', 'other'], {}, 400, 'ValidationException', /^arn of nothing is not a text$/],
  ['an operation that is not known', 'POST', ['authorize'], { roleArn: ROLE.arn, sessionName: 's', operation: 'x:Y' }, 400, 'ValidationException', /operation x:Y is not known/],
  ['what is not served', 'PUT', ['users', 'u'], {}, 404, 'UnknownOperationException', /PUT of \/_local\/iam\/users\/u is not served here/],
])('%s is refused', async (_, method, path, body, status, type, message) => {
  await start();
  expect(await send(method, path, body)).toEqual({ status, type, message: expect.stringMatching(message) });
});

test('10,240 characters of inline policies fit, white space not counted, and ten managed policies', async () => {
  await start();
  const sized = (size: number) => policy(allow('s3:Get', `arn:aws:s3:::${'a'.repeat(size - JSON.stringify(policy(allow('s3:Get', 'arn:aws:s3:::'))).length)}`));
  expect(await send('PUT', ['roles', ROLE.name, 'policies', 'a'], sized(5_000))).toMatchObject({ status: 200 });
  expect(await send('PUT', ['roles', ROLE.name, 'policies', 'b'], sized(5_241))).toMatchObject({ status: 409 });
  expect(await send('PUT', ['roles', ROLE.name, 'policies', 'b'], sized(5_240))).toMatchObject({ status: 200 });
  const attach = async (i: number) => send('PUT', ['roles', ROLE.name, 'attachments', `arn:aws:iam::aws:policy/p${i}`]);
  for (let i = 0; i < 10; i++) expect(await attach(i)).toMatchObject({ status: 200 });
  expect(await attach(10)).toMatchObject({ status: 409, type: 'LimitExceeded', message: 'Cannot exceed quota for PoliciesPerRole: 10' });
});

test('an operation, or an action on a resource, can be asked about', async () => {
  await start();
  await grant('invoke', allow('lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:000000000000:function:fn'));
  const ask = async (body: object) => send('POST', ['authorize'], { roleArn: ROLE.arn, sessionName: 's', ...body });
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:fn';
  expect(await ask({ operation: 'lambda:Invoke', names: { functionArn } })).toMatchObject({ judged: true, allowed: true });
  expect(await ask({ operation: 'lambda:Invoke', names: { functionArn: `${functionArn}2` } })).toMatchObject({ allowed: false, message: expect.stringContaining('fn2 because no identity-based') });
  expect(await ask({ action: 'lambda:InvokeFunction', resource: functionArn })).toMatchObject({ allowed: true });
  expect(await ask({ roleArn: 'arn:aws:iam::000000000000:role/unknown', action: 'a:b', resource: '*' })).toEqual({ status: 200, type: null, judged: false, allowed: true });
});
