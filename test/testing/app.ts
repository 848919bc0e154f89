/** An app with everything in it that templates could tell the machine of; run as `node <bundle> <folder>`. */
import * as path from 'node:path';
import { App, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import {
  AgentRuntime, AgentRuntimeDashboard, Command, CommandAlarms, CommandRunner, Provisioning, SessionStorage,
} from '../../src';

const folder = process.argv[2];
const app = new App({
  outdir: path.join(folder, 'cdk.out'),
  stackTraces: false,
  context: { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true },
});

function agent(scope: Stack, id: string, provisioning?: Provisioning): AgentRuntime {
  return new AgentRuntime(scope, id, {
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({ path: path.join(folder, 'agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] }),
    sessionStorage: new SessionStorage(scope, `${id}Storage`),
    provisioning,
  });
}

const stack = new Stack(app, 'Agents');
const runtime = agent(stack, 'Coder');
agent(stack, 'Native', Provisioning.CLOUDFORMATION);
agent(new NestedStack(stack, 'Nested'), 'Nested');
runtime.addEndpoint('prod');
const commands = [
  new CommandRunner(stack, 'Check', { runtime, command: Command.shell('git --version && node --version') }),
  new CommandRunner(stack, 'Setup', { runtime, command: Command.fromFile(path.join(folder, 'setup.sh')), timeout: Duration.minutes(30) }),
];
new CommandAlarms(stack, 'Alarms', { commands, maxDuration: Duration.minutes(20) });
new AgentRuntimeDashboard(new Stack(app, 'Watching'), 'Dashboard', { runtimes: [runtime], commands });
app.synth();
