import { Stack } from 'aws-cdk-lib';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { IMAGE } from './official';
// eslint-disable-next-line import/no-unresolved -- there once the library is compiled
import { AgentRuntime, Command, CommandRunner, SessionStorage } from '../../lib';

/** The runtime with storage and a command, by this library as it is shipped. */
export function declareAgent(stack: Stack, n: number): void {
  const runtime = new AgentRuntime(stack, `Agent${n}`, {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri(IMAGE),
    sessionStorage: new SessionStorage(stack, `Workspace${n}`),
  });
  new CommandRunner(stack, `Check${n}`, { runtime, command: Command.shell('npm test') });
}
