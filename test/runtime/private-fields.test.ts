import { Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact, CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { isImmutable } from '../../src/runtime/role-permissions';
import { codeOf } from '../../src/runtime/runtime-code';
import { image, testStack } from '../util/stacks';

// The private fields of the CDK that this library reads: one that is renamed fails here, by its name.

let stack: Stack;

beforeEach(() => {
  stack = new Stack(testStack(), 'Inner', { env: { account: '123456789012', region: 'us-west-2' } });
});

const ROLE = 'arn:aws:iam::123456789012:role/agent';
const own = () => new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

describe('addGrantsToResources of the CDK\'s ImmutableRole', () => {
  it.each<[string, () => IRole]>([
    ['mutable: false', () => Role.fromRoleArn(stack, 'Role', ROLE, { mutable: false })],
    ['mutable: false, by name', () => Role.fromRoleName(stack, 'Role', 'agent', { mutable: false })],
    ['another account', () => Role.fromRoleArn(stack, 'Role', ROLE.replace('1234', '9999'))],
    ['withoutPolicyUpdates', () => own().withoutPolicyUpdates()],
  ])('is there with %s', (_title, roleOf) => {
    const role = roleOf();
    expect({ addGrantsToResources: typeof (role as { addGrantsToResources?: unknown }).addGrantsToResources }).toEqual({ addGrantsToResources: 'boolean' });
    expect(isImmutable(role)).toBe(true);
  });

  it.each<[string, () => IRole]>([
    ['an imported role that takes policies', () => Role.fromRoleArn(stack, 'Role', ROLE)],
    ['a role of the app', own],
  ])('is not there on %s', (_title, roleOf) => {
    expect(isImmutable(roleOf())).toBe(false);
  });
});

describe('the asset of the CDK\'s AgentRuntimeArtifact', () => {
  const declared = (artifact: AgentRuntimeArtifact, id = 'Agent') => new Runtime(stack, id, { agentRuntimeArtifact: artifact });
  const code = (runtime: Runtime, artifact: AgentRuntimeArtifact) => codeOf(runtime.node.defaultChild as CfnRuntime, artifact);

  it('is the child AgentRuntimeArtifact of the first runtime, and the field asset for all', () => {
    const artifact = AgentRuntimeArtifact.fromCodeAsset({ path: __dirname, runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] });
    const [first, second] = ['First', 'Second'].map((id) => declared(artifact, id));
    // the CDK makes the asset once somebody asks for the code
    const found = [first, second].map((runtime) => code(runtime, artifact)?.isAsset);
    expect({ AgentRuntimeArtifact: first.node.tryFindChild('AgentRuntimeArtifact') instanceof Asset }).toEqual({ AgentRuntimeArtifact: true });
    expect({ asset: (artifact as unknown as { asset?: unknown }).asset instanceof Asset }).toEqual({ asset: true });
    expect(found).toEqual([true, true]);
  });

  it('is not there for code in a bucket, nor is there code of an image', () => {
    const artifact = AgentRuntimeArtifact.fromS3({ bucketName: 'my-bucket', objectKey: 'agent.zip' }, AgentCoreRuntime.NODE_22, ['main.js']);
    expect(code(declared(artifact), artifact)?.isAsset).toBe(false);
    const container = image();
    expect(code(declared(container, 'Container'), container)).toBeUndefined();
  });
});
