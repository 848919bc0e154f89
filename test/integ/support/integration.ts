import { join } from 'node:path';
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';

/** An agent that really starts: that of the example. */
export function agentCode(): AgentRuntimeArtifact {
  return AgentRuntimeArtifact.fromCodeAsset({
    path: join(__dirname, '../../../examples/coding-agent/agent'),
    runtime: AgentCoreRuntime.NODE_22,
    entrypoint: ['main.js'],
  });
}

/**
 * One stack as integ-runner takes it: it compares its template with the committed one, and can deploy it to an account.
 *
 * @param name of the stack, which is also in the committed files
 * @param declare what is in the stack
 */
export function integration(name: string, declare: (stack: Stack, app: App) => void): void {
  // without what differs between machines or only repeats the template
  const app = new App({
    analyticsReporting: false,
    stackTraces: false,
    treeMetadata: false,
    postCliContext: { 'aws:cdk:disable-creation-stack-traces': true },
  });
  const stack = new Stack(app, name);
  declare(stack, app);
  new IntegTest(app, 'Integration', { testCases: [stack] });
}
