import { Fn, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { NamedPolicies } from '../../src/runtime/named-policies';
import { render } from '../../src/runtime/render';
import { Pair } from '../../src/service/permissions/pairs';
import { resourceOf, templateOf, testStack } from '../util/stacks';

let stack: Stack;
let policies: NamedPolicies;

beforeEach(() => {
  stack = testStack();
  policies = policiesIn(stack);
});

function policiesIn(scope: Stack): NamedPolicies {
  return new NamedPolicies(scope, new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
}

const pairs = (resource: string, ...actions: readonly string[]): Pair[] => actions.map((action) => ({ action, kind: 'runtime', resource }));

it('the order in which actions are asked for makes no other statement', () => {
  policies.allow(pairs('first', 'a:One', 'a:Two'));
  policies.allow(pairs('second', 'a:Two', 'a:One'));
  expect(resourceOf(templateOf(stack), 'AWS::IAM::ManagedPolicy').Properties.PolicyDocument.Statement).toEqual([
    { Effect: 'Allow', Action: ['a:One', 'a:Two'], Resource: ['first', 'second'] },
  ]);
});

it('the logical id is that of the content, also once somebody has seen an earlier one', () => {
  const [policy] = policies.allow(pairs('first', 'a:One'));
  const resource = policy.node.defaultChild as CfnManagedPolicy;
  const idOf = () => render(stack, Fn.ref(resource.logicalId));
  const before = idOf();
  expect(idOf()).toEqual(before);
  policy.document.addStatements(new PolicyStatement({ actions: ['a:Two'], resources: ['*'] }));
  const after = idOf();
  expect(after).not.toEqual(before);
  expect(after).toEqual({ Ref: resourceOf(templateOf(stack), 'AWS::IAM::ManagedPolicy').id });
});

it('in a nested stack the logical id is that of what a late value has in the end', () => {
  const idOf = (nested: NestedStack) => resourceOf(templateOf(nested), 'AWS::IAM::ManagedPolicy').id;
  let value = 'early';
  const changing = new NestedStack(stack, 'Nested');
  const [policy] = policiesIn(changing).allow(pairs(Lazy.uncachedString({ produce: () => value }), 'a:One'));
  changing.resolve(Fn.ref((policy.node.defaultChild as CfnManagedPolicy).logicalId));
  value = 'late';
  const other = new NestedStack(testStack(), 'Nested');
  policiesIn(other).allow(pairs('late', 'a:One'));
  expect(idOf(changing)).toBe(idOf(other));
});
