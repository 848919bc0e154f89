import { CfnParameter } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AgentRuntime, AgentRuntimeProps, Provisioning } from '../../src';
import { image, templateOf, testStack } from '../util/stacks';

const SOURCES: [string, (stack: ReturnType<typeof testStack>) => Partial<AgentRuntimeProps>, unknown][] = [
  ['a name', () => ({ runtimeName: 'my_agent' }), ':log-group:/aws/bedrock-agentcore/runtimes/my_agent-*'],
  ['CloudFormation', () => ({ runtimeName: 'my_agent', provisioning: Provisioning.CLOUDFORMATION }), ':log-group:/aws/bedrock-agentcore/runtimes/my_agent-*'],
  ['a generated name', () => ({}), ':log-group:/aws/bedrock-agentcore/runtimes/StackAgent14268468-*'],
  ['a token', (stack) => ({ runtimeName: new CfnParameter(stack, 'Name').valueAsString }), ':log-group:/aws/bedrock-agentcore/runtimes/<Name>-*'],
];

test.each(SOURCES)('traces may be delivered to the log groups of the runtime alone: %s', (_title, props, end) => {
  const stack = testStack();
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...props(stack) });
  const nag = new AwsSolutionsChecks(stack.node.root).validateScope(stack.node.root);
  const statements = Object.values(templateOf(stack).Resources).flatMap(({ Properties }) => Properties?.PolicyDocument?.Statement ?? []);
  const [found, ...others] = statements.filter(({ Action }: any) => Action === 'logs:PutResourcePolicy');
  expect(others).toEqual([]);
  const parts = found.Resource['Fn::Join'][1].map((part: any) => part.Ref ? `<${part.Ref.replace('AWS::', '')}>` : part);
  expect(parts.join('')).toBe(`arn:<Partition>:logs:<Region>:<AccountId>${end}`);
  expect(runtime.role.node.path).toBe('Stack/Agent/ExecutionRole');
  expect(JSON.stringify(nag.violations)).not.toContain(`runtimes/${String(end).split('/').at(-1)}`);
});
