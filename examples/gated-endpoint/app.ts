import * as path from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandRunner, GatedEndpoint, SessionStorage } from '../../src'; // 'cdk-agentcore-runtime' in an app of your own

const app = new App();
const stack = new Stack(app, 'Shop');

const shop = new AgentRuntime(stack, 'Agent', {
  runtimeName: 'shop',
  agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
    path: path.join(__dirname, 'agent'),
    runtime: AgentCoreRuntime.NODE_22,
    entrypoint: ['main.js'],
  }),
  environmentVariables: { DISCOUNT_PERCENT: app.node.tryGetContext('discount') ?? '10' },
  sessionStorage: new SessionStorage(stack, 'Baskets', { mountPath: '/mnt/workspace' }),
});

// on DEFAULT, which is on the new version as soon as there is one
const selfTest = new CommandRunner(stack, 'SelfTest', {
  runtime: shop,
  command: Command.argv('node', '/var/task/self-test.js'),
});

// customers are here; `--context hold=1` keeps them on version 1
const prod = new GatedEndpoint(stack, 'Prod', {
  runtime: shop,
  endpointName: 'prod',
  gates: [selfTest],
  version: app.node.tryGetContext('hold'),
});

new CfnOutput(stack, 'ProdArn', { value: prod.agentRuntimeEndpointArn });
new CfnOutput(stack, 'ProdVersion', { value: prod.targetVersion! });
new CfnOutput(stack, 'SelfTestSays', { value: selfTest.stdout });
