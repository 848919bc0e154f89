import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BedrockAgentCoreControlClient, GetAgentRuntimeCommand, ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { App, CfnOutput, DefaultStackSynthesizer, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { AgentCoreProvider, AgentRuntime, AgentRuntimeProps, CapacityProvider } from '../../src';
import { RunningLocal, startLocal } from '../../src/local';
import { deploy, destroy, StackResult } from '../../src/local/deployer';
import { zipDirectory } from '../../src/local/deployer/publish/zip';

// What a runtime refers to is taken to the service with the permissions of the provider: code under a customer's key, a capacity
// provider of another stack, and code of a bucket of the user's.

const AGENT = join(__dirname, 'workflow/agent');
const ASSETS = 'customer-assets';
const CODE = 'customer-code';
const QUICK_TIME = join(__dirname, '../util/quick-time.js');

let home: string;
let local: RunningLocal;
let control: BedrockAgentCoreControlClient;
/** Of the bucket of assets. */
let keyArn: string;
let poolArn: string;
let assemblies = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'iam-code-'));
  local = await startLocal({ port: 0, driver: 'process', stateDir: join(home, 'agentcore'), log: () => {} });
  control = new BedrockAgentCoreControlClient({ endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  ({ keyArn, poolArn } = await deployBase());
  const zip = new Uint8Array(await buffer(await zipDirectory(AGENT)));
  expect(await fetch(`${local.endpoint}/_local/objects/${CODE}/agent.zip`, { method: 'PUT', body: zip })).toMatchObject({ ok: true });
});

afterAll(async () => {
  control.destroy();
  await local.close();
  rmSync(home, { recursive: true, force: true });
});

const options = () => ({ endpoint: local.endpoint, stateDir: join(home, 'stacks'), onEvent: () => {}, onLog: () => {} });

async function deployed(stackName: string, declare: (stack: Stack) => void): Promise<StackResult> {
  const app = new App({ outdir: join(home, `cdk.out-${assemblies++}`), analyticsReporting: false });
  declare(new Stack(app, stackName, { synthesizer: new DefaultStackSynthesizer({ fileAssetsBucketName: ASSETS }) }));
  const { stacks: [result] } = await deploy({ ...options(), assemblyDirectory: app.synth().directory });
  return result;
}

/** What somebody else looks after: the bucket of assets under a key of the customer's, and instances. */
async function deployBase() {
  const { outputs, failure } = await deployed('Base', (stack) => {
    const key = new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY });
    new Bucket(stack, 'Assets', { bucketName: ASSETS, encryption: BucketEncryption.KMS, encryptionKey: key });
    const pool = new CapacityProvider(stack, 'Pool', { vpc: new Vpc(stack, 'Vpc', { natGateways: 0 }), instanceTypes: [new InstanceType('m7g.large')] });
    new CfnOutput(stack, 'KeyArn', { value: key.keyArn });
    new CfnOutput(stack, 'PoolArn', { value: pool.capacityProviderArn });
  });
  expect(failure).toBeUndefined();
  return { keyArn: outputs.KeyArn, poolArn: outputs.PoolArn };
}

const asset = () => AgentRuntimeArtifact.fromCodeAsset({ path: AGENT, runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] });
const object = (objectVersion?: string) => AgentRuntimeArtifact.fromS3({ bucketName: CODE, objectKey: 'agent.zip', objectVersion }, AgentCoreRuntime.NODE_22, ['main.js']);

type Props = Pick<AgentRuntimeProps, 'agentRuntimeArtifact' | 'capacityProvider' | 'environmentVariables'>;

/** What an app leaves out, or takes away. */
interface Lack {
  readonly codeEncryptionKey?: true;
  /** An action that the policy of the runtime allows. */
  readonly action?: string;
}

async function deployAgent(stackName: string, props: (stack: Stack) => Props, lack: Lack = {}): Promise<StackResult> {
  return deployed(stackName, (stack) => {
    AgentCoreProvider.configure(stack, {
      codeEncryptionKey: lack.codeEncryptionKey ? undefined : Key.fromKeyArn(stack, 'Key', keyArn),
      // the function waits half a minute for a policy that may not count yet
      environment: { NODE_OPTIONS: `--require ${QUICK_TIME}` },
    });
    const agent = new AgentRuntime(stack, 'Agent', { runtimeName: nameOf(stackName), ...props(stack) });
    new CfnOutput(stack, 'Id', { value: agent.agentRuntimeId });
    if (lack.action) takeAway(agent, lack.action);
  });
}

const nameOf = (stackName: string) => `agent${stackName}`;

