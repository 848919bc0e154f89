import { join } from 'node:path';
import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, GetAgentRuntimeCommand, GetAgentRuntimeEndpointCommand, GetCapacityProviderCommand,
  GetResourcePolicyCommand, ListAgentRuntimesCommand, ListCapacityProvidersCommand, ListTagsForResourceCommand, TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { deploy, destroy, StackEvent } from '../../../../src/local/deployer';
import { LocalAgentCore, startLocalAgentCore } from '../../../../src/local/server';
import { FakeSessions } from '../../server/support/fake-sessions';
import { scratchDirectory, writeFiles } from '../scratch';

let local: LocalAgentCore;
let control: BedrockAgentCoreControlClient;
let stateDir: string;
let events: StackEvent[];

beforeEach(async () => {
  local = await startLocalAgentCore({ port: 0, stateDir: scratchDirectory(), sessions: new FakeSessions(), log: () => undefined });
  control = new BedrockAgentCoreControlClient({ endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  stateDir = join(scratchDirectory(), 'stacks');
  events = [];
});
afterEach(async () => {
  control.destroy();
  await local.close();
});

const common = () => ({ endpoint: local.endpoint, stateDir, onEvent: (event: StackEvent) => events.push(event), onLog: () => undefined });

function assembly(runtime: object, endpoint: object = {}, more: object = {}): string {
  return writeFiles(scratchDirectory(), {
    'manifest.json': JSON.stringify({ artifacts: { Demo: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Demo.json' } } } }),
    'Demo.json': JSON.stringify({
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'agent' } },
        Agent: {
          Type: 'AWS::BedrockAgentCore::Runtime',
          Properties: {
            AgentRuntimeName: 'agent',
            AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/agent:1' } },
            RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
            NetworkConfiguration: { NetworkMode: 'PUBLIC' },
            LifecycleConfiguration: {},
            ProtocolConfiguration: 'HTTP',
            ...runtime,
          },
        },
        Live: {
          Type: 'AWS::BedrockAgentCore::RuntimeEndpoint',
          Properties: { AgentRuntimeId: { Ref: 'Agent' }, Name: 'live', ...endpoint },
        },
        ...more,
      },
      Outputs: Object.fromEntries([
        ['Id', ['Agent', 'AgentRuntimeId']], ['Version', ['Agent', 'AgentRuntimeVersion']], ['EndpointVersion', ['Live', 'LiveVersion']],
        ['EndpointArn', ['Live', 'AgentRuntimeEndpointArn']],
      ].map(([name, attribute]) => [name, { Value: { 'Fn::GetAtt': attribute } }])),
    }),
  });
}

const outputsOf = async (assemblyDirectory: string) => {
  const { stacks: [{ outputs, failure }] } = await deploy({ ...common(), assemblyDirectory });
  expect(failure).toBeUndefined();
  return outputs;
};

test('a native runtime and its endpoint: created, updated, replaced, destroyed', async () => {
  const created = await outputsOf(assembly({ EnvironmentVariables: { A: '1' } }));
  expect(created).toMatchObject({ Version: '1', EndpointVersion: '1', EndpointArn: expect.stringMatching(/\/runtime-endpoint\/live$/) });

  // an endpoint whose version the template leaves open stays where it was made
  expect(await outputsOf(assembly({ EnvironmentVariables: { A: '2' } }))).toMatchObject({ Id: created.Id, Version: '2', EndpointVersion: '1' });
  expect((await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: created.Id }))).environmentVariables).toEqual({ A: '2' });

  const moved = { AgentRuntimeVersion: { 'Fn::GetAtt': ['Agent', 'AgentRuntimeVersion'] }, Description: 'moves' };
  expect(await outputsOf(assembly({ EnvironmentVariables: { A: '3' } }, moved))).toMatchObject({ Id: created.Id, Version: '3', EndpointVersion: '3' });
  expect(await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId: created.Id, endpointName: 'live' }))).toMatchObject({ description: 'moves' });

  events = [];
  const replaced = await outputsOf(assembly({ AgentRuntimeName: 'other' }, moved));
  expect(replaced).toMatchObject({ Id: expect.stringMatching(/^other-/), Version: '1', EndpointVersion: '1' });
  const deletions = events.filter(({ status }) => status === 'DELETE_COMPLETE').map(({ logicalId }) => logicalId);
  expect(deletions).toEqual(['Live', 'Agent']);
  const { agentRuntimes } = await control.send(new ListAgentRuntimesCommand({}));
  expect(agentRuntimes!.map(({ agentRuntimeName }) => agentRuntimeName)).toEqual(['other']);

  expect(await destroy(common())).toMatchObject({ succeeded: true });
  expect((await control.send(new ListAgentRuntimesCommand({}))).agentRuntimes).toEqual([]);
});

