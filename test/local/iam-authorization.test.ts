import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Aspects, CfnOutput, CustomResource, Duration, IAspect, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { SecurityGroup, Subnet } from 'aws-cdk-lib/aws-ec2';
import { CfnPolicy, CfnRole, ManagedPolicy, PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { AgentRuntime, AgentRuntimeProps, CapacityProvider, Command, CommandRunner } from '../../src';
import { RunningLocal, startLocal, StartLocalOptions } from '../../src/local';
import { deploy, destroy, StackResult } from '../../src/local/deployer';

// The bundle of the provider runs with the policies that the template gives it, or with less.

let home: string;
let local: RunningLocal | undefined;
let logged: string[];
let notices: string[];
let assemblies = 0;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'authorization-'));
  logged = [];
  notices = [];
});

afterEach(async () => {
  if (local) {
    await destroy(options({}));
    await local.close();
  }
  local = undefined;
  rmSync(home, { recursive: true, force: true });
});

async function start(more: Partial<StartLocalOptions> = {}): Promise<void> {
  local = await startLocal({ port: 0, stateDir: join(home, 'agentcore'), log: (line) => logged.push(line), ...more });
}

function options(more: { readonly iam?: boolean }) {
  return {
    endpoint: local!.endpoint, stateDir: join(home, 'stacks'), onEvent: () => {}, onLog: () => {}, onNotice: (notice: string) => notices.push(notice), ...more,
  };
}

/** Takes an action out of all statements, as an escape hatch of the app. */
class WithoutAction implements IAspect {
  constructor(private readonly action: string) {}

  public visit(node: IConstruct): void {
    if (node instanceof CfnPolicy) node.policyDocument = this.strip(node.policyDocument);
    if (node instanceof CfnRole && node.policies) {
      node.policies = Stack.of(node).resolve(node.policies).map((policy: any) => ({ ...policy, policyDocument: this.strip(policy.policyDocument) }));
    }
  }

  private strip(given: unknown): object {
    const document = JSON.parse(JSON.stringify(given && typeof (given as any).toJSON === 'function' ? (given as any).toJSON() : given));
    const statements = document.Statement.map((statement: any) => ({ ...statement, Action: [statement.Action].flat().filter((action: string) => action !== this.action) }));
    return { ...document, Statement: statements.filter(({ Action }: any) => Action.length > 0) };
  }
}

interface Variant {
  readonly without?: string;
  readonly props?: (stack: Stack) => Partial<AgentRuntimeProps>;
  readonly extra?: (stack: Stack, agent: AgentRuntime) => void;
  readonly iam?: boolean;
}

async function deployVariant({ without, props, extra, iam }: Variant): Promise<StackResult> {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Demo');
  const agent = new AgentRuntime(stack, 'Agent', {
    runtimeName: 'agent',
    agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({
      path: join(__dirname, '../../examples/coding-agent/agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'],
    }),
    ...props?.(stack),
  });
  extra?.(stack, agent);
  if (without) Aspects.of(app).add(new WithoutAction(without));
  const { stacks: [result] } = await deploy({ ...options({ iam }), assemblyDirectory: app.synth().directory });
  return result;
}

async function iamReport(): Promise<any> {
  return (await fetch(`${local!.endpoint}/_local/iam`)).json();
}

test('a stack comes up and goes with what its templates grant, and nothing is denied', async () => {
  await start();
  const result = await deployVariant({ extra: (stack, agent) => new CommandRunner(stack, 'Check', { runtime: agent, command: Command.shell('true') }) });
  expect(result.failure).toBeUndefined();
  expect((await destroy(options({}))).succeeded).toBe(true);
  const report = await iamReport();
  expect(report).toMatchObject({ judged: true, delaySeconds: 0, denied: 0, denials: [] });
  expect(report.calls).toBeGreaterThan(5);
});
