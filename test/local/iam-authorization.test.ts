import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Aspects, CustomResource, IAspect, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { CfnManagedPolicy, CfnPolicy, CfnRole, IManagedPolicy, ManagedPolicy, PermissionsBoundary, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
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
    if (node instanceof CfnPolicy || node instanceof CfnManagedPolicy) node.policyDocument = this.strip(node.policyDocument);
    if (node instanceof CfnRole && node.policies) {
      node.policies = Stack.of(node).resolve(node.policies).map((policy: any) => ({ ...policy, policyDocument: this.strip(policy.policyDocument) }));
    }
  }

  private strip(given: unknown): object {
    const document = JSON.parse(JSON.stringify(given && typeof (given as any).toJSON === 'function' ? (given as any).toJSON() : given));
    // another one in its place: no statement may be empty
    const others = (actions: string | string[]) => [actions].flat().map((action) => (action === this.action ? 'sts:GetCallerIdentity' : action));
    return { ...document, Statement: document.Statement.map((statement: any) => ({ ...statement, Action: others(statement.Action) })) };
  }
}

interface Variant {
  readonly name?: string;
  readonly without?: string;
  readonly props?: (stack: Stack) => Partial<AgentRuntimeProps>;
  readonly extra?: (stack: Stack, agent: AgentRuntime) => void;
  readonly iam?: boolean;
}

async function deployVariant({ name = 'Demo', without, props, extra, iam }: Variant): Promise<StackResult> {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, name);
  const agent = new AgentRuntime(stack, 'Agent', {
    runtimeName: `agent${name}`,
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

const onInstances = (stack: Stack): Partial<AgentRuntimeProps> => ({
  capacityProvider: new CapacityProvider(stack, 'Pool', { vpc: new Vpc(stack, 'Vpc'), instanceTypes: [new InstanceType('m7g.large')] }),
});

test('a role that lacks what the creation of a runtime asks for fails with AWS\'s message, and passes with --no-iam', async () => {
  await start();
  // the provider waits for fresh policies, of all stacks at once
  const lacking = [
    ['Code', 's3:GetObject', undefined],
    ['Role', 'iam:PassRole', undefined],
    ['Pool', 'bedrock-agentcore:PassCapacityProvider', onInstances],
  ] as const;
  const results = await Promise.all([
    ...lacking.map(async ([name, without, props]) => deployVariant({ name, without, props })),
    deployVariant({
      name: 'Bounded',
      extra: (stack) => PermissionsBoundary.of(stack).apply(new ManagedPolicy(stack, 'Boundary', {
        statements: [new PolicyStatement({ notActions: ['bedrock-agentcore:CreateAgentRuntime'], resources: ['*'] })],
      })),
    }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(results.map(() => 'ROLLBACK_COMPLETE'));
  const reasons = results.map(({ failure }) => failure!.reason);
  lacking.forEach(([name, action], i) => {
    expect(reasons[i]).toMatch(new RegExp(`User: arn:aws:sts::000000000000:assumed-role/${name}-\\S+ is not authorized to perform: ${action} on resource: arn:\\S+ because no identity-based policy allows the ${action} action`));
  });
  expect(reasons[3]).toContain('because no permissions boundary allows the bedrock-agentcore:CreateAgentRuntime action');
  expect(logged.join('\n')).toMatch(/^iam: denied CreateAgentRuntime of arn:aws:sts::000000000000:assumed-role\/Code-\S+: s3:GetObject on arn:aws:s3:::\S+$/m);
  for (const [name, without, props] of lacking) {
    expect(await deployVariant({ name, without, props, iam: false })).toMatchObject({ status: 'CREATE_COMPLETE' });
  }
  expect((await destroy(options({ iam: false }))).succeeded).toBe(true);
}, 180_000);

test('policies that count late are waited for', async () => {
  let moving: Promise<unknown> | undefined;
  await start({
    iamDelaySeconds: 3_600,
    log: (line) => {
      logged.push(line);
      if (line.startsWith('iam: denied')) moving ??= fetch(`${local!.endpoint}/_local/clock`, { method: 'POST', body: JSON.stringify({ advanceSeconds: 3_600 }) });
    },
  });
  expect(await deployVariant({})).toMatchObject({ status: 'CREATE_COMPLETE' });
  await moving;
  expect((await iamReport()).denied).toBeGreaterThan(0);
  expect((await destroy(options({}))).succeeded).toBe(true);
});

/** A function of a user's own that lists runtimes, as any program could. */
const LISTING = `
exports.handler = async (event) => {
  const send = async (body) => fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(JSON.stringify({
    PhysicalResourceId: 'list', StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, ...body })) });
  const authorization = 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=0';
  const response = await fetch(process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL + '/runtimes/', { method: 'POST', headers: { authorization } });
  const { message } = await response.json();
  await send(response.ok || event.RequestType === 'Delete' ? { Status: 'SUCCESS' } : { Status: 'FAILED', Reason: response.status + ' ' + message });
};`;

async function deployListing(change: (fn: Function) => void, role?: string): Promise<StackResult> {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  const stack = new Stack(app, 'Own');
  const fn = new Function(stack, 'Lister', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline(LISTING),
    ...(role ? { role: Role.fromRoleArn(stack, 'Imported', role) } : {}),
  });
  change(fn);
  const list = new CustomResource(stack, 'List', { serviceToken: fn.functionArn });
  list.node.addDependency(fn);
  const { stacks: [result] } = await deploy({ ...options({}), assemblyDirectory: app.synth().directory });
  return result;
}

test('a function of a user\'s own custom resource has the permissions of its role, and no more', async () => {
  await start();
  const denied = await deployListing(() => {});
  expect(denied).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'List' } });
  expect(denied.failure!.reason).toMatch(/403 User: arn:aws:sts::000000000000:assumed-role\/Own-\S+ is not authorized to perform: bedrock-agentcore:ListAgentRuntimes on resource: \* because/);
  const allowed = await deployListing((fn) => fn.addToRolePolicy(new PolicyStatement({ actions: ['bedrock-agentcore:ListAgentRuntimes'], resources: ['*'] })));
  expect(allowed).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(notices).toEqual([]);
});

test('what is not known of a role is said once, and not judged', async () => {
  await start();
  expect(await deployListing(() => {}, 'arn:aws:iam::000000000000:role/imported')).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(notices).toEqual(['role arn:aws:iam::000000000000:role/imported is not deployed here; what uses it is not judged']);
  await destroy(options({}));
  notices.length = 0;
  const unknown = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const managed = await deployListing((fn) => fn.role!.addManagedPolicy({ managedPolicyArn: unknown } as IManagedPolicy));
  expect(managed).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(notices).toEqual([expect.stringMatching(/^managed policy arn:aws:iam::aws:policy\/ReadOnlyAccess of role \S+ is not known here; it is taken to allow everything$/)]);
});
