import { Decision, denialMessage, evaluate, IamRequest } from '../../../src/local/iam/evaluate';
import { PolicyDocument, readPolicyDocument, Statement } from '../../../src/local/iam/policy';

const GUIDE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
const OBJECT = 'arn:aws:s3:::reports/2026/may.csv';

function policy(...statements: Partial<Statement>[]): PolicyDocument {
  return readPolicyDocument({ Version: '2012-10-17', Statement: statements.map((given) => statement(given)) }, 'test');
}

function statement(given: Partial<Statement>): Statement {
  return {
    Effect: 'Allow',
    ...given.NotAction ? {} : { Action: 's3:GetObject' },
    ...given.NotResource ? {} : { Resource: '*' },
    ...given,
  };
}

function decide(statements: Partial<Statement>[], request: Partial<IamRequest> = {}, boundary?: Partial<Statement>[]): Decision {
  return evaluate(
    { policies: statements.map((given) => policy(given)), ...boundary && { boundary: policy(...boundary) } },
    { action: 's3:GetObject', resource: OBJECT, context: {}, ...request },
  );
}

describe(`the decision (${GUIDE}/reference_policies_evaluation-logic.html)`, () => {
  test.each<[string, Partial<Statement>[], Partial<Statement>[] | undefined, Decision]>([
    ['nothing allows', [], undefined, { allowed: false, because: 'noAllow' }],
    ['one policy allows', [{ Action: 's3:PutObject' }, {}], undefined, { allowed: true }],
    ['a Deny wins over an Allow of another policy', [{}, { Effect: 'Deny' }], undefined, { allowed: false, because: 'explicitDeny' }],
    ['a Deny of something else', [{}, { Effect: 'Deny', Action: 's3:PutObject' }], undefined, { allowed: true }],
    ['a boundary alone allows nothing', [], [{}], { allowed: false, because: 'noAllow' }],
    ['a boundary that does not allow', [{}], [{ Action: 's3:PutObject' }], { allowed: false, because: 'boundaryNoAllow' }],
    ['a boundary that allows', [{}], [{ Action: 's3:*' }], { allowed: true }],
    ['a boundary that denies', [{}], [{}, { Effect: 'Deny' }], { allowed: false, because: 'boundaryDeny' }],
    ['neither allows', [], [{ Action: 's3:PutObject' }], { allowed: false, because: 'noAllow' }],
    ['both deny', [{ Effect: 'Deny' }], [{ Effect: 'Deny' }], { allowed: false, because: 'explicitDeny' }],
  ])('%s', (_, statements, boundary, decision) => {
    expect(decide(statements, {}, boundary)).toEqual(decision);
  });
});

describe(`actions (${GUIDE}/reference_policies_elements_action.html)`, () => {
  test.each<[Partial<Statement>, boolean]>([
    [{ Action: 's3:GetObject' }, true],
    [{ Action: 'S3:getobject' }, true],
    [{ Action: ['s3:PutObject', 's3:Get*'] }, true],
    [{ Action: 's3:*Object' }, true],
    [{ Action: 's3:?etObject' }, true],
    [{ Action: 's3:?GetObject' }, false],
    [{ Action: 's3:GetObject*' }, true],
    [{ Action: 's3:GetObjectVersion' }, false],
    [{ Action: '*' }, true],
    [{ Action: 'ec2:*' }, false],
    // reference_policies_elements_notaction.html
    [{ NotAction: 's3:PutObject' }, true],
    [{ NotAction: ['s3:PutObject', 's3:getObject'] }, false],
    [{ NotAction: 'ec2:*' }, true],
  ])('%j: %s', (given, allowed) => {
    expect(decide([given]).allowed).toBe(allowed);
  });
});

describe(`resources (${GUIDE}/reference_policies_elements_resource.html)`, () => {
  const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:worker:live';
  test.each<[Partial<Statement>, string, boolean]>([
    [{ Resource: OBJECT }, OBJECT, true],
    [{ Resource: 'arn:aws:s3:::reports/*' }, OBJECT, true],
    [{ Resource: 'arn:aws:s3:::reports/*/may.csv' }, OBJECT, true],
    [{ Resource: 'arn:aws:s3:::reports/*/may.csv' }, 'arn:aws:s3:::reports/2026/05/may.csv', true],
    [{ Resource: 'arn:aws:s3:::reports/202?/*' }, OBJECT, true],
    [{ Resource: 'arn:aws:s3:::reports/?/*' }, OBJECT, false],
    [{ Resource: 'arn:aws:s3:::REPORTS/*' }, OBJECT, false],
    [{ Resource: 'arn:aws:s3:::*' }, OBJECT, true],
    [{ Resource: 'arn:aws:s3:::*.csv' }, OBJECT, true],
    [{ Resource: 'arn:aws:s3:::other/*' }, OBJECT, false],
    [{ Resource: 'arn:*:s3:::reports/*' }, OBJECT, true],
    [{ Resource: ['arn:aws:s3:::other/*', OBJECT] }, OBJECT, true],
    // the resource part has colons of its own, and a `*` covers them
    [{ Resource: 'arn:aws:lambda:us-east-1:111122223333:function:*' }, FUNCTION, true],
    [{ Resource: 'arn:aws:lambda:us-east-1:111122223333:*:live' }, FUNCTION, true],
    [{ Resource: 'arn:aws:lambda:us-east-1:111122223333:fun?tion:worker:*' }, FUNCTION, true],
    [{ Resource: 'arn:aws:lambda:*:*:function:worker:live' }, FUNCTION, true],
    [{ Resource: 'arn:aws:lambda:us-*:1111*:function:worker:live' }, FUNCTION, true],
    [{ Resource: 'arn:aws:lambda:eu-*:*:function:worker:live' }, FUNCTION, false],
    // no segment before it covers another one
    [{ Resource: 'arn:aws:lambda:*:function:worker:live' }, FUNCTION, false],
    [{ Resource: 'arn:aws:lambda:us-east-1:111122223333:function:worker' }, FUNCTION, false],
    // what is missing at the end is completed by `*`
    [{ Resource: 'arn:aws:lambda' }, FUNCTION, true],
    [{ Resource: 'arn:aws:lambda:eu-west-1' }, FUNCTION, false],
    [{ Resource: 'arn:aws:s3' }, FUNCTION, false],
    // an action without resources is allowed by `*` alone
    [{ Resource: '*' }, '*', true],
    [{ Resource: 'arn:aws:s3:::*' }, '*', false],
    // reference_policies_elements_notresource.html
    [{ NotResource: 'arn:aws:s3:::other/*' }, OBJECT, true],
    [{ NotResource: ['arn:aws:s3:::other/*', 'arn:aws:s3:::reports/*'] }, OBJECT, false],
    // a variable without a value makes the statement void, unless another segment decides
    [{ NotResource: 'arn:aws:s3:::${aws:username}/*' }, OBJECT, false],
    [{ NotResource: 'arn:aws:s3:eu-west-1::${aws:username}/*' }, OBJECT, true],
  ])('%j and %s: %s', (given, resource, allowed) => {
    expect(decide([given], { resource }).allowed).toBe(allowed);
  });
});

