import * as path from 'node:path';
import { App, CfnOutput, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { AgentLoop, AgentRuntime, Command, SessionStorage } from '../../src'; // 'cdk-agentcore-runtime' in an app of your own

const app = new App();
const stack = new Stack(app, 'OvernightAgent');

const project = '/mnt/workspace/project';
const remote = app.node.tryGetContext('remote') ?? 'https://git.example.com/project.git';

const agent = new AgentRuntime(stack, 'Agent', {
  runtimeName: 'overnight_agent',
  agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
    path: path.join(__dirname, 'agent'),
    runtime: AgentCoreRuntime.NODE_22,
    entrypoint: ['main.js'],
  }),
  environmentVariables: { PROJECT: project, REMOTE: remote },
  sessionStorage: new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/workspace' }),
});

const loop = new AgentLoop(stack, 'Loop', {
  runtime: agent,
  gates: [
    { name: 'syntax', command: Command.shell('for file in *.js; do node --check "$file" || exit; done'), workingDirectory: project },
    { name: 'tests', command: Command.argv('node', '--test', '--test-reporter', 'tap'), workingDirectory: project, timeout: Duration.minutes(10) },
  ],
  finish: [{ name: 'push', command: Command.shell('git push --quiet origin HEAD:main && git log --oneline -1'), workingDirectory: project }],
  budget: { iterations: 8, duration: Duration.hours(6), tokens: 2_000_000 },
  agentTimeout: Duration.minutes(10),
  alarmActions: [],
});

loop.addSchedule('EachNight', {
  schedule: ScheduleExpression.cron({ minute: '0', hour: '22', weekDay: 'MON-FRI', timeZone: TimeZone.EUROPE_BERLIN }),
  task: 'write what the tests ask for',
});

new CfnOutput(stack, 'LoopArn', { value: loop.stateMachine.stateMachineArn });
new CfnOutput(stack, 'AgentArn', { value: agent.agentRuntimeArn });
