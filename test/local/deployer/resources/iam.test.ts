import { join } from 'node:path';
import { deploy, destroy, StackEvent } from '../../../../src/local/deployer';
import { LocalAgentCore, startLocalAgentCore } from '../../../../src/local/server';
import { FakeSessions } from '../../server/support/fake-sessions';
import { scratchDirectory, writeFiles } from '../scratch';

let local: LocalAgentCore;
let stateDir: string;
let events: StackEvent[];
let notices: string[];

beforeEach(async () => {
  local = await startLocalAgentCore({ port: 0, stateDir: scratchDirectory(), sessions: new FakeSessions(), log: () => undefined });
  stateDir = join(scratchDirectory(), 'stacks');
  events = [];
  notices = [];
});
afterEach(() => local.close());

const common = () => ({
  endpoint: local.endpoint,
  stateDir,
  onEvent: (event: StackEvent) => events.push(event),
  onLog: () => undefined,
  onNotice: (notice: string) => notices.push(notice),
});

const allow = (action: string, resource = '*') => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: resource }] });
const role = (properties: object = {}) => ({ Type: 'AWS::IAM::Role', Properties: { RoleName: 'worker', AssumeRolePolicyDocument: {}, ...properties } });

async function deployResources(resources: object) {
  const { stacks: [result] } = await deploy({
    ...common(),
    assemblyDirectory: writeFiles(scratchDirectory(), {
      'manifest.json': JSON.stringify({ artifacts: { Demo: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Demo.json' } } } }),
      'Demo.json': JSON.stringify({ Resources: resources }),
    }),
  });
  return result;
}

/** Those of the actions that the role may do. */
async function allowed(actions: readonly string[], roleName = 'worker'): Promise<string[]> {
  const found = await Promise.all(actions.map(async (action) => {
    const body = JSON.stringify({ roleArn: `arn:aws:iam::000000000000:role/${roleName}`, sessionName: 's', action, resource: '*' });
    const answer: any = await (await fetch(`${local.endpoint}/_local/iam/authorize`, { method: 'POST', body })).json();
    return answer.judged && answer.allowed ? [action] : [];
  }));
  return found.flat();
}

const ALL = ['a:InRole', 'a:InPolicy', 'a:InRolePolicy', 'a:Managed', 'a:Attached', 'a:Other'];

test('the policies of a role are those of the templates, whichever way they came, and follow their changes', async () => {
  const resources = (middle: object) => ({
    Worker: role({ Policies: [{ PolicyName: 'own', PolicyDocument: allow('a:InRole') }], ManagedPolicyArns: [{ Ref: 'Attached' }] }),
    Attached: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: allow('a:Attached') } },
    ...middle,
  });
  const result = await deployResources(resources({
    Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'p', Roles: [{ Ref: 'Worker' }], PolicyDocument: allow('a:InPolicy') } },
    RolePolicy: { Type: 'AWS::IAM::RolePolicy', Properties: { PolicyName: 'rp', RoleName: { Ref: 'Worker' }, PolicyDocument: allow('a:InRolePolicy') } },
    Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: 'Worker' }], PolicyDocument: allow('a:Managed') } },
  }));
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(await allowed(ALL)).toEqual(ALL.slice(0, -1));

  // changed in place, under another name, and for another role
  await deployResources({
    ...resources({
      Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'q', Roles: [{ Ref: 'Worker' }], PolicyDocument: allow('a:Other') } },
      RolePolicy: { Type: 'AWS::IAM::RolePolicy', Properties: { PolicyName: 'rp', RoleName: { Ref: 'Second' }, PolicyDocument: allow('a:InRolePolicy') } },
      Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { Roles: [{ Ref: 'Second' }], PolicyDocument: allow('a:Managed') } },
      Second: role({ RoleName: 'second' }),
    }),
    Worker: role({ Policies: [{ PolicyName: 'new', PolicyDocument: allow('a:InRole') }] }),
  });
  expect(await allowed(ALL)).toEqual(['a:InRole', 'a:Other']);
  expect(await allowed(ALL, 'second')).toEqual(['a:InRolePolicy', 'a:Managed']);

  await deployResources({ Worker: role() });
  expect(await allowed(ALL)).toEqual([]);
  expect((await destroy(common())).succeeded).toBe(true);
  expect(await allowed(ALL)).toEqual([]);
});

