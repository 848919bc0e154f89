import { App, Aws, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { declareMachine } from '../../src/workflow/workflow-machine';
import { resourceOf, TemplateJson } from '../util/stacks';

const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Demo/01234567-89ab-cdef-0123-456789abcdef';

function machineIn(scope: Construct, id = 'Nightly'): Construct {
  const construct = new Construct(scope, id);
  declareMachine(construct, new Pass(construct, 'Begin'));
  return construct;
}

/** The name of the one log group of a stack, with what CloudFormation fills in. */
function logGroupName(stack: Stack): string {
  const { LogGroupName } = resourceOf(Template.fromStack(stack).toJSON() as TemplateJson, 'AWS::Logs::LogGroup').Properties;
  return filledIn(LogGroupName);
}

function filledIn(value: any): any {
  if (value['Fn::Join']) return value['Fn::Join'][1].map(filledIn).join(value['Fn::Join'][0]);
  if (value['Fn::Select']) return filledIn(value['Fn::Select'][1])[value['Fn::Select'][0]];
  if (value['Fn::Split']) return filledIn(value['Fn::Split'][1]).split(value['Fn::Split'][0]);
  return value.Ref === 'AWS::StackId' ? STACK_ID : value;
}

describe('the log group of a state machine', () => {
  it('has a name that needs no entry in the resource policy of the account, of stack, construct and the stack\'s id', () => {
    const stack = new Stack(new App(), 'Demo');
    machineIn(stack);
    expect(logGroupName(stack)).toMatch(/^\/aws\/vendedlogs\/states\/Demo-Nightly-[0-9A-F]{8}-01234567$/);
  });

  it('has another name in another stage, and by another construct', () => {
    const names = [['Dev', 'Nightly'], ['Prod', 'Nightly'], ['Prod', 'Weekly']].map(([stage, id]) => {
      const stack = new Stack(new Stage(new App(), stage), 'Demo');
      machineIn(stack, id);
      return logGroupName(stack);
    });
    expect(new Set(names).size).toBe(3);
    expect(names[0]).toContain('/DevDemo-Nightly-');
  });

  it('has the name of a nested stack among its parent\'s', () => {
    const stack = new Stack(new App(), 'Demo');
    const [first, second] = ['One', 'Two'].map((id) => new NestedStack(stack, id));
    [first, second].forEach((nested) => machineIn(nested));
    expect(logGroupName(first)).toMatch(/\/Demo-One-Nightly-[0-9A-F]{8}-01234567$/);
    expect(logGroupName(second)).toMatch(/\/Demo-Two-Nightly-/);
  });

  it('has a name of characters that are allowed, not longer than 512', () => {
    const stack = new Stack(new App(), 'Demo', { stackName: 'a'.repeat(128) });
    const path = Array.from({ length: 8 }, (_, i) => `${i} ${'ä*b'.repeat(50)}`).reduce<Construct>((scope, id) => new Construct(scope, id), stack);
    machineIn(path);
    expect(logGroupName(stack)).toMatch(/^[\w/.#-]{1,512}$/);
    expect(logGroupName(stack)).toHaveLength(512);
  });

  it('goes with the stack', () => {
    const stack = new Stack(new App(), 'Demo', { env: { region: Aws.REGION } });
    machineIn(stack);
    expect(resourceOf(Template.fromStack(stack).toJSON() as TemplateJson, 'AWS::Logs::LogGroup')).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
  });
});
