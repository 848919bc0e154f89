import fc from 'fast-check';
import { evaluate, Scope } from '../../../../src/local/deployer/template/evaluate';
import { parseSub } from '../../../../src/local/deployer/template/sub';

const scope: Scope = {
  region: 'eu-west-1',
  ref: (name) => ({ Name: 'demo', List: ['a', 'b'] } as Record<string, unknown>)[name],
  attribute: (id, name) => `${id}:${name}`,
  condition: (name) => name === 'Yes',
  mapping: (map, first, second) => (map === 'M' && first === 'x' && second === 'y' ? 'found' : undefined),
  importValue: (name) => `import-${name}`,
};
const value = (template: unknown) => evaluate(template, scope, 'T');

test.each<[string, unknown, unknown]>([
  ['a reference', { Ref: 'Name' }, 'demo'],
  ['an attribute as a list', { 'Fn::GetAtt': ['R', 'A.B'] }, 'R:A.B'],
  ['an attribute as a text', { 'Fn::GetAtt': 'R.A.B' }, 'R:A.B'],
  ['Join over a list parameter', { 'Fn::Join': ['-', { Ref: 'List' }] }, 'a-b'],
  ['Join with numbers', { 'Fn::Join': [':', ['p', 80, true]] }, 'p:80:true'],
  ['Join without the values that are none', { 'Fn::Join': ['', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'ab'],
  ['Split', { 'Fn::Split': ['|', 'a|b|'] }, ['a', 'b', '']],
  ['Select by a text index', { 'Fn::Select': ['1', { 'Fn::Split': ['|', 'a|b'] }] }, 'b'],
  ['Sub', { 'Fn::Sub': 'x-${Name}-${R.A.B}-${!Name}' }, 'x-demo-R:A.B-${Name}'],
  ['Sub with variables', { 'Fn::Sub': ['${Own}/${Name}', { Own: { Ref: 'Name' } }] }, 'demo/demo'],
  ['If', { 'Fn::If': ['Yes', 1, 2] }, 1],
  ['If the other way', { 'Fn::If': ['No', 1, 2] }, 2],
  ['an If that comes to nothing', { a: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] }, b: 2 }, { b: 2 }],
  ['nothing in a list', [1, { Ref: 'AWS::NoValue' }, 3], [1, 3]],
  ['Equals of a number and a text', { 'Fn::Equals': [1, '1'] }, true],
  ['And', { 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Equals': ['a', 'b'] }] }, false],
  ['Or', { 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, true],
  ['Not', { 'Fn::Not': [{ Condition: 'No' }] }, true],
  ['FindInMap', { 'Fn::FindInMap': ['M', 'x', { 'Fn::Join': ['', ['y']] }] }, 'found'],
  ['FindInMap with a default', { 'Fn::FindInMap': ['M', 'x', 'z', { DefaultValue: 'd' }] }, 'd'],
  ['Base64', { 'Fn::Base64': 'grüße' }, Buffer.from('grüße').toString('base64')],
  ['GetAZs of this region', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
  ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Name}-x' } }, 'import-demo-x'],
  ['a Condition of a policy, which is no condition', { Condition: { StringEquals: { a: { Ref: 'Name' } } } }, { Condition: { StringEquals: { a: 'demo' } } }],
  ['a key that every object inherits', { constructor: 'x' }, { constructor: 'x' }],
])('evaluates %s', (_, template, expected) => {
  expect(value(template)).toEqual(expected);
});

test.each<[unknown, string]>([
  [{ a: [{ Ref: 'Nobody' }] }, 'T.a[0].Ref: Nobody is neither a parameter nor a resource'],
  [{ 'Fn::Select': [2, ['a', 'b']] }, 'index 2 is not one of the 2 items'],
  [{ 'Fn::FindInMap': ['M', 'x', 'z'] }, 'mapping M has no entry x.z'],
  [{ 'Fn::Transform': { Name: 'AWS::Include' } }, 'transforms run in CloudFormation only'],
  [{ 'Fn::Cidr': ['10.0.0.0/16', 1, 8] }, 'Fn::Cidr cannot be evaluated locally'],
  [{ 'Fn::Join': ['-'] }, '1 arguments where 2 are needed'],
  [{ 'Fn::Join': ['-', [{}]] }, '{} is not a string'],
  [{ 'Fn::Not': ['maybe'] }, '"maybe" is neither true nor false'],
  ['{{resolve:ssm:/a}}', 'names a value that only AWS holds'],
  [{ 'Fn::Sub': '{{resolve:secretsmanager:${Name}}}' }, 'names a value that only AWS holds'],
])('refuses %j', (template, message) => {
  expect(() => value(template)).toThrow(message);
});

test('a template without intrinsic functions is its own value', () => {
  // keys that look like functions, and texts that look like dynamic references, mean something else
  const key = fc.string().filter((text) => text !== 'Ref' && !text.startsWith('Fn::') && text !== '__proto__');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.boolean(), fc.string().filter((text) => !text.includes('{{')), fc.array(tie('tree')), fc.dictionary(key, tie('tree'), { noNullPrototype: true })),
  }));
  fc.assert(fc.property(tree, (template) => {
    expect(value(template)).toEqual(template);
  }));
});

test('Split undoes Join wherever the separator is in none of the pieces', () => {
  const piece = fc.string().filter((text) => !text.includes('|') && !text.includes('{{'));
  fc.assert(fc.property(fc.array(piece, { minLength: 1 }), (pieces) => {
    expect(value({ 'Fn::Split': ['|', { 'Fn::Join': ['|', pieces] }] })).toEqual(pieces);
  }));
});

test('the pieces of Sub make up its text again', () => {
  const fragment = fc.constantFrom('${', '}', '!', 'A', '.', '$', '{', ' x ', '${A}', '${!A}', '${AWS::Region}');
  fc.assert(fc.property(fc.array(fragment).map((parts) => parts.join('')), (text) => {
    const rebuilt = parseSub(text).map((part) => ('text' in part ? part.text : `\${${part.reference}}`)).join('');
    expect(rebuilt.replace(/\s/g, '')).toBe(text.replace(/\$\{!([^{}]*)\}/g, '${$1}').replace(/\s/g, ''));
  }));
});
