import { Duration, Tags } from 'aws-cdk-lib';
import { agentCode, integration } from './support/integration';
import { AgentRuntime, Provisioning, SessionStorage, VersionChange } from '../../src';

integration('AgentRuntimeIntegration', (stack) => {
  const workspace = new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/workspace' });
  const agent = new AgentRuntime(stack, 'Agent', {
    runtimeName: 'integration_agent',
    agentRuntimeArtifact: agentCode(),
    environmentVariables: { WORKSPACE: workspace.mountPath },
    lifecycleConfiguration: { idleRuntimeSessionTimeout: Duration.minutes(5), maxLifetime: Duration.hours(1) },
    sessionStorage: workspace,
    onVersionChange: VersionChange.FAIL,
  });
  Tags.of(agent).add('team', 'agents');

  new AgentRuntime(stack, 'NativeAgent', {
    runtimeName: 'integration_native_agent',
    agentRuntimeArtifact: agentCode(),
    sessionStorage: workspace,
    provisioning: Provisioning.CLOUDFORMATION,
  });
});
