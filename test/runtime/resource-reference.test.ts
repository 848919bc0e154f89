import { App, Aws, CfnParameter, CfnResource, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { refersToResource } from '../../src/runtime/resource-reference';

describe('refersToResource', () => {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Stack');
  const resource = new CfnResource(stack, 'Thing', { type: 'AWS::Some::Thing' });
  const parameter = new CfnParameter(stack, 'Name');
  // in its own template it may have the name that a resource has here
  new CfnParameter(new NestedStack(stack, 'Nested'), 'Inner').overrideLogicalId('Thing');

  it.each([
    ['text', 'coder', false],
    ['a pseudo parameter', `arn:${Aws.PARTITION}:x`, false],
    ['a parameter', parameter.valueAsString, false],
    ['a parameter in Fn::Sub', Fn.sub('${Name}-${AWS::Region}'), false],
    ['a resource in Fn::Sub', Fn.sub('${Thing}'), true],
    ['a resource', resource.ref, true],
    ['an attribute', resource.getAtt('Arn').toString(), true],
    ['an import', Fn.importValue('elsewhere'), true],
  ])('of %s', (_title, text, refers) => {
    expect(refersToResource(stack, text)).toBe(refers);
  });
});
