import { App, SecretValue, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { useBench } from './support/bench';
import { commandProperties, runtimeProperties, runtimeResource } from './support/properties';
import { row } from './support/row';
import { AgentRuntime, Command, CommandRunner, SessionStorage } from '../../src';

// What the constructs write around the provider: order, triggers, versions, partitions.

const shared = useBench();
const REGIONS = { 'us-east-1': ['aws', 'console.aws.amazon.com'], 'cn-north-1': ['aws-cn', 'console.amazonaws.cn'], 'us-gov-west-1': ['aws-us-gov', 'console.amazonaws-us-gov.com'] };

interface Variant { readonly mood?: string; readonly command?: string; readonly region?: string }

function appOf({ mood = 'calm', command = 'echo run', region }: Variant, outdir?: string) {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Demo', region ? { env: { region } } : {});
  const agent = new AgentRuntime(stack, 'Agent', {
    runtimeName: 'built',
    agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri('000000000000.dkr.ecr.us-east-1.amazonaws.com/agent:1'),
    environmentVariables: { MOOD: mood },
    sessionStorage: new SessionStorage(stack, 'Workspace'),
  });
  new CommandRunner(stack, 'Check', { runtime: agent, command: Command.shell(command) });
  return { app, stack };
}

const deployVariant = async (variant: Variant = {}) => {
  const { app } = appOf(variant, shared.bench.directory());
  return shared.bench.deployAssembly(app.synth().directory);
};

row(22, 'the stack is deleted while its runtime takes its time to go', async (observe) => {
  const { bench } = shared;
  expect(await deployVariant()).toMatchObject({ status: 'CREATE_COMPLETE' });
  await bench.setFaults({ kind: 'slowTransition', operation: 'DeleteAgentRuntime', reads: 2 });
  const { status, events } = await bench.destroy();
  expect(status).toBe('DELETE_COMPLETE');
  const order = events.filter((event) => event.status === 'DELETE_COMPLETE').map(({ type }) => type);
  const runtime = order.indexOf('Custom::AgentCoreRuntime');
  expect(order.indexOf('Custom::AgentCoreCommand')).toBeLessThan(runtime);
  for (const type of ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup']) {
    expect(order.indexOf(type)).toBeGreaterThan(runtime);
  }
  observe('policies, function, role and log group go only after the resources that need them');
});

row(23, 'a deployment without any change, then one that changes only the runtime', async (observe) => {
  const { bench } = shared;
  await deployVariant();
  expect(await deployVariant()).toMatchObject({ status: 'NO_CHANGES' });
  expect(bench.startsOf('echo run')).toHaveLength(1);
  const changed = await deployVariant({ mood: 'eager' });
  expect(changed.status).toBe('UPDATE_COMPLETE');
  expect(bench.startsOf('echo run')).toHaveLength(2);
  observe('no run without a change; a new version of the runtime runs the same command again');
});

row(24, 'an update makes a new version, which empties the session storage', async (observe) => {
  const { bench } = shared;
  const command = 'ls /mnt/workspace | wc -l; echo filled > /mnt/workspace/file; echo fill';
  await deployVariant({ command });
  const changed = await deployVariant({ mood: 'eager', command });
  expect(changed.status).toBe('UPDATE_COMPLETE');
  expect(bench.startsOf('filled')).toHaveLength(2);
  const told = changed.lines.map((line) => JSON.parse(line)).find(({ notice }) => notice === 'updating, which makes a new version');
  expect(told).toMatchObject({ differing: ['environmentVariables'] });
  const { app } = appOf({});
  const messages = app.synth().getStackByName('Demo').messages.map(({ entry }) => String(entry.data));
  expect(messages).toContainEqual(expect.stringContaining('makes a new version, and that empties the session storage'));
  observe('what fills the storage has run again; synth and the log say that a version is made, and why');
});

row(27, 'regions of three partitions; a ServiceToken that is an object', async (observe) => {
  const { bench } = shared;
  for (const [region, [partition, host]] of Object.entries(REGIONS)) {
    const created = await bench.answer(bench.event('Create', 'runtime', runtimeProperties('abroad')), { region });
    expect(created).toMatchObject({ Status: 'SUCCESS', Data: { AgentRuntimeArn: expect.stringMatching(`^arn:${partition}:bedrock-agentcore:${region}:`) } });
    const command = await bench.answer(bench.event('Create', 'command', commandProperties(created.Data!.AgentRuntimeArn, 'true')), { region });
    expect(command).toMatchObject({ Status: 'SUCCESS', Data: { LogUrl: expect.stringContaining(`https://${region}.${host}/`) } });
    const failed = await bench.answer(bench.event('Create', 'command', commandProperties(created.Data!.AgentRuntimeArn, 'false')), { region });
    expect(failed.Reason).toContain(`https://${region}.${host}/`);
    const deleted = await bench.answer(bench.event('Delete', 'runtime', runtimeProperties('abroad'), { PhysicalResourceId: created.PhysicalResourceId }), { region });
    expect(deleted.Status).toBe('SUCCESS');
    const template = JSON.stringify(Template.fromStack(appOf({ region }).stack).toJSON());
    expect(template).not.toMatch(/arn:aws(-cn|-us-gov)?:(bedrock-agentcore|iam|logs|lambda)/);
  }
  await expect(bench.deploy({ Agent: { ...runtimeResource('abroad'), Properties: { ...runtimeResource('abroad').Properties, ServiceToken: { Arn: 'x' } } } }))
    .resolves.toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringMatching(/ServiceToken/) } });
  observe('ARNs and console links of the partition; none is spelled out in a template; the object is refused');
});

row(19, 'a secret in the text of a command, at synth', async (observe) => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Secret');
  const agent = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri('000000000000.dkr.ecr.us-east-1.amazonaws.com/agent:1') });
  const secret = SecretValue.secretsManager('db');
  for (const [i, text] of [secret.unsafeUnwrap(), '{{resolve:ssm-secure:db}}'].entries()) {
    expect(() => new CommandRunner(stack, `Check${i}`, { runtime: agent, command: Command.shell(`login ${text}`) })).toThrow(/holds a secret or a dynamic reference/);
  }
  observe('refused, with the reason that the service logs commands');
});
