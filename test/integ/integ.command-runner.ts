import { CfnOutput, Duration } from 'aws-cdk-lib';
import { agentCode, integration } from './support/integration';
import { AgentRuntime, Command, CommandFailure, CommandRunner, RunPolicy, SessionStorage } from '../../src';

integration('CommandRunnerIntegration', (stack) => {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: agentCode(), sessionStorage: new SessionStorage(stack, 'Workspace') });
  const first = new CommandRunner(stack, 'ToolChain', { runtime, command: Command.shell('node --version && touch ./is-writable'), workingDirectory: '/mnt/workspace' });
  new CommandRunner(stack, 'Words', {
    runtime,
    command: Command.argv('printf', '%s|', 'two words', "it's", '$HOME'),
    environment: { GREETING: 'hello' },
    expectedExitCodes: [0, 3],
    triggers: { commit: 'abc' },
    executeAfter: [first],
  });
  new CommandRunner(stack, 'Once', {
    runtime,
    command: Command.script('#!/bin/sh\nexit "$1"\n', '7'),
    runPolicy: RunPolicy.ONCE,
    onFailure: CommandFailure.WARN,
    onDelete: Command.shell('echo good-bye'),
  });
  new CommandRunner(stack, 'Long', { runtime, command: Command.shell('sleep 900'), timeout: Duration.minutes(20), idempotent: true });
  new CfnOutput(stack, 'Stdout', { value: first.stdout });
});
