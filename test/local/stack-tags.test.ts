import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreControlClient, ListTagsForResourceCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { CfnRuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceClass, InstanceSize, InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AgentRuntime, CapacityProvider, Provisioning } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy } from '../../src/local/deployer';
import { image } from '../util/stacks';

let home: string;
let local: RunningLocal;
let control: BedrockAgentCoreControlClient;
let assemblies = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'stack-tags-'));
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: () => {} });
  control = new BedrockAgentCoreControlClient({ endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
});

afterAll(async () => {
  await destroy(options());
  control.destroy();
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

const options = () => ({ endpoint: local.endpoint, stateDir: join(home, 'stacks'), onEvent: () => {}, onLog: () => {} });

/** The tags of each output's resource, without those of AWS and of the provider. */
async function deployed(tags: Record<string, string>, own: Record<string, string>): Promise<Record<string, Record<string, string>>> {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Tagged', { tags, env: { region: 'us-east-1' } });
  const arns: Record<string, string> = {};
  for (const provisioning of [Provisioning.CUSTOM_RESOURCE, Provisioning.CLOUDFORMATION]) {
    arns[provisioning] = new AgentRuntime(stack, `Agent${provisioning}`, { agentRuntimeArtifact: image(), provisioning, tags: own }).agentRuntimeArn;
  }
  const runtime = stack.node.findChild(`Agent${Provisioning.CLOUDFORMATION}`) as AgentRuntime;
  arns.endpoint = new CfnRuntimeEndpoint(stack, 'Endpoint', { agentRuntimeId: runtime.agentRuntimeId, name: 'prod', tags: own }).attrAgentRuntimeEndpointArn;
  const pool = new CapacityProvider(stack, 'Pool', {
    vpc: new Vpc(stack, 'Vpc', { natGateways: 0 }), instanceTypes: [InstanceType.of(InstanceClass.M7G, InstanceSize.LARGE)],
  });
  Object.entries(own).forEach(([key, value]) => Tags.of(pool).add(key, value));
  arns.pool = pool.capacityProviderArn;
  Object.entries(arns).forEach(([name, value]) => new CfnOutput(stack, `Arn${name.replaceAll('_', '')}`, { value }));

  const { stacks: [{ outputs, failure }] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory, allowStubs: true });
  expect(failure).toBeUndefined();
  const found = Object.entries(outputs).map(async ([name, resourceArn]) => {
    const { tags: all = {} } = await control.send(new ListTagsForResourceCommand({ resourceArn }));
    return [name, Object.fromEntries(Object.entries(all).filter(([key]) => !/^(aws|cdk-agentcore-runtime):/.test(key)))];
  });
  return Object.fromEntries(await Promise.all(found));
}

test('the tags of a stack reach all that it has on AgentCore, change with it, and give way to a resource\'s own', async () => {
  const four = (tags: Record<string, string>) => ({
    ArnCUSTOMRESOURCE: tags, ArnCLOUDFORMATION: tags, Arnendpoint: tags, Arnpool: tags,
  });
  expect(await deployed({ cost: '4711', team: 'all' }, { team: 'agents' })).toEqual(four({ cost: '4711', team: 'agents' }));
  expect(await deployed({ stage: 'prod', team: 'all' }, {})).toEqual(four({ stage: 'prod', team: 'all' }));
  expect(await deployed({}, { team: 'agents' })).toEqual(four({ team: 'agents' }));
});