test('a native runtime has the tags of CloudFormation, which nobody else may touch', async () => {
  const { Id: id } = await outputsOf(assembly({ Tags: { team: 'agents' } }));
  const { agentRuntimeArn: resourceArn } = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
  const { tags } = await control.send(new ListTagsForResourceCommand({ resourceArn }));
  expect(tags).toEqual({
    'team': 'agents', 'aws:cloudformation:logical-id': 'Agent', 'aws:cloudformation:stack-id': expect.stringMatching(/:stack\/Demo\//),
  });
  const key = 'aws:cloudformation:stack-id';
  await expect(control.send(new TagResourceCommand({ resourceArn, tags: { [key]: 'other' } }))).rejects.toThrow('which only AWS may use');
  await expect(control.send(new UntagResourceCommand({ resourceArn, tagKeys: [key] }))).rejects.toThrow('which only AWS may use');
  // they do not count: 49 more are 50
  const more = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, 'v']));
  await control.send(new TagResourceCommand({ resourceArn, tags: more }));
  await expect(control.send(new TagResourceCommand({ resourceArn, tags: { one: 'more' } }))).rejects.toThrow('50 tags');

  expect(await outputsOf(assembly({ Tags: { team: 'others' } }))).toMatchObject({ Id: id, Version: '1' });
  expect((await control.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toMatchObject({ ...more, ...tags, team: 'others' });
});

describe('a capacity provider', () => {
  const pool = (more: object = {}) => ({
    Pool: {
      Type: 'AWS::BedrockAgentCore::CapacityProvider',
      Properties: {
        Name: 'pool',
        PermissionsConfiguration: { CapacityProviderOperatorRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] } },
        ComputeConfiguration: {
          Ec2Configuration: {
            LaunchTemplateSource: {
              LaunchParameters: {
                OperatingSystem: 'LINUX_ARM64',
                InstanceRequirements: { AllowedInstanceTypes: ['m7g.large'] },
                PropagatedTags: { Team: 'agents' },
              },
            },
            VpcConfiguration: { Subnets: ['subnet-0123456789abcdef0'], SecurityGroups: ['sg-0123456789abcdef0'] },
            Volumes: [{ EbsConfiguration: { Name: 'data', SizeGiB: 20 } }],
          },
        },
        ...more,
      },
    },
  });
  const providers = async () => (await control.send(new ListCapacityProvidersCommand({}))).capacityProviders!;

  test('is created with runtimes on it, updated in place, replaced, destroyed', async () => {
    const onPool = {
      NetworkConfiguration: undefined,
      CapacityProviderConfiguration: { CapacityProviderArn: { 'Fn::GetAtt': ['Pool', 'Arn'] } },
      FilesystemConfigurations: [{ CapacityProviderVolume: { VolumeName: 'data', MountPath: '/mnt/data' } }],
    };
    await outputsOf(assembly(onPool, {}, pool({ Description: 'first', Tags: [{ Key: 'team', Value: 'a' }] })));
    const [{ capacityProviderId, capacityProviderArn }] = await providers();
    const seen = async () => control.send(new GetCapacityProviderCommand({ capacityProviderId }));
    expect(await seen()).toMatchObject({
      description: 'first',
      computeConfiguration: { ec2Configuration: { launchTemplateSource: { launchParameters: { propagatedTags: { Team: 'agents' } } }, volumes: [{ ebsConfiguration: { name: 'data' } }] } },
    });

    await outputsOf(assembly(onPool, {}, pool({ Tags: [{ Key: 'cost', Value: 'b' }] })));
    expect((await seen()).description).toBeUndefined();
    expect((await control.send(new ListTagsForResourceCommand({ resourceArn: capacityProviderArn }))).tags).toEqual({ cost: 'b' });

    await outputsOf(assembly({ ...onPool, AgentRuntimeName: 'other' }, {}, pool({ Name: 'pool2' })));
    expect((await providers()).map(({ name }) => name)).toEqual(['pool2']);
    expect(await destroy(common())).toMatchObject({ succeeded: true });
    expect(await providers()).toEqual([]);
  });

  test('that the service refuses rolls back', async () => {
    const { stacks: [result] } = await deploy({ ...common(), assemblyDirectory: assembly({}, {}, pool({ Name: '1pool' })) });
    expect(result).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Pool', reason: expect.stringContaining('1pool') } });
  });
});

