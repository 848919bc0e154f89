import * as path from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime, SessionStorage } from '../../src'; // 'cdk-agentcore-runtime' in an app of your own

const app = new App();
const stack = new Stack(app, 'AgentLoop');

const agent = new AgentRuntime(stack, 'Agent', {
  runtimeName: 'agent_loop',
  agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
    path: path.join(__dirname, 'agent'),
    runtime: AgentCoreRuntime.NODE_22,
    entrypoint: ['main.js'],
  }),
  environmentVariables: { WORKSPACE: '/mnt/workspace' },
  sessionStorage: new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/workspace' }),
});

new CfnOutput(stack, 'AgentArn', { value: agent.agentRuntimeArn });
