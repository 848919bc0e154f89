import { readPolicyDocument } from '../../../src/local/iam/policy';

const STATEMENT = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
test.each<[string, unknown]>([
  ['one statement', { Statement: STATEMENT }],
  ['an empty Condition', { Version: '2008-10-17', Id: 'x', Statement: [{ ...STATEMENT, Sid: 'One2', Condition: {} }] }],
  ['all forms of resources', { Statement: { ...STATEMENT, Resource: ['*', 'arn:*', 'arn:aws:s3', 'arn:aws:s3:::a*/${aws:username}', 'arn:aws:iam::*:role/x'] } }],
  ['wildcards in actions', { Statement: { ...STATEMENT, Action: ['*', 's3:*', 'bedrock-agentcore:Get?gent*'] } }],
  ['values that are no texts', { Statement: { ...STATEMENT, Condition: { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 's3:max-keys': [1, '2'] } } } }],
  ['set operators and IfExists', { Statement: { ...STATEMENT, Condition: { 'ForAllValues:StringLikeIfExists': { 'aws:TagKeys': 'a*' } } } }],
])('takes %s', (_, document) => {
  expect(readPolicyDocument(document, 'P')).toBe(document);
});

test.each<[unknown, string]>([
  ['{}', 'is "{}", but has to be an object with a Statement'],
  [{ Version: '2012-10-17' }, 'has no Statement; add one'],
  [{ Statement: [] }, 'has no Statement; add one'],
  [{ Version: '2020-10-17', Statement: STATEMENT }, 'has the Version "2020-10-17", but only 2012-10-17 and 2008-10-17 exist'],
  [{ Statment: 1, Statement: STATEMENT }, 'has the element "Statment", which does not exist; those of AWS are Version, Id, Statement'],
  [{ Statement: [STATEMENT, 1] }, 'statement 2 is 1, but has to be an object'],
  [{ Statement: { ...STATEMENT, Effect: 'allow' } }, 'statement 1 has the Effect "allow", but it has to be Allow or Deny'],
  [{ Statement: { ...STATEMENT, Effect: undefined } }, 'statement 1 has the Effect nothing, but it has to be Allow or Deny'],
  [{ Statement: { ...STATEMENT, Sid: 'a b' } }, 'statement 1 has the Sid "a b", but only letters and digits are allowed'],
  [{ Statement: [{ ...STATEMENT, Sid: 'A' }, { ...STATEMENT, Sid: 'A' }] }, 'has the Sid "A" twice, but each has to be unique'],
  [{ Statement: { ...STATEMENT, Principal: '*' } }, 'statement 1 has a Principal, which a policy of an identity must not have; remove it'],
  [{ Statement: [STATEMENT, { Effect: 'Allow', Resource: '*' }] }, 'statement 2 has neither Action nor NotAction, but needs one of them'],
  [{ Statement: { ...STATEMENT, NotAction: 's3:*' } }, 'statement 1 has both Action and NotAction, but needs one of them'],
  [{ Statement: { ...STATEMENT, Action: [] } }, 'statement 1 has no value in Action; add one'],
  [{ Statement: { ...STATEMENT, Action: 'GetObject' } }, 'statement 1 has the Action "GetObject", which lacks its service; write * or a service, a colon and a name, such as s3:GetObject'],
  [{ Statement: { ...STATEMENT, Action: 's3:a:b' } }, 'statement 1 has the Action "s3:a:b", but an action is a service without wildcards, one colon and a name, such as s3:Get*'],
  [{ Statement: { ...STATEMENT, Action: '*:GetObject' } }, 'statement 1 has the Action "*:GetObject", but an action is a service without wildcards, one colon and a name, such as s3:Get*'],
  [{ Statement: { ...STATEMENT, Action: 5 } }, 'statement 1 has the Action 5, but it has to be a text'],
  [{ Statement: { Effect: 'Allow', Action: '*' } }, 'statement 1 has neither Resource nor NotResource, but needs one of them'],
  [{ Statement: { ...STATEMENT, Resource: 'bucket' } }, 'statement 1 has the Resource "bucket", but it has to be an ARN or *'],
  [{ Statement: { ...STATEMENT, Resource: 'arn:aws:s?:::a' } }, 'statement 1 has the Resource "arn:aws:s?:::a", but its partition must not be empty, and its service must be written out, without wildcards'],
  [{ Statement: { ...STATEMENT, Condition: [] } }, 'statement 1 has the Condition [], but it has to be an object of operators'],
  [{ Statement: { ...STATEMENT, Condition: { Bool: 1 } } }, 'statement 1 has 1 at Bool, but it has to be an object of condition keys'],
  [{ Statement: { ...STATEMENT, Condition: { StringEquals: { account: '1' } } } }, 'statement 1 has the condition key "account", which lacks its service; write a service, a colon and a name, such as aws:SourceAccount'],
  [{ Statement: { ...STATEMENT, Condition: { StringEquals: { 'aws:a': [{}] } } } }, 'statement 1 has the value {} for aws:a at StringEquals, but it has to be a text'],
  [{ Statement: { ...STATEMENT, Condition: { Bool: { 'aws:a': 'yes' } } } }, 'statement 1 has the value "yes" for aws:a at Bool, but it has to be true or false'],
  [{ Statement: { ...STATEMENT, Condition: { Null: { 'aws:a': 'yes' } } } }, 'statement 1 has the value "yes" for aws:a at Null, but it has to be true or false'],
  [{ Statement: { ...STATEMENT, Condition: { NumericEquals: { 'aws:a': '1e3' } } } }, 'statement 1 has the value "1e3" for aws:a at NumericEquals, but it has to be a number'],
  [{ Statement: { ...STATEMENT, Condition: { DateLessThan: { 'aws:a': 'now' } } } }, 'statement 1 has the value "now" for aws:a at DateLessThan, but it has to be a date as of ISO 8601 or seconds since 1970'],
  [{ Statement: { ...STATEMENT, Condition: { IpAddress: { 'aws:a': '10.0.0.0/33' } } } }, 'statement 1 has the value "10.0.0.0/33" for aws:a at IpAddress, but it has to be an IP address or a range of them such as 10.0.0.0/8'],
  [{ Statement: [{ ...STATEMENT, Effect: 'x', Resource: 'y' }] }, 'statement 1 has the Effect "x", but it has to be Allow or Deny; statement 1 has the Resource "y", but it has to be an ARN or *'],
])('refuses %j', (document, fault) => {
  expect(() => readPolicyDocument(document, 'P')).toThrow(new Error(`policy P: ${fault}`));
});

test.each(['StringMatches', 'stringEquals', 'NullIfExists', 'ForSomeValues:StringEquals', 'IfExists', 'constructor'])('refuses the operator %s', (operator) => {
  const document = { Statement: { ...STATEMENT, Condition: { [operator]: { 'aws:a': 'b' } } } };
  expect(() => readPolicyDocument(document, 'P')).toThrow(`policy P: statement 1 has the condition operator "${operator}", which does not exist; those of AWS are StringEquals, `);
});
