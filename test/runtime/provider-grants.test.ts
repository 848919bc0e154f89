import { App, Duration, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact, CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  AgentRuntime, AgentRuntimeProps, CapacityProvider, Command, CommandRunner, GatedEndpoint, ICapacityProvider, RuntimeMounts, SessionStorage,
} from '../../src';
import * as operations from '../../src/provider/contract/operations';
import { PERMISSIONS } from '../../src/service/permissions';
import { Circumstance } from '../../src/service/permissions/permission';
import { ResourceNames, resourceArn } from '../../src/service/permissions/resources';
import { pairsIn, providerPolicies, Statement } from '../util/policies';
import { image, templateOf, testStack } from '../util/stacks';

// What the provider is granted, held against the table of what its operations ask for.

const IMPORTED = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/imported-0123456789';
const POOL = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:capacity-provider/pool-0123456789';
const roleOf = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const ASSETS = 'arn:<Partition>:s3:::cdk-hnb659fds-assets-<AccountId>-<Region>/*';
const HERE = { partition: '<Partition>', region: '<Region>', account: '<AccountId>' };

function agent(stack: Stack, id: string, props: Partial<AgentRuntimeProps> = {}): AgentRuntime {
  const executionRole = Role.fromRoleArn(stack, `${id}Role`, roleOf(id), { mutable: false });
  return new AgentRuntime(stack, id, { agentRuntimeArtifact: image(), runtimeName: id, executionRole, ...props });
}

const codeAsset = () => AgentRuntimeArtifact.fromCodeAsset({ path: __dirname, runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] });
const codeIn = (bucketName: string, objectKey: string, objectVersion?: string) => AgentRuntimeArtifact.fromS3({ bucketName, objectKey, objectVersion }, AgentCoreRuntime.NODE_22, ['main.js']);
const granted = (stack: Stack): Statement[] => providerPolicies(templateOf(stack)).flatMap(({ statements }) => statements);
const statementFor = (stack: Stack, action: string) => granted(stack).filter(({ Action }) => [Action].flat().includes(action));

describe('code', () => {
  it('of assets is read in their bucket, however many runtimes have some', () => {
    const stack = testStack();
    const shared = codeAsset();
    agent(stack, 'one', { agentRuntimeArtifact: shared });
    agent(stack, 'two', { agentRuntimeArtifact: shared });
    agent(stack, 'three', { agentRuntimeArtifact: codeAsset() });
    expect(statementFor(stack, 's3:GetObject')).toEqual([{ Effect: 'Allow', Action: 's3:GetObject', Resource: [ASSETS] }]);
  });

  it('in another bucket is read there, as one object', () => {
    const stack = testStack();
    agent(stack, 'coder', { agentRuntimeArtifact: codeIn('my-bucket', 'code/agent.zip') });
    expect(pairsIn(granted(stack)).filter((pair) => pair.startsWith('s3:'))).toEqual(['s3:GetObject arn:<Partition>:s3:::my-bucket/code/agent.zip']);
  });

  it('of one version is read as that version', () => {
    const stack = testStack();
    agent(stack, 'coder', { agentRuntimeArtifact: codeIn('my-bucket', 'agent.zip', 'version-1') });
    expect(statementFor(stack, 's3:GetObjectVersion')).toEqual([
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:GetObjectVersion'], Resource: 'arn:<Partition>:s3:::my-bucket/agent.zip' },
    ]);
  });

  it('is read from a bucket of this stack, or of another one', () => {
    const stack = testStack();
    const elsewhere = new Bucket(new Stack(stack.node.root as App, 'Other'), 'Bucket');
    agent(stack, 'here', { agentRuntimeArtifact: codeIn(new Bucket(stack, 'Bucket').bucketName, 'agent.zip') });
    agent(stack, 'there', { agentRuntimeArtifact: codeIn(elsewhere.bucketName, 'agent.zip') });
    expect(statementFor(stack, 's3:GetObject').map(({ Resource }) => Resource)).toEqual([
      expect.stringMatching(/^arn:<Partition>:s3:::<Bucket\w+>\/agent.zip$/), expect.stringMatching(/^arn:<Partition>:s3:::<Other:\w+>\/agent.zip$/),
    ]);
  });

  it('is not read for a container', () => {
    const stack = testStack();
    agent(stack, 'coder');
    expect(pairsIn(granted(stack)).filter((pair) => pair.startsWith('s3:'))).toEqual([]);
  });
});

