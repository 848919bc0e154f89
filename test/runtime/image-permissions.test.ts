import { App, Aws, CfnParameter, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { IRole, ManagedPolicy, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AgentRuntime } from '../../src';

const ID = 'cdk-agentcore-runtime:imagePermissionsNotAdded';
const URI = '123456789012.dkr.ecr.us-west-2.amazonaws.com/team/agent:1';

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
});

function agent(agentRuntimeArtifact: AgentRuntimeArtifact, executionRole?: IRole): AgentRuntime {
  return new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact, executionRole });
}

const warnings = () => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(ID)).map(({ entry }) => String(entry.data));

/** What the only warning says to allow. */
function statements(): unknown {
  const [text, ...others] = warnings();
  expect(others).toEqual([]);
  return JSON.parse(/"Access denied while validating ECR URI": (\[.*\]); use AgentRuntimeArtifact.fromEcrRepository/.exec(text)![1]);
}

const wanted = (repository: string) => [
  { Effect: 'Allow', Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], Resource: repository },
  { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
];

it.each([
  ['as it is', () => URI, 'arn:${AWS::Partition}:ecr:us-west-2:123456789012:repository/team/agent'],
  ['by digest', () => URI.replace(':1', `@sha256:${'a'.repeat(64)}`), 'arn:${AWS::Partition}:ecr:us-west-2:123456789012:repository/team/agent'],
  ['in this account and region', () => `${Aws.ACCOUNT_ID}.dkr.ecr.${Aws.REGION}.${Aws.URL_SUFFIX}/agent:1`, 'arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/agent'],
  ['as a parameter', () => new CfnParameter(stack, 'Image').valueAsString, 'ARN of the repository'],
  ['as a repository\'s', () => new Repository(stack, 'Images').repositoryUriForTag('1'), 'ARN of the repository'],
])('an image by its URI is told what to allow: %s', (_title, uri, arn) => {
  agent(AgentRuntimeArtifact.fromImageUri(uri()));
  expect(statements()).toEqual(wanted(arn));
});

it('a role that takes no statements is not said to get them from another artifact', () => {
  agent(AgentRuntimeArtifact.fromImageUri(URI), Role.fromRoleArn(stack, 'Own', 'arn:aws:iam::123456789012:role/agent', { mutable: false }));
  expect(warnings()).toEqual([expect.stringContaining('see to it that the policies of the role have them')]);
});

describe('says nothing', () => {
  afterEach(() => expect(warnings()).toEqual([]));

  it('where the artifact grants it', () => {
    agent(AgentRuntimeArtifact.fromEcrRepository(new Repository(stack, 'Images')));
  });

  it('once the app has granted it', () => {
    Repository.fromRepositoryName(stack, 'Images', 'team/agent').grantPull(agent(AgentRuntimeArtifact.fromImageUri(URI)));
  });

  it('once the role has AWS\'s policy for it', () => {
    agent(AgentRuntimeArtifact.fromImageUri(URI)).role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('AmazonEC2ContainerRegistryReadOnly'));
  });

  const pulls = () => new PolicyStatement({ actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], resources: ['*'] });
  const imported = () => Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/agent');

  it.each<[string, () => unknown]>([
    ['an inline policy of the stack is attached to', () => agent(AgentRuntimeArtifact.fromImageUri(URI)).role.attachInlinePolicy(new Policy(stack, 'Pull', { statements: [pulls()] }))],
    ['a managed policy of the stack names', () => new ManagedPolicy(stack, 'Pull', { statements: [pulls()], roles: [agent(AgentRuntimeArtifact.fromImageUri(URI)).role] })],
    ['names a managed policy of the stack', () => agent(AgentRuntimeArtifact.fromImageUri(URI)).role.addManagedPolicy(new ManagedPolicy(stack, 'Pull', { statements: [pulls()] }))],
    ['is imported and has a policy of the stack', () => new ManagedPolicy(stack, 'Pull', { statements: [pulls()], roles: [agent(AgentRuntimeArtifact.fromImageUri(URI), imported()).role] })],
  ])('for a role that %s', (_title, declare) => {
    declare();
  });

  it('once it is acknowledged', () => {
    agent(AgentRuntimeArtifact.fromImageUri(URI), Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/agent'));
    Validations.of(stack).acknowledge({ id: ID, reason: 'the role may pull all images' });
  });
});

it('is told of although the stack has a policy for it, which is another role\'s', () => {
  agent(AgentRuntimeArtifact.fromImageUri(URI));
  new ManagedPolicy(stack, 'Pull', {
    statements: [new PolicyStatement({ actions: ['ecr:BatchGetImage'], resources: ['*'] })],
    roles: [new Role(stack, 'Other', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })],
  });
  expect(warnings()).toHaveLength(1);
});
