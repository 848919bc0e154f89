import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { agentCode, integration } from './support/integration';
import { AgentRuntime, Command, CommandRunner, GatedEndpoint, RuntimeGrants } from '../../src';

integration('GatedEndpointIntegration', (stack) => {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: agentCode() });
  const smokeTest = new CommandRunner(stack, 'SmokeTest', { runtime, command: Command.shell('node --version') });
  const prod = new GatedEndpoint(stack, 'Prod', { runtime, endpointName: 'prod', gates: [smokeTest] });
  new GatedEndpoint(stack, 'Pinned', { runtime, endpointName: 'pinned', version: '1' });

  const operator = new Role(stack, 'Operator', { assumedBy: new AccountRootPrincipal() });
  RuntimeGrants.fromRuntime(runtime).invoke(operator, { endpoint: prod });
  RuntimeGrants.fromRuntime(runtime).runCommand(operator);
});