/** Overrides the statements of the one policy of a runtime that allows an action by the same ones without it. */
function takeAway(agent: AgentRuntime, action: string): void {
  const policies = agent.node.findAll().filter((node) => node instanceof CfnPolicy).map((policy) => ({ policy, statements: statementsOf(policy) }));
  const allowing = policies.filter(({ statements }) => statements.some(({ Action }) => Action.includes(action)));
  expect(allowing).toHaveLength(1);
  const [{ policy, statements }] = allowing;
  const others = statements.map((statement) => ({ ...statement, Action: statement.Action.filter((other) => other !== action) }));
  policy.addPropertyOverride('PolicyDocument.Statement', others.filter(({ Action }) => Action.length > 0));
}

function statementsOf(policy: CfnPolicy): { readonly Action: readonly string[] }[] {
  const { Statement: statements } = Stack.of(policy).resolve(policy.policyDocument);
  return statements.map((statement: any) => ({ ...statement, Action: [statement.Action].flat() }));
}

async function idOf(runtimeName: string): Promise<string | undefined> {
  const { agentRuntimes = [] } = await control.send(new ListAgentRuntimesCommand({}));
  return agentRuntimes.find(({ agentRuntimeName }) => agentRuntimeName === runtimeName)?.agentRuntimeId;
}

/** What a stack was denied, each once. */
async function denialsOf(stackName: string): Promise<string[]> {
  const { denials } = await (await fetch(`${local.endpoint}/_local/iam`)).json() as { readonly denials: Record<string, string>[] };
  const own = denials.filter(({ principal }) => principal.includes(`assumed-role/${stackName}-`));
  return [...new Set(own.map(({ operation, action, resource }) => `${operation}: ${action} on ${resource}`))];
}

interface Case {
  /** What the runtime has. */
  readonly what: string;
  readonly stackName: string;
  readonly props: (stack: Stack) => Props;
  readonly lack: Lack;
  /** What is denied then. */
  readonly action: string;
  /** Its ARN. */
  readonly resource: () => string;
}

const AGENT_ZIP = `arn:aws:s3:::${CODE}/agent.zip`;

test.each<Case>([
  {
    what: 'a code asset under a customer\'s key',
    stackName: 'Asset',
    props: () => ({ agentRuntimeArtifact: asset() }),
    lack: { codeEncryptionKey: true },
    action: 'kms:Decrypt',
    resource: () => keyArn,
  },
  {
    what: 'a capacity provider of another stack',
    stackName: 'Pool',
    props: (stack) => ({ agentRuntimeArtifact: asset(), capacityProvider: CapacityProvider.fromCapacityProviderArn(stack, 'Pool', poolArn) }),
    lack: { action: 'bedrock-agentcore:PassCapacityProvider' },
    action: 'bedrock-agentcore:PassCapacityProvider',
    resource: () => poolArn,
  },
  {
    what: 'the code of an object',
    stackName: 'Object',
    props: () => ({ agentRuntimeArtifact: object() }),
    lack: { action: 's3:GetObject' },
    action: 's3:GetObject',
    resource: () => AGENT_ZIP,
  },
  {
    what: 'the code of a version of an object',
    stackName: 'Version',
    props: () => ({ agentRuntimeArtifact: object('version-1') }),
    lack: { action: 's3:GetObjectVersion' },
    action: 's3:GetObjectVersion',
    resource: () => AGENT_ZIP,
  },
])('a runtime with $what fails with AWS\'s message without the permission for it, and deploys with it', async ({ stackName, props, lack, action, resource }) => {
  const denied = await deployAgent(stackName, props, lack);
  expect(denied).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: expect.stringMatching(/^Agent/) } });
  expect(denied.failure!.reason).toContain(` is not authorized to perform: ${action} on resource: ${resource()} because no identity-based policy allows the ${action} action`);
  expect(denied.failure!.reason).toContain(`User: arn:aws:sts::000000000000:assumed-role/${stackName}-`);
  const denials = [`CreateAgentRuntime: ${action} on ${resource()}`];
  expect(await denialsOf(stackName)).toEqual(denials);
  expect(await idOf(nameOf(stackName))).toBeUndefined();

  expect(await deployAgent(stackName, props)).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(await destroy({ ...options(), stacks: [stackName] })).toMatchObject({ succeeded: true });
  expect(await denialsOf(stackName)).toEqual(denials);
});

test('an update that loses the permission for the key is rolled back with AWS\'s message, and the runtime is as before', async () => {
  const props = (mood: string) => () => ({ agentRuntimeArtifact: asset(), environmentVariables: { MOOD: mood } });
  const { outputs: { Id: agentRuntimeId } } = await deployAgent('Moody', props('calm'));
  const denied = await deployAgent('Moody', props('eager'), { codeEncryptionKey: true });
  expect(denied).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: expect.stringMatching(/^Agent/) } });
  expect(denied.failure!.reason).toContain(` is not authorized to perform: kms:Decrypt on resource: ${keyArn} because no identity-based policy allows the kms:Decrypt action`);
  expect(await denialsOf('Moody')).toEqual([`UpdateAgentRuntime: kms:Decrypt on ${keyArn}`]);
  expect((await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).environmentVariables).toEqual({ MOOD: 'calm' });
});
