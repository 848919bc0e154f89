import * as path from 'node:path';
import { App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, Command, CommandRunner, SessionStorage } from '../../src'; // 'cdk-agentcore-runtime' in an app of your own

const app = new App();
const stack = new Stack(app, 'CodingAgent');

const agent = new AgentRuntime(stack, 'Agent', {
  runtimeName: 'coding_agent',
  agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
    path: path.join(__dirname, 'agent'),
    runtime: AgentCoreRuntime.NODE_22,
    entrypoint: ['main.js'],
  }),
  environmentVariables: { WORKSPACE: '/mnt/workspace', MOOD: app.node.tryGetContext('mood') ?? 'calm' },
  sessionStorage: new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/workspace' }),
});

// the deployment fails, and is rolled back, when the agent's tool chain is not what it needs
const toolChain = new CommandRunner(stack, 'CheckToolChain', {
  runtime: agent,
  command: Command.shell(app.node.tryGetContext('check') ?? 'git --version && node --version && touch ./is-writable'),
  workingDirectory: '/mnt/workspace',
});

const team = app.node.tryGetContext('team');
if (team) Tags.of(agent).add('team', team);

agent.addEndpoint('prod').node.addDependency(toolChain);

new CfnOutput(stack, 'AgentArn', { value: agent.agentRuntimeArn });
new CfnOutput(stack, 'ToolChain', { value: toolChain.stdout });