describe('a capacity provider is passed', () => {
  const passed = (use: (stack: Stack, capacityProvider: ICapacityProvider) => unknown) => {
    const stack = testStack();
    use(stack, CapacityProvider.fromCapacityProviderArn(stack, 'Pool', POOL));
    return pairsIn(statementFor(stack, 'bedrock-agentcore:PassCapacityProvider')).filter((pair) => pair.includes('PassCapacityProvider'));
  };

  it.each<[string, (stack: Stack, capacityProvider: ICapacityProvider) => unknown]>([
    ['as the runtime names it', (stack, capacityProvider) => agent(stack, 'coder', { capacityProvider })],
    ['as its session storage names it', (stack, capacityProvider) => agent(stack, 'coder', { sessionStorage: new SessionStorage(stack, 'Storage', { capacityProvider, volumeName: 'data' }) })],
    ['as a mixin adds it', (stack, capacityProvider) => (agent(stack, 'coder').node.defaultChild as CfnRuntime).with(new RuntimeMounts({ capacityProvider }))],
  ])('%s', (_title, use) => {
    expect(passed(use)).toEqual([`bedrock-agentcore:PassCapacityProvider ${POOL}`]);
  });

  it('in the policy of the runtime, however often one is added', () => {
    const stack = testStack();
    const resource = agent(stack, 'coder').node.defaultChild as CfnRuntime;
    const other = `${POOL.slice(0, -1)}8`;
    [POOL, other].forEach((arn, i) => resource.with(new RuntimeMounts({ capacityProvider: CapacityProvider.fromCapacityProviderArn(stack, `Pool${i}`, arn) })));
    const policies = providerPolicies(templateOf(stack)).filter(({ statements }) => JSON.stringify(statements).includes('PassCapacityProvider'));
    expect(policies.map(({ id }) => id)).toEqual([expect.stringMatching(/^coderProvisioningPolicy/)]);
    expect(pairsIn(policies[0].statements)).toEqual(expect.arrayContaining([POOL, other].map((arn) => `bedrock-agentcore:PassCapacityProvider ${arn}`)));
  });

  it('by nobody for a runtime that CloudFormation provisions', () => {
    expect(passed((stack, capacityProvider) => new CfnRuntime(stack, 'Coder', {
      agentRuntimeName: 'coder',
      roleArn: roleOf('coder'),
      networkConfiguration: { networkMode: 'PUBLIC' },
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
    }).with(new RuntimeMounts({ capacityProvider })))).toEqual([]);
  });
});

describe('an app with all that asks for permissions', () => {
  const stack = testStack();
  const coder = agent(stack, 'coder', {
    agentRuntimeArtifact: codeIn('my-bucket', 'agent.zip', 'version-1'), capacityProvider: CapacityProvider.fromCapacityProviderArn(stack, 'Pool', POOL),
  });
  agent(stack, 'writer', { agentRuntimeArtifact: codeAsset() });
  new CommandRunner(stack, 'Check', { runtime: coder, command: Command.shell('true'), timeout: Duration.hours(1) });
  new CommandRunner(stack, 'Canary', { runtime: coder, command: Command.shell('true'), qualifier: 'canary' });
  new CommandRunner(stack, 'CheckImported', { runtime: AgentRuntime.fromAgentRuntimeArn(stack, 'Imported', IMPORTED), command: Command.shell('true') });
  new GatedEndpoint(stack, 'Prod', { runtime: coder, endpointName: 'prod' });

  interface Call extends Partial<ResourceNames> {
    readonly operations: readonly string[];
    readonly circumstances?: readonly Circumstance[];
  }

  const [logs, lambda] = [/^<CdkAgentCoreRuntimeProviderLogGroup\w+.Arn>$/, /^<CdkAgentCoreRuntimeProviderFunction\w+.Arn>$/];
  const runtime = (name: string, more: Partial<ResourceNames>, circumstances: readonly Circumstance[]): Call => ({
    operations: [...operations.CONFIGURATION_OPERATIONS, ...operations.RUNTIME_OPERATIONS],
    runtimeId: `${name}-??????????`,
    executionRoleArn: roleOf(name),
    circumstances: ['tags', 'vpc', ...circumstances],
    ...more,
  });

  /** All that the provider calls, each with the names that it calls it with. */
  const CALLS: readonly Call[] = [
    { operations: operations.SEARCH_OPERATIONS },
    runtime('coder', { bucketName: 'my-bucket', objectKey: 'agent.zip', capacityProviderArn: POOL }, ['code', 'codeVersion', 'capacityProvider']),
    runtime('writer', { bucketName: 'cdk-hnb659fds-assets-<AccountId>-<Region>', objectKey: '*' }, ['code']),
    { operations: operations.COMMAND_OPERATIONS, runtimeId: 'coder-??????????' },
    { operations: operations.COMMAND_OPERATIONS, runtimeId: 'coder-??????????', endpointName: 'canary' },
    { operations: operations.COMMAND_OPERATIONS, runtimeId: 'imported-0123456789', partition: 'aws', region: 'us-west-2', account: '123456789012' },
    { operations: operations.PROMOTION_OPERATIONS, runtimeId: 'coder-??????????', endpointName: 'prod' },
  ];

  function askedFor(): string[] {
    return CALLS.flatMap(({ operations: names, circumstances = [], ...more }) => names.flatMap((operation) => PERMISSIONS[operation]
      .filter(({ when }) => when === undefined || circumstances.includes(when))
      .flatMap(({ action, resources }) => resources.map((kind) => `${action} ${resourceArn(kind, { ...HERE, ...more })}`))));
  }

  const pairs = pairsIn(granted(stack));
  const isOwn = (pair: string) => logs.test(pair.split(' ')[1]) || lambda.test(pair.split(' ')[1]);

  it('grants all that they ask for, and nothing else', () => {
    expect([...new Set(pairs.filter((pair) => !isOwn(pair)))].sort()).toEqual([...new Set(askedFor())].sort());
  });

  it('grants what the function does with itself', () => {
    expect(pairs.filter(isOwn).map((pair) => pair.split(' ')[0])).toEqual([...operations.LEDGER_OPERATIONS, 'lambda:InvokeFunction']);
  });

  it('grants nothing twice', () => {
    expect(pairs).toHaveLength(new Set(pairs).size);
  });

  it('lets no tag say that a runtime is of another stack', () => {
    const tagging = granted(stack).filter(({ Action }) => [Action].flat().includes('bedrock-agentcore:TagResource'));
    const wide = tagging.filter(({ Resource }) => [Resource].flat().some((resource) => !resource.includes('-??????????')));
    expect(wide.map(({ Condition }) => Condition)).toEqual([{ StringEquals: { 'aws:RequestTag/cdk-agentcore-runtime:stack-id': '<StackId>' } }]);
    expect(tagging).toHaveLength(2);
  });
});