describe(`variables (${GUIDE}/reference_policies_variables.html)`, () => {
  const context = { 'aws:PrincipalAccount': '111122223333', 'aws:username': 'reports', 'aws:TagKeys': ['reports'], 'aws:PrincipalTag/glob': '*' };
  test.each<[string, string, boolean]>([
    ['arn:aws:s3:::${aws:username}/*', OBJECT, true],
    ['arn:aws:s3:::${AWS:UserName}/*', OBJECT, true],
    ['arn:aws:s3:::${aws:userid}/*', OBJECT, false],
    ["arn:aws:s3:::${aws:userid, 'reports'}/*", OBJECT, true],
    ["arn:aws:s3:::${aws:username, 'other'}/*", OBJECT, true],
    ["arn:aws:s3:::${aws:userid, 'Reports'}/*", OBJECT, false],
    // a key of several values cannot be a variable
    ['arn:aws:s3:::${aws:TagKeys}/*', OBJECT, false],
    // only after the fifth colon
    ['arn:aws:logs:us-east-1:${aws:PrincipalAccount}:log-group:a', 'arn:aws:logs:us-east-1:111122223333:log-group:a', false],
    ['arn:aws:s3:::assets-${aws:PrincipalAccount}-*', 'arn:aws:s3:::assets-111122223333-us-east-1', true],
    // characters that mean something else otherwise
    ['arn:aws:s3:::a/${*}', 'arn:aws:s3:::a/*', true],
    ['arn:aws:s3:::a/${*}', 'arn:aws:s3:::a/b', false],
    ['arn:aws:s3:::a/${?}', 'arn:aws:s3:::a/?', true],
    ['arn:aws:s3:::a/${?}', 'arn:aws:s3:::a/b', false],
    ['arn:aws:s3:::a/${$}{aws:username}', 'arn:aws:s3:::a/${aws:username}', true],
    // a wildcard in a value is a character
    ['arn:aws:s3:::${aws:PrincipalTag/glob}/may.csv', OBJECT, false],
    ['arn:aws:s3:::${aws:PrincipalTag/glob}/may.csv', 'arn:aws:s3:::*/may.csv', true],
  ])('%s and %s: %s', (Resource, resource, allowed) => {
    expect(decide([{ Resource }], { resource, context }).allowed).toBe(allowed);
  });

  test.each([undefined, '2008-10-17'])('are text in version %s', (Version) => {
    const old = readPolicyDocument({ ...Version && { Version }, Statement: statement({ Resource: 'arn:aws:s3:::${aws:username}/*' }) }, 'old');
    const judged = (resource: string) => evaluate({ policies: [old] }, { action: 's3:GetObject', resource, context }).allowed;
    expect([judged(OBJECT), judged('arn:aws:s3:::${aws:username}/may.csv')]).toEqual([false, true]);
  });
});

describe(`messages (${GUIDE}/troubleshoot_access-denied.html)`, () => {
  const USER = 'arn:aws:sts::111122223333:assumed-role/deployer/session';
  test.each([
    ['noAllow', 'because no identity-based policy allows the s3:GetObject action'],
    ['explicitDeny', 'with an explicit deny in an identity-based policy'],
    ['boundaryNoAllow', 'because no permissions boundary allows the s3:GetObject action'],
    ['boundaryDeny', 'with an explicit deny in a permissions boundary'],
  ] as const)('%s', (because, reason) => {
    expect(denialMessage(USER, { action: 's3:GetObject', resource: OBJECT, context: {} }, { allowed: false, because }))
      .toBe(`User: ${USER} is not authorized to perform: s3:GetObject on resource: ${OBJECT} ${reason}`);
  });

  test('an action without resources', () => {
    expect(denialMessage(USER, { action: 's3:ListAllMyBuckets', resource: '*', context: {} }, { allowed: false, because: 'noAllow' }))
      .toBe(`User: ${USER} is not authorized to perform: s3:ListAllMyBuckets on resource: * because no identity-based policy allows the s3:ListAllMyBuckets action`);
  });
});