test('a resource policy is put, changed and taken away', async () => {
  const policy = (action: string) => ({
    Type: 'AWS::BedrockAgentCore::ResourcePolicy',
    Properties: {
      ResourceArn: { 'Fn::GetAtt': ['Agent', 'AgentRuntimeArn'] },
      Policy: {
        'Fn::Sub': JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: action, Resource: '${Agent.AgentRuntimeArn}' }],
        }),
      },
    },
  });
  const { Id: agentRuntimeId } = await outputsOf(assembly({}, {}, { Policy: policy('bedrock-agentcore:InvokeAgentRuntime') }));
  const { agentRuntimeArn: resourceArn } = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
  const seen = async () => JSON.parse((await control.send(new GetResourcePolicyCommand({ resourceArn }))).policy!).Statement[0];
  expect(await seen()).toMatchObject({ Action: 'bedrock-agentcore:InvokeAgentRuntime', Resource: resourceArn });
  await outputsOf(assembly({}, {}, { Policy: policy('bedrock-agentcore:StopRuntimeSession') }));
  expect(await seen()).toMatchObject({ Action: 'bedrock-agentcore:StopRuntimeSession' });
  await outputsOf(assembly({}));
  await expect(seen()).rejects.toThrow('has no resource policy');
});

test('what the service refuses rolls back and leaves no runtime', async () => {
  const { stacks: [result] } = await deploy({ ...common(), assemblyDirectory: assembly({}, { AgentRuntimeVersion: '7' }) });
  expect(result).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Live' } });
  expect((await control.send(new ListAgentRuntimesCommand({}))).agentRuntimes).toEqual([]);
});

test('an update that fails puts the runtime back', async () => {
  const { Id: id } = await outputsOf(assembly({ EnvironmentVariables: { A: '1' } }));
  const { stacks: [result] } = await deploy({ ...common(), assemblyDirectory: assembly({ EnvironmentVariables: { A: '2' } }, { AgentRuntimeVersion: '9' }) });
  expect(result).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { logicalId: 'Live' } });
  expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }))).toMatchObject({ environmentVariables: { A: '1' }, agentRuntimeVersion: '3' });
});

test('an import marks runtimes as CloudFormation\'s, and one that fails takes the mark off again', async () => {
  await outputsOf(assembly({}));
  const made = async (agentRuntimeName: string) => control.send(new CreateAgentRuntimeCommand({
    agentRuntimeName,
    agentRuntimeArtifact: { containerConfiguration: { containerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/agent:1' } },
    roleArn: 'arn:aws:iam::000000000000:role/agent',
    networkConfiguration: { networkMode: 'PUBLIC' },
    tags: { by: 'hand' },
  }));
  const [first, second] = [await made('first'), await made('second')];
  const tagsNow = async () => (await control.send(new ListTagsForResourceCommand({ resourceArn: first.agentRuntimeArn }))).tags;
  const runtime = (AgentRuntimeName: string, Description: unknown) => ({
    Type: 'AWS::BedrockAgentCore::Runtime', DeletionPolicy: 'Retain', Properties: { AgentRuntimeName, Description },
  });
  const imported = async (more: object, imports: Record<string, string>) => {
    const { stacks: [{ status, failure }] } = await deploy({ ...common(), assemblyDirectory: assembly({}, {}, more), imports });
    return { status, reason: failure?.reason };
  };
  const First = runtime('first', 'made by hand');
  const both = { First, Second: runtime('second', { 'Fn::GetAtt': ['First', 'Nothing'] }) };
  expect(await imported(both, { First: first.agentRuntimeId!, Second: second.agentRuntimeId! }))
    .toEqual({ status: 'IMPORT_ROLLBACK_COMPLETE', reason: expect.stringContaining('has no attribute Nothing') });
  expect(await tagsNow()).toEqual({ by: 'hand' });

  await expect(imported({ First }, { First: 'first-0000000000' })).rejects.toThrow('\'first-0000000000\' was not found');
  expect(await imported({ First }, { First: first.agentRuntimeId! })).toEqual({ status: 'IMPORT_COMPLETE' });
  expect(await tagsNow()).toEqual({
    'by': 'hand', 'aws:cloudformation:logical-id': 'First', 'aws:cloudformation:stack-id': expect.stringMatching(/:stack\/Demo\//),
  });
});
