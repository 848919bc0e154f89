import { App, Aws, CfnOutput, CfnParameter, CfnResource, Fn, Lazy, SecretValue, Stack, Tags, Token } from 'aws-cdk-lib';
import { AgentRuntimeArtifact, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import * as fc from 'fast-check';
import { AgentRuntime, Command, CommandRunner, GatedEndpoint, RuntimeGrants, SessionStorage } from '../../src';
import { render } from '../../src/runtime/render';

function newStack(): Stack {
  return new Stack(new App(), 'Stack');
}

const IMAGE = '111122223333.dkr.ecr.us-east-1.amazonaws.com/agent:1';

test('each resource of a stack is rendered as the CDK renders it', () => {
  const stack = newStack();
  const parameter = new CfnParameter(stack, 'Parameter');
  const agent = new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri(IMAGE),
    networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc: new Vpc(stack, 'Vpc') }),
    sessionStorage: new SessionStorage(stack, 'Workspace'),
    environmentVariables: { REGION: `in ${Aws.REGION}, ${parameter.valueAsString}`, JSON: stack.toJsonString({ account: Aws.ACCOUNT_ID, list: Fn.split(',', Aws.REGION) }) },
  });
  const resource = agent.node.defaultChild as CfnResource;
  resource.addPropertyOverride('NetworkConfiguration.NetworkMode', Aws.REGION);
  resource.addPropertyDeletionOverride('ProtocolConfiguration');
  resource.addOverride('Metadata.Text', Lazy.string({ produce: () => `of ${Aws.STACK_NAME}` }));
  Tags.of(agent).add('team', 'agents');
  const check = new CommandRunner(stack, 'Check', { runtime: agent, command: Command.argv('echo', Aws.REGION), environment: { WHERE: Aws.REGION } });
  const gated = new GatedEndpoint(stack, 'Prod', { runtime: agent, endpointName: 'prod', gates: [check] });
  RuntimeGrants.fromRuntime(agent).invoke(agent.role, { endpoint: gated });
  new CfnOutput(stack, 'Output', { value: check.stdout });

  const resources = stack.node.findAll().filter((node) => CfnResource.isCfnResource(node));
  expect(resources.length).toBeGreaterThan(30);
  for (const node of resources) expect(render(stack, node._toCloudFormation())).toEqual(stack.resolve(node._toCloudFormation()));
});

test('values and tokens, in whatever depth, are rendered as the CDK renders them', () => {
  const stack = newStack();
  const leaf = fc.oneof(
    fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined),
    fc.constantFrom(
      Aws.REGION, Aws.NO_VALUE, Fn.join('-', ['a', Aws.REGION]), Fn.join('', ['a', Aws.REGION]), Fn.importValue('Other'),
      SecretValue.secretsManager('name').unsafeUnwrap(), Lazy.string({ produce: () => 'late' }), Lazy.string({ produce: () => `late ${Aws.REGION}` }),
      Token.asNumber({ Ref: 'Number' }), Lazy.number({ produce: () => 7 }), Token.asList({ Ref: 'List' }), Lazy.list({ produce: () => ['a', Aws.REGION] }),
      Lazy.any({ produce: () => ({ inner: [Aws.REGION, undefined, {}] }) }), Lazy.any({ produce: () => [] }, { omitEmptyArray: true }),
      stack.toJsonString({ region: Aws.REGION }),
    ),
  );
  const text = fc.array(fc.oneof(fc.string(), fc.constantFrom(Aws.REGION, Aws.ACCOUNT_ID, Lazy.string({ produce: () => 'late' }), Fn.join('', ['a', Aws.REGION]))))
    .map((parts) => parts.join(''));
  const key = fc.oneof(fc.constantFrom('a', 'b', 'Ref', Lazy.string({ produce: () => 'lateKey' })));
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, text, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(key, tie('value'), { maxKeys: 4 })),
  })).value;
  fc.assert(fc.property(value, (given) => {
    const [own, cdk] = [() => render(stack, given), () => stack.resolve(given) as unknown];
    let expected: unknown;
    try {
      expected = cdk();
    } catch (error) {
      // a list that stands beside something else
      expect(own).toThrow((error as Error).message);
      return;
    }
    expect(own()).toEqual(expected);
  }));
});

test('what the CDK refuses is refused in its words', () => {
  const stack = newStack();
  const broken = Lazy.any({ produce: () => { throw new Error('nothing there'); } });
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  for (const value of [{ a: [broken] }, { [Aws.REGION]: 1 }, { a: () => 1 }, { ring }]) {
    let message = '';
    try {
      stack.resolve(value);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).not.toBe('');
    expect(() => render(stack, value)).toThrow(message);
  }
});
