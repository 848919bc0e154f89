import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { AgentLoop, AgentRuntime, CapacityProvider, Command, CommandFleet, CommandRunner, FleetWork, ScheduledCommand } from '../../src';
import { image, TemplateJson } from '../util/stacks';

interface Report {
  readonly roles: {
    readonly roleConstructPath: string;
    readonly roleName: string;
    readonly identityPolicyStatements: { readonly Action: string | string[] }[];
  }[];
}

let outdir: string;

beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'customized-roles-'));
});

afterEach(() => rmSync(outdir, { recursive: true, force: true }));

function synth(build: (stack: Stack) => void, usePrecreatedRoles?: Record<string, string>) {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Ruled');
  Role.customizeRoles(stack, { usePrecreatedRoles });
  build(stack);
  app.synth();
  const read = (file: string) => JSON.parse(readFileSync(join(outdir, file), 'utf8'));
  const report: Report = read('iam-policy-report.json');
  const statementsOf = (path: string) => report.roles.find(({ roleConstructPath }) => roleConstructPath === path)!.identityPolicyStatements;
  const actionsOf = (path: string) => statementsOf(path).flatMap(({ Action }) => Action);
  return { template: (file: string): TemplateJson => read(file), statementsOf, actionsOf };
}

const iamTypes = ({ Resources }: TemplateJson) => Object.values(Resources).map(({ Type }) => Type).filter((type) => type.startsWith('AWS::IAM::'));

function everything(stack: Stack): void {
  const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() });
  const command = Command.shell('true');
  new CommandRunner(stack, 'Check', { runtime, command, timeout: Duration.hours(1), qualifier: 'canary' });
  const schedule = ScheduleExpression.rate(Duration.days(1));
  new CommandFleet(stack, 'Fleet', { resultsBucket: new Bucket(stack, 'Results'), work: FleetWork.command({ runtime, command }) });
  new AgentLoop(stack, 'Loop', { runtime, gates: [{ command }], budget: { iterations: 1 } }).addSchedule('Nightly', { task: 'mend it', schedule });
  new ScheduledCommand(stack, 'Backup', { runtime, command, schedule, outputBucket: new Bucket(stack, 'Output') });
  new CapacityProvider(stack, 'Pool', { vpc: new Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }), instanceTypes: [new InstanceType('m7g.large')] });
}

describe('where roles are made elsewhere', () => {
  it('no IAM resource is in the template, and the report has what each role needs, whenever it was added', () => {
    const { template, actionsOf } = synth(everything);
    expect(iamTypes(template('Ruled.template.json'))).toEqual([]);
    expect(actionsOf('Ruled/CdkAgentCoreRuntimeProvider/Role')).toEqual(expect.arrayContaining([
      'logs:PutLogEvents', 'bedrock-agentcore:ListAgentRuntimes', 'bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:DeleteAgentRuntime',
      'bedrock-agentcore:InvokeAgentRuntimeCommand', 'iam:PassRole', 'iam:CreateServiceLinkedRole', 'lambda:InvokeFunction',
    ]));
    expect(actionsOf('Ruled/CdkAgentCoreRuntimeWorkflow/Role')).toEqual(expect.arrayContaining(['logs:PutLogEvents', 'bedrock-agentcore:InvokeAgentRuntime', 's3:PutObject', 's3:GetObject']));
    expect(actionsOf('Ruled/Fleet/StateMachine/Role')).toEqual(expect.arrayContaining(['states:ListMapRuns', 'states:StartExecution', 'lambda:InvokeFunction', 's3:PutObject']));
    expect(actionsOf('Ruled/Loop/StateMachine/Role')).toEqual(expect.arrayContaining(['events:PutEvents', 'lambda:InvokeFunction']));
    expect(actionsOf('Ruled/Agent/ExecutionRole')).toContain('logs:PutResourcePolicy');
  });

  it('nothing is reported twice', () => {
    const { statementsOf } = synth((stack) => void new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() }));
    const statements = statementsOf('Ruled/CdkAgentCoreRuntimeProvider/Role').map((statement) => JSON.stringify(statement));
    expect(new Set(statements).size).toBe(statements.length);
  });

  it('the function has the role that was made', () => {
    const { template } = synth((stack) => void new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image() }), {
      'Ruled/Agent/ExecutionRole': 'agent', 'Ruled/CdkAgentCoreRuntimeProvider/Role': 'provider',
    });
    const [{ Properties }] = Object.values(template('Ruled.template.json').Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(Properties.Role['Fn::Join'][1].at(-1)).toBe(':role/provider');
  });

  it('the same holds in a nested stack', () => {
    const { template, actionsOf } = synth((stack) => {
      const runtime = new AgentRuntime(new NestedStack(stack, 'Nested'), 'Agent', { agentRuntimeArtifact: image() });
      new CommandRunner(Stack.of(runtime), 'Check', { runtime, command: Command.shell('true') });
    });
    expect(iamTypes(template('RuledNested4B0369E0.nested.template.json'))).toEqual([]);
    expect(actionsOf('Ruled/Nested/CdkAgentCoreRuntimeProvider/Role')).toEqual(expect.arrayContaining(['bedrock-agentcore:CreateAgentRuntime', 'bedrock-agentcore:InvokeAgentRuntimeCommand']));
  });
});
