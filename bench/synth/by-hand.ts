import { join } from 'node:path';
import { AssetHashType, CfnResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AgentRuntimeArtifact, CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime as LambdaRuntime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { IMAGE } from './official';

/**
 * The same resources as those of this library, down to each property, by the CDK's own constructs and without any check: what
 * an app would cost that did without the library.
 */
export function declareAgent(stack: Stack, n: number): void {
  const runtime = new Runtime(stack, `Agent${n}`, { agentRuntimeArtifact: AgentRuntimeArtifact.fromImageUri(IMAGE) });
  const resource = runtime.node.defaultChild as CfnRuntime;
  resource.filesystemConfigurations = [{ sessionStorage: { mountPath: '/mnt/workspace' } }];
  const { handler, role } = stack.node.tryFindChild('Provider') as Provider | undefined ?? new Provider(stack, 'Provider');
  const service = { ServiceToken: handler.functionArn, ServiceTimeout: '960' };
  resource.addOverride('Type', 'Custom::AgentCoreRuntime');
  for (const [name, value] of Object.entries(service)) resource.addPropertyOverride(name, value);

  const id = `${runtime.agentRuntimeName}-??????????`;
  const arn = arnIn(stack, 'runtime', id);
  const policy = new Policy(runtime, 'ProvisioningPolicy', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: [
          'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'DeleteAgentRuntimeEndpoint', 'DeleteWorkloadIdentity', 'UntagResource', 'ListTagsForResource',
          'InvokeAgentRuntimeCommand', 'StopRuntimeSession',
        ].map((action) => `bedrock-agentcore:${action}`),
        resources: [
          arn, `${arn}/runtime-endpoint/DEFAULT`,
          arnIn(stack, 'workload-identity-directory', 'default'), arnIn(stack, 'workload-identity-directory', `default/workload-identity/${id}`),
        ],
      }),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [runtime.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } },
      }),
    ],
  });
  resource.node.addDependency(policy);

  const command = new CfnResource(stack, `Check${n}`, {
    type: 'Custom::AgentCoreCommand',
    properties: {
      ...service,
      AgentRuntimeArn: runtime.agentRuntimeArn,
      Qualifier: 'DEFAULT',
      AgentRuntimeVersion: runtime.agentRuntimeVersion,
      Command: 'npm test',
      Timeout: '300',
    },
  });
  command.node.addDependency(policy);
}

class Provider extends Construct {
  public readonly role: Role;
  public readonly handler: LambdaFunction;

  constructor(stack: Stack, id: string) {
    super(stack, id);
    const description = 'Provisions AgentCore runtimes and runs commands in their sessions, for the custom resources of one stack';
    const logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description,
      inlinePolicies: {
        Basics: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'], resources: [logGroup.logGroupArn] }),
            new PolicyStatement({ actions: ['bedrock-agentcore:ListAgentRuntimes'], resources: ['*'] }),
            new PolicyStatement({
              actions: ['CreateAgentRuntime', 'CreateAgentRuntimeEndpoint', 'CreateWorkloadIdentity', 'TagResource'].map((action) => `bedrock-agentcore:${action}`),
              resources: [
                arnIn(stack, 'runtime', '*'),
                arnIn(stack, 'workload-identity-directory', 'default'), arnIn(stack, 'workload-identity-directory', 'default/workload-identity/*'),
              ],
            }),
            new PolicyStatement({
              actions: ['iam:CreateServiceLinkedRole'],
              resources: [stack.formatArn({
                service: 'iam',
                region: '',
                resource: 'role',
                resourceName: 'aws-service-role/runtime-identity.bedrock-agentcore.amazonaws.com/AWSServiceRoleForBedrockAgentCoreRuntimeIdentity',
              })],
              conditions: { StringEquals: { 'iam:AWSServiceName': 'runtime-identity.bedrock-agentcore.amazonaws.com' } },
            }),
          ],
        }),
      },
    });
    this.handler = new LambdaFunction(this, 'Function', {
      description,
      runtime: LambdaRuntime.NODEJS_24_X,
      handler: 'index.handler',
      // the library knows the hash of its bundle too
      code: Code.fromAsset(join(process.cwd(), 'assets/provider/handler'), { assetHash: '0'.repeat(64), assetHashType: AssetHashType.CUSTOM }),
      memorySize: 256,
      timeout: Duration.seconds(900),
      role: this.role,
      logGroup,
    });
  }
}

function arnIn(stack: Stack, resource: string, resourceName: string): string {
  return stack.formatArn({ service: 'bedrock-agentcore', resource, resourceName });
}
