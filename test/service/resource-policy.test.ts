import { resourcePolicyFaults } from '../../src/service/resource-policy';

const ARN = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/agent-0123456789';
const statement = { Effect: 'Allow', Principal: '*', Action: 'bedrock-agentcore:InvokeAgentRuntime', Resource: ARN };
const told = (...statements: unknown[]) => resourcePolicyFaults(JSON.stringify({ Version: '2012-10-17', Statement: statements }), ARN);

test.each<[string, string]>([
  ['one statement', JSON.stringify({ Statement: statement })],
  ['several', JSON.stringify({ Statement: [statement, { ...statement, Effect: 'Deny', Principal: undefined, NotPrincipal: '*' }] })],
  ['a list of one resource', JSON.stringify({ Statement: [{ ...statement, Resource: [ARN] }] })],
])('%s about exactly the resource has no fault', (_, policy) => {
  expect(resourcePolicyFaults(policy, ARN)).toEqual([]);
});

test.each<[string, string[], RegExp]>([
  ['what is not JSON', resourcePolicyFaults('{', ARN), /^is not JSON/],
  ['what is no object', resourcePolicyFaults('[]', ARN), /^is not a JSON object/],
  ['no statement', told(), /^has no statement/],
  ['a document without any', resourcePolicyFaults('{}', ARN), /^Statement\[0\] is not an object/],
  ['any resource', told(statement, { ...statement, Resource: '*' }), /^Statement\[1\] has the Resource "\*"; only arn:/],
  ['all endpoints', told({ ...statement, Resource: `${ARN}/*` }), /without wildcards/],
  ['another resource besides', told({ ...statement, Resource: [ARN, `${ARN}/runtime-endpoint/DEFAULT`] }), /has the Resource \[/],
  ['no resource', told({ ...statement, Resource: [] }), /has the Resource \[\]/],
  ['all but one resource', told({ ...statement, Resource: undefined, NotResource: ARN }), /has the Resource undefined/],
  ['no principal', told({ ...statement, Principal: undefined }), /has no Principal/],
  ['no action', told({ ...statement, Action: undefined }), /has no Action/],
  ['another effect', told({ ...statement, Effect: 'Maybe' }), /has the Effect "Maybe"/],
])('a policy with %s has one', (_, faults, message) => {
  expect(faults).toEqual([expect.stringMatching(message)]);
});
