import { evaluate, IamRequest } from '../../../src/local/iam/evaluate';
import { Conditions, readPolicyDocument } from '../../../src/local/iam/policy';

const GUIDE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';

function holds(Condition: Conditions, context: IamRequest['context'] = {}): boolean {
  const policy = readPolicyDocument({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition } }, 'test');
  return evaluate({ policies: [policy] }, { action: 's3:GetObject', resource: 'arn:aws:s3:::a/b', context }).allowed;
}

type Row = [Conditions, IamRequest['context'], boolean];
const ROLE = 'arn:aws:iam::111122223333:role/app/Worker';

// reference_policies_elements_condition_operators.html, the section of each kind
describe(`operators (${GUIDE}/reference_policies_elements_condition_operators.html)`, () => {
  test.each<Row>([
    // Conditions_String
    [{ StringEquals: { 'aws:username': 'ann' } }, { 'aws:username': 'ann' }, true],
    [{ StringEquals: { 'aws:username': 'ann' } }, { 'aws:username': 'Ann' }, false],
    [{ StringEquals: { 'aws:username': 'a*' } }, { 'aws:username': 'ann' }, false],
    [{ StringEquals: { 'aws:username': 'a*' } }, { 'aws:username': 'a*' }, true],
    [{ StringEquals: { 'aws:username': 'a${*}' } }, { 'aws:username': 'a*' }, true],
    [{ StringEquals: { 'aws:username': ['bob', 'ann'] } }, { 'aws:username': 'ann' }, true],
    [{ StringNotEquals: { 'aws:username': 'ann' } }, { 'aws:username': 'bob' }, true],
    [{ StringNotEquals: { 'aws:username': ['bob', 'ann'] } }, { 'aws:username': 'ann' }, false],
    [{ StringEqualsIgnoreCase: { 'aws:username': 'ANN' } }, { 'aws:username': 'ann' }, true],
    [{ StringNotEqualsIgnoreCase: { 'aws:username': 'ANN' } }, { 'aws:username': 'ann' }, false],
    [{ StringLike: { 'aws:username': 'a?n*' } }, { 'aws:username': 'anna' }, true],
    [{ StringLike: { 'aws:username': 'A*' } }, { 'aws:username': 'ann' }, false],
    [{ StringNotLike: { 'aws:username': 'a*' } }, { 'aws:username': 'bob' }, true],
    [{ StringNotLike: { 'aws:username': 'a*' } }, { 'aws:username': 'ann' }, false],
    [{ StringEquals: { 'aws:ResourceTag/owner': '${aws:PrincipalTag/owner}' } }, { 'aws:ResourceTag/owner': 'x', 'aws:PrincipalTag/owner': 'x' }, true],
    [{ StringEquals: { 'aws:ResourceTag/owner': '${aws:PrincipalTag/owner}' } }, { 'aws:ResourceTag/owner': 'x' }, false],
    [{ StringNotEquals: { 'aws:ResourceTag/owner': '${aws:PrincipalTag/owner}' } }, { 'aws:ResourceTag/owner': 'x' }, false],
    [{ StringLike: { 'aws:ResourceTag/owner': "${aws:PrincipalTag/owner, 'team-'}*" } }, { 'aws:ResourceTag/owner': 'team-a' }, true],
    // Conditions_Numeric
    [{ NumericEquals: { 's3:max-keys': 10 } }, { 's3:max-keys': '10.0' }, true],
    [{ NumericNotEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '10' }, false],
    [{ NumericNotEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': 'ten' }, false],
    [{ NumericLessThan: { 's3:max-keys': '10' } }, { 's3:max-keys': '9' }, true],
    [{ NumericLessThan: { 's3:max-keys': '10' } }, { 's3:max-keys': '10' }, false],
    [{ NumericLessThanEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '10' }, true],
    [{ NumericLessThanEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '11' }, false],
    [{ NumericGreaterThan: { 's3:max-keys': '10' } }, { 's3:max-keys': '9' }, false],
    [{ NumericGreaterThan: { 's3:max-keys': '10' } }, { 's3:max-keys': '100' }, true],
    [{ NumericGreaterThanEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '10' }, true],
    [{ NumericGreaterThanEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': '9.5' }, false],
    // Conditions_Date
    [{ DateEquals: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, { 'aws:CurrentTime': '1767225600' }, true],
    [{ DateNotEquals: { 'aws:CurrentTime': '2026-01-01' } }, { 'aws:CurrentTime': '2026-01-01T00:00:00Z' }, false],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-01-01T01:00:00+02:00' } }, { 'aws:CurrentTime': '2025-12-31T22:59:59Z' }, true],
    [{ DateLessThanEquals: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, { 'aws:CurrentTime': '2026-01-01T00:00:01Z' }, false],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, { 'aws:CurrentTime': '2026-01-01T00:00:00.5Z' }, true],
    [{ DateGreaterThanEquals: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, { 'aws:CurrentTime': '2025-12-31T23:59:59Z' }, false],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, { 'aws:CurrentTime': 'today' }, false],
    // Conditions_Boolean
    [{ Bool: { 'aws:SecureTransport': true } }, { 'aws:SecureTransport': 'true' }, true],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': 'true' }, false],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': 'no' }, false],
    // Conditions_BinaryEquals
    [{ BinaryEquals: { 'kms:Blob': 'QmluYXJ5' } }, { 'kms:Blob': 'QmluYXJ5' }, true],
    [{ BinaryEquals: { 'kms:Blob': 'QmluYXJ5' } }, { 'kms:Blob': 'Qmlu' }, false],
    // Conditions_IPAddress
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { 'aws:SourceIp': '203.0.113.255' }, true],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { 'aws:SourceIp': '203.0.114.0' }, false],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.7' } }, { 'aws:SourceIp': '203.0.113.7' }, true],
    [{ IpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '2001:db8:1234:5678::/64'] } }, { 'aws:SourceIp': '2001:db8:1234:5678:1234::7890' }, true],
    [{ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, { 'aws:SourceIp': '2001:db8::1' }, false],
    [{ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { 'aws:SourceIp': '198.51.100.1' }, true],
    [{ NotIpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '203.0.113.0/24'] } }, { 'aws:SourceIp': '203.0.113.1' }, false],
    // Conditions_ARN
    [{ ArnEquals: { 'aws:PrincipalArn': ROLE } }, { 'aws:PrincipalArn': ROLE }, true],
    [{ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/*' } }, { 'aws:PrincipalArn': ROLE }, true],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/APP/*' } }, { 'aws:PrincipalArn': ROLE }, false],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::11112222333?:*' } }, { 'aws:PrincipalArn': ROLE }, true],
    // each segment by itself
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam:*:role/app/Worker' } }, { 'aws:PrincipalArn': ROLE }, false],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::${aws:PrincipalAccount}:role/*' } }, { 'aws:PrincipalArn': ROLE, 'aws:PrincipalAccount': '111122223333' }, true],
    [{ ArnNotEquals: { 'aws:PrincipalArn': ROLE } }, { 'aws:PrincipalArn': ROLE }, false],
    [{ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/other' } }, { 'aws:PrincipalArn': ROLE }, true],
    // what is no ARN equals none and differs from none
    [{ ArnNotLike: { 'aws:PrincipalArn': ROLE } }, { 'aws:PrincipalArn': 'Worker' }, false],
    [{ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:s3*' } }, { 'aws:PrincipalArn': ROLE }, false],
    // Conditions_Null
    [{ Null: { 'aws:TokenIssueTime': 'true' } }, {}, true],
    [{ Null: { 'aws:TokenIssueTime': 'true' } }, { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' }, false],
    [{ Null: { 'aws:TokenIssueTime': false } }, { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' }, true],
    [{ Null: { 'aws:TagKeys': 'false' } }, { 'aws:TagKeys': [] }, false],
  ])('%j with %j: %s', (condition, context, expected) => {
    expect(holds(condition, context)).toBe(expected);
  });
});

describe(`keys that are missing (${GUIDE}/reference_policies_elements_condition_operators.html#Conditions_IfExists)`, () => {
  const VALUES: Record<string, string> = { Numeric: '1', Date: '2026-01-01', Bool: 'true', IpAddress: '203.0.113.1', NotIpAddress: '203.0.113.1', Arn: ROLE };
  const ALL = [
    'StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike',
    ...['Numeric', 'Date'].flatMap((kind) => ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map((operator) => kind + operator)),
    'Bool', 'BinaryEquals', 'IpAddress', 'NotIpAddress', 'ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike',
  ];
  const value = (operator: string) => Object.entries(VALUES).find(([kind]) => operator.startsWith(kind))?.[1] ?? 'a';

  test.each(ALL)('%s', (operator) => {
    const negated = operator.includes('Not');
    expect(holds({ [operator]: { 'aws:x': value(operator) } })).toBe(negated);
    expect(holds({ [`${operator}IfExists`]: { 'aws:x': value(operator) } })).toBe(true);
    expect(holds({ [`ForAllValues:${operator}`]: { 'aws:x': value(operator) } })).toBe(true);
    expect(holds({ [`ForAnyValue:${operator}`]: { 'aws:x': value(operator) } })).toBe(false);
    expect(holds({ [`ForAnyValue:${operator}IfExists`]: { 'aws:x': value(operator) } })).toBe(true);
    // and where it is there, IfExists changes nothing
    expect(holds({ [`${operator}IfExists`]: { 'aws:x': value(operator) } }, { 'aws:x': 'not of its kind' }))
      .toBe(holds({ [operator]: { 'aws:x': value(operator) } }, { 'aws:x': 'not of its kind' }));
  });
});

describe(`sets (${GUIDE}/reference_policies_condition-single-vs-multi-valued-context-keys.html)`, () => {
  test.each<Row>([
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['a'] }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['a', 'c'] }, false],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': [] }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': [''] }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['c', 'b'] }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['c'] }, false],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['a', 'c'] }, true],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['a'] }, false],
    [{ 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['c', 'a'] }, false],
    [{ 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['a', 'b'] } }, { 'aws:TagKeys': ['c', 'd'] }, true],
    // a single value is a set of one
    [{ 'ForAllValues:StringLike': { 'aws:username': 'a*' } }, { 'aws:username': 'ann' }, true],
    // without a set operator there is nothing to compare several values by
    [{ StringEquals: { 'aws:TagKeys': 'a' } }, { 'aws:TagKeys': ['a'] }, false],
  ])('%j with %j: %s', (condition, context, expected) => {
    expect(holds(condition, context)).toBe(expected);
  });
});

describe(`several operators and keys (${GUIDE}/reference_policies_condition-logic-multiple-context-keys-or-values.html)`, () => {
  const condition = { StringEquals: { 'aws:username': ['ann', 'bob'], 'AWS:PrincipalTag/Team': 'core' }, Bool: { 'aws:SecureTransport': 'true' } };
  const context = { 'aws:UserName': 'bob', 'aws:principaltag/team': 'core', 'aws:SecureTransport': 'true' };
  test('all of them hold, each with one of its values', () => {
    expect(holds(condition, context)).toBe(true);
  });
  test.each(Object.keys(context))('without %s it does not', (key) => {
    expect(holds(condition, { ...context, [key]: 'other' })).toBe(false);
  });
});
