import { CfnOutput } from 'aws-cdk-lib';
import { agentCode, integration } from './support/integration';
import { AgentRuntime, SessionStorage } from '../../src';

integration('SessionStorageIntegration', (stack) => {
  const agent = new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: agentCode(),
    sessionStorage: new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/workspace', verifyOnDeploy: true }),
  });
  new CfnOutput(stack, 'Report', { value: agent.sessionStorageReport! });
});