test('a permissions boundary comes, changes and goes', async () => {
  const boundary = (action: string) => ({ Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: allow(action) } });
  const own = { Policies: [{ PolicyName: 'own', PolicyDocument: allow('*') }] };
  await deployResources({ Boundary: boundary('a:Managed'), Worker: role({ ...own, PermissionsBoundary: { Ref: 'Boundary' } }) });
  expect(await allowed(ALL)).toEqual(['a:Managed']);
  await deployResources({ Boundary: boundary('a:Other'), Worker: role({ ...own, PermissionsBoundary: { Ref: 'Boundary' } }) });
  expect(await allowed(ALL)).toEqual(['a:Other']);
  await deployResources({ Worker: role(own) });
  expect(await allowed(ALL)).toEqual(ALL);
});

test('a role that is replaced has its policies, and the old one is gone', async () => {
  const policies = { Policies: [{ PolicyName: 'own', PolicyDocument: allow('a:InRole') }] };
  await deployResources({ Worker: role(policies) });
  await deployResources({ Worker: role({ ...policies, RoleName: 'renamed' }) });
  expect([await allowed(ALL), await allowed(ALL, 'renamed')]).toEqual([[], ['a:InRole']]);
});

test('a failed update leaves the policies as they were', async () => {
  const resources = (document: object, size: number) => ({
    Worker: role(),
    Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'p', Roles: [{ Ref: 'Worker' }], PolicyDocument: document } },
    Big: { Type: 'AWS::IAM::ManagedPolicy', DependsOn: 'Policy', Properties: { PolicyDocument: allow('a:B', `arn:aws:s3:::${'a'.repeat(size)}`) } },
  });
  await deployResources(resources(allow('a:InPolicy'), 1));
  const result = await deployResources(resources(allow('a:Other'), 7_000));
  expect(result).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'Big', reason: 'Cannot exceed quota for PolicySize: 6144 (Service: Iam, Status Code: 409, Error Code: LimitExceeded)' } });
  expect(await allowed(ALL)).toEqual(['a:InPolicy']);
});

test.each([
  ['a document that IAM does not take', { Worker: role({ Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'get' }] } }] }) },
    /policy own: statement 1 .*\(Service: Iam, Status Code: 400, Error Code: MalformedPolicyDocument\)/],
  ['inline policies that are too long', { Worker: role({ Policies: ['a', 'b'].map((name) => ({ PolicyName: name, PolicyDocument: allow('a:B', `arn:aws:s3:::${name.repeat(6_000)}`) })) }) },
    /Maximum policy size of 10240 bytes exceeded for role worker \(Service: Iam, Status Code: 409, Error Code: LimitExceeded\)/],
])('%s rolls the stack back', async (_, resources, reason) => {
  expect(await deployResources(resources)).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Worker', reason: expect.stringMatching(reason) } });
  expect(await (await fetch(`${local.endpoint}/_local/iam/roles/worker`, { method: 'DELETE' })).json()).toMatchObject({ message: expect.stringContaining('cannot be found') });
});

test('a policy of a role that is not deployed here is kept nowhere, which is told once', async () => {
  const policy = (name: string) => ({ Type: 'AWS::IAM::Policy', Properties: { PolicyName: name, Roles: ['imported'], PolicyDocument: allow('a:B') } });
  expect(await deployResources({ One: policy('one'), Two: policy('two') })).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(notices).toEqual(['role imported is not deployed here; what uses it is not judged']);
  expect((await destroy(common())).succeeded).toBe(true);
});

test('the key of a bucket is known while the bucket has it', async () => {
  const bucket = (key?: object) => ({
    Key: { Type: 'AWS::KMS::Key', Properties: {} },
    Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/code', TargetKeyId: { Ref: 'Key' } } },
    Code: {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: 'code', ...(key ? { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }] } } : {}) },
    },
    Worker: role({ Policies: [{ PolicyName: 'own', PolicyDocument: allow('s3:*') }] }),
  });
  const read = async () => {
    const body = JSON.stringify({ roleArn: 'arn:aws:iam::000000000000:role/worker', sessionName: 's', operation: 's3:GetObject', names: { bucketName: 'code', objectKey: 'k' } });
    return (await (await fetch(`${local.endpoint}/_local/iam/authorize`, { method: 'POST', body })).json() as any).message;
  };
  await deployResources(bucket({ 'Fn::GetAtt': ['Key', 'Arn'] }));
  expect(await read()).toMatch(/kms:Decrypt on resource: arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36} because/);
  await deployResources(bucket({ Ref: 'Key' }));
  expect(await read()).toMatch(/kms:Decrypt on resource: arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36} because/);
  await deployResources(bucket({ Ref: 'Alias' }));
  expect(await read()).toBeUndefined();
  expect(notices).toEqual([expect.stringMatching(/^bucket code is under alias\/code; which key that is, is not known here/)]);
  await deployResources(bucket());
  expect(await read()).toBeUndefined();
});
