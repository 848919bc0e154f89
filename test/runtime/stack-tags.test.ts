import { App, Aws, NestedStack, Stack, StackProps, Stage, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AgentRuntime, AgentRuntimeProps, Provisioning } from '../../src';
import { image, resourceOf, templateOf, TemplateJson } from '../util/stacks';

const CUSTOM = 'Custom::AgentCoreRuntime';
const COST = { 'cost-center': '4711' };

function stackWith(props: StackProps, runtime: Partial<AgentRuntimeProps> = {}, context = {}): Stack {
  const stack = new Stack(new App({ context }), 'Stack', props);
  new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...runtime });
  return stack;
}

const tagsIn = (stack: Stack) => resourceOf(templateOf(stack), CUSTOM).Properties.Tags;

describe('the tags of a stack', () => {
  it('reach the runtime', () => {
    expect(tagsIn(stackWith({ tags: COST }))).toEqual(COST);
  });

  it('give way to its own', () => {
    expect(tagsIn(stackWith({ tags: { ...COST, team: 'all', stage: 'prod' } }, { tags: { team: 'agents' } }))).toEqual({ ...COST, stage: 'prod', team: 'agents' });
  });

  it('give way to those of an escape hatch', () => {
    const stack = stackWith({ tags: { ...COST, team: 'all' } });
    (stack.node.findChild('Agent').node.defaultChild as any).addPropertyOverride('Tags.team', 'agents');
    expect(tagsIn(stack)).toEqual({ ...COST, team: 'agents' });
  });

  it('come in whatever way the stack got them', () => {
    const stack = stackWith({}, {}, { '@aws-cdk/core:explicitStackTags': true });
    stack.addStackTag('stage', 'prod');
    Tags.of(stack.node.root).add('team', 'agents', { includeResourceTypes: ['aws:cdk:stack'] });
    expect(tagsIn(stack)).toEqual({ stage: 'prod', team: 'agents' });
  });

  it('are not those that it was left out of', () => {
    const stack = stackWith({});
    Tags.of(stack).add('team', 'agents', { excludeResourceTypes: ['aws:cdk:stack', 'AWS::BedrockAgentCore::Runtime'] });
    expect(tagsIn(stack)).toBeUndefined();
  });

  it('are not those with tokens, which the CDK does not give to the stack', () => {
    expect(tagsIn(stackWith({ tags: { ...COST, account: Aws.ACCOUNT_ID } }))).toEqual(COST);
  });

  it('reach the runtime of a stage', () => {
    const stage = new Stage(new App(), 'Prod');
    const stack = new Stack(stage, 'Stack', { tags: COST });
    new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
    Tags.of(stage).add('stage', 'prod');
    expect(tagsIn(stack)).toEqual({ ...COST, stage: 'prod' });
  });

  it('reach the runtime of a nested stack, which adds its own, also as the resource of its parent', () => {
    const stack = new Stack(new App({ context: { '@aws-cdk/core:explicitStackTags': true } }), 'Stack', { tags: { ...COST, team: 'all', stage: 'all' } });
    const nested = new NestedStack(stack, 'Nested');
    new AgentRuntime(nested, 'Agent', { agentRuntimeArtifact: image() });
    nested.tags.setTag('team', 'agents');
    Tags.of(nested.nestedStackResource!).add('stage', 'prod');
    expect(resourceOf(Template.fromStack(nested).toJSON() as TemplateJson, CUSTOM).Properties.Tags).toEqual({ ...COST, team: 'agents', stage: 'prod' });
  });

  it('leave a resource of CloudFormation to CloudFormation', () => {
    const stack = stackWith({ tags: COST }, { provisioning: Provisioning.CLOUDFORMATION });
    expect(resourceOf(templateOf(stack), 'AWS::BedrockAgentCore::Runtime').Properties.Tags).toBeUndefined();
  });

  it('are counted', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 'value']));
    expect(() => templateOf(stackWith({ tags: many(47) }, { tags: { team: 'agents' } }))).not.toThrow();
    expect(() => templateOf(stackWith({ tags: many(48) }, { tags: { team: 'agents' } }))).toThrow(
      'the runtime has 49 tags, those of its stack included, but at most 48 can be its own');
  });
});
