import fc from 'fast-check';
import { findCycle, reversed } from '../../../../src/local/deployer/template/graph';
import { PreparedTemplate, World } from '../../../../src/local/deployer/template/prepared';
import { stackArn } from '../../../../src/local/deployer/template/pseudo';
import { Template } from '../../../../src/local/deployer/template/template';

const identity = (region = 'us-east-1') => ({
  stackName: 'Demo', stackId: stackArn('Demo', region, '000000000000', 'uuid'), region, account: '000000000000',
});
const prepare = (template: Template, given = {}, region?: string) => new PreparedTemplate(template, identity(region), given);
const world: World = { physicalId: (id) => `id-of-${id}`, attribute: (id, name) => `${id}.${name}`, importValue: (name) => name };
const resource = (properties: Record<string, unknown> = {}, more = {}) => ({ Type: 'T', Properties: properties, ...more });

test('the graph holds what Ref, GetAtt, Sub and DependsOn name, of If only the branch that counts', () => {
  const { graph } = prepare({
    Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
    Resources: {
      A: resource({ x: { Ref: 'B' }, y: ['${E.F}', { 'Fn::Sub': '${C.Arn} ${D} ${AWS::Region} ${!E}' }] }),
      B: resource({ x: { 'Fn::GetAtt': ['D', 'Arn'] } }),
      C: resource({ x: { 'Fn::If': ['No', { Ref: 'A' }, 'else'] } }),
      D: resource({}, { DependsOn: ['C', 'Absent'] }),
      E: resource({}, { DependsOn: 'D' }),
      Absent: resource({}, { Condition: 'No' }),
    },
  });
  expect(Object.fromEntries([...graph].map(([id, needed]) => [id, [...needed].sort()]))).toEqual({ A: ['B', 'C', 'D'], B: ['D'], C: [], D: ['C'], E: ['D'] });
});

test.each<[string, Template, string]>([
  ['a circle', { Resources: { A: resource({ x: { Ref: 'B' } }), B: resource({}, { DependsOn: 'C' }), C: resource({ x: { 'Fn::Sub': '${A.X}' } }) } }, 'circular dependency A -> B -> C -> A'],
  ['a resource that refers to itself', { Resources: { A: resource({ x: { Ref: 'A' } }) } }, 'circular dependency A -> A'],
  ['an unknown reference', { Resources: { A: resource({ x: { Ref: 'B' } }), C: resource({}, { DependsOn: 'D' }) } }, 'unresolved references to B (at Resources.A.Properties.x.Ref), D (at Resources.C.DependsOn)'],
  ['an output of a resource that is not there', { Resources: {}, Outputs: { O: { Value: { Ref: 'B' } } } }, 'unresolved references to B'],
  ['a reference to a resource whose condition does not hold', {
    Conditions: { No: { 'Fn::Not': [{ 'Fn::Equals': [1, 1] }] } }, Resources: { A: resource({ x: { Ref: 'B' } }), B: resource({}, { Condition: 'No' }) },
  }, 'unresolved references to B'],
  ['a condition of itself', { Conditions: { A: { Condition: 'B' }, B: { 'Fn::Not': [{ Condition: 'A' }] } }, Resources: { R: resource({}, { Condition: 'A' }) } }, 'depends on itself'],
  ['a missing condition', { Resources: { R: resource({}, { Condition: 'A' }) } }, 'no condition A'],
  ['a transform', { Transform: 'AWS::Serverless-2016-10-31', Resources: {} }, 'Transform: is run by CloudFormation only'],
  ['a parameter without a value', { Parameters: { P: { Type: 'String' } }, Resources: {} }, 'P has neither a value nor a default'],
  ['a value that is not allowed', { Parameters: { P: { Type: 'String', Default: 'x', AllowedValues: ['a', 'b'] } } }, '"x" is not one of the allowed values a, b'],
])('refuses %s', (_, template, message) => {
  expect(() => prepare(template)).toThrow(message);
});

test('parameters: given values, defaults, lists, and stand-ins for what only AWS keeps', () => {
  const template = {
    Parameters: {
      Given: { Type: 'String', Default: 'default' },
      Default: { Type: 'Number', Default: 3 },
      List: { Type: 'CommaDelimitedList', Default: 'a, b' },
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
      Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: '/aws/service/ami' },
    },
    Resources: { R: resource(Object.fromEntries(['Given', 'Default', 'List', 'BootstrapVersion', 'Image'].map((name) => [name, { Ref: name }]))) },
  };
  expect(prepare(template, { Given: 'given' }).properties('R', world)).toEqual({
    Given: 'given', Default: '3', List: ['a', 'b'], BootstrapVersion: '999', Image: 'local-value-of-aws/service/ami',
  });
});

test.each([['us-east-1', 'aws', 'amazonaws.com'], ['cn-north-1', 'aws-cn', 'amazonaws.com.cn'], ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com']])(
  'pseudo parameters in %s', (region, partition, suffix) => {
    const names = ['AccountId', 'Region', 'Partition', 'URLSuffix', 'StackName', 'StackId', 'NotificationARNs'];
    const template = { Resources: { R: resource(Object.fromEntries(names.map((name) => [name, { Ref: `AWS::${name}` }]))) } };
    expect(prepare(template, {}, region).properties('R', world)).toEqual({
      AccountId: '000000000000',
      Region: region,
      Partition: partition,
      URLSuffix: suffix,
      StackName: 'Demo',
      StackId: `arn:${partition}:cloudformation:${region}:000000000000:stack/Demo/uuid`,
      NotificationARNs: [],
    });
  });

test('outputs whose conditions hold, with their exports', () => {
  const outputs = prepare({
    Conditions: { No: { 'Fn::Equals': [1, 2] } },
    Resources: { R: resource() },
    Outputs: {
      A: { Value: { 'Fn::GetAtt': ['R', 'Arn'] }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}-a' } } },
      B: { Value: 'b', Condition: 'No' },
    },
  }).outputs(world);
  expect(outputs).toEqual([{ key: 'A', value: 'R.Arn', exportName: 'Demo-a' }]);
});

test('a graph has a circle exactly where no order of its nodes puts all dependencies first', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'];
  const edges = fc.array(fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes)), { maxLength: 8 });
  fc.assert(fc.property(edges, (pairs) => {
    const graph = new Map(nodes.map((node) => [node, new Set(pairs.filter(([from]) => from === node).map(([, to]) => to))]));
    const left = new Set(nodes);
    for (let round = 0; round < nodes.length; round++) {
      for (const node of [...left]) {
        if (![...graph.get(node)!].some((before) => left.has(before))) left.delete(node);
      }
    }
    const cycle = findCycle(graph);
    expect(cycle === undefined).toBe(left.size === 0);
    cycle?.slice(1).forEach((node, i) => expect(graph.get(cycle[i])).toContain(node));
    expect(findCycle(reversed(graph)) === undefined).toBe(cycle === undefined);
  }));
});
