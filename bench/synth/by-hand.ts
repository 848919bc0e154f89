import { join } from 'node:path';
import { AssetHashType, Aws, CfnResource, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AgentRuntimeArtifact, CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { ManagedPolicy, Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
  const { handler, role, byName, policy: shared } = stack.node.tryFindChild('Provider') as Provider | undefined ?? new Provider(stack, 'Provider');
  const service = { ServiceToken: handler.functionArn, ServiceTimeout: '960' };
  resource.addOverride('Type', 'Custom::AgentCoreRuntime');
  for (const [name, value] of Object.entries(service)) resource.addPropertyOverride(name, value);

  const id = `${runtime.agentRuntimeName}-??????????`;
  const arn = arnIn(stack, 'runtime', id);
  byName.runtimes.push(arn);
  byName.endpoints.push(`${arn}/runtime-endpoint/DEFAULT`);
  byName.identities.push(arnIn(stack, 'workload-identity-directory', `default/workload-identity/${id}`));
  byName.commands.push(arn, `${arn}/runtime-endpoint/DEFAULT`);
  const policy = new Policy(runtime, 'ProvisioningPolicy', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [runtime.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'bedrock-agentcore.amazonaws.com' } },
      }),
    ],
  });
  resource.node.addDependency(shared, policy);

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
  command.node.addDependency(shared);
}

class Provider extends Construct {
  public readonly role: Role;
  public readonly handler: LambdaFunction;
  public readonly policy: ManagedPolicy;
  public readonly byName: Readonly<Record<'runtimes' | 'endpoints' | 'identities' | 'commands', string[]>>;

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
    this.byName = { runtimes: [], endpoints: [], identities: [arnIn(stack, 'workload-identity-directory', 'default')], commands: [] };
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: 'What the provider of AgentCore runtimes may do with what it knows by name',
      roles: [this.role],
      statements: [...creation(stack), ...this.namedStatements()],
    });
  }

  private namedStatements(): PolicyStatement[] {
    const { runtimes, endpoints, identities, commands } = this.byName;
    const statement = (names: readonly string[], resources: string[]) =>
      new PolicyStatement({ actions: actions(...names), resources: Lazy.uncachedList({ produce: () => resources }) });
    return [
      statement([
        'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'DeleteAgentRuntimeEndpoint', 'ListTagsForResource', 'TagResource', 'UntagResource',
      ], runtimes),
      statement(['DeleteAgentRuntimeEndpoint'], endpoints),
      statement(['DeleteWorkloadIdentity'], identities),
      statement(['InvokeAgentRuntimeCommand', 'StopRuntimeSession'], commands),
    ];
  }
}

function creation(stack: Stack): PolicyStatement[] {
  const runtimes = arnIn(stack, 'runtime', '*');
  const identities = [arnIn(stack, 'workload-identity-directory', 'default'), arnIn(stack, 'workload-identity-directory', 'default/workload-identity/*')];
  const linked = [
    ['runtime-identity', 'AWSServiceRoleForBedrockAgentCoreRuntimeIdentity'], ['network', 'AWSServiceRoleForBedrockAgentCoreNetwork'],
    ['runtime-instances', 'AWSServiceRoleForBedrockAgentCoreRuntimeInstances'],
  ].map(([name, role]) => ({ service: `${name}.bedrock-agentcore.amazonaws.com`, role }));
  // as lists where there is one only: the library does not know that no more come
  const list = (...resources: string[]) => Lazy.uncachedList({ produce: () => resources });
  return [
    new PolicyStatement({ actions: actions('CreateAgentRuntime', 'CreateAgentRuntimeEndpoint'), resources: list(runtimes) }),
    new PolicyStatement({ actions: actions('CreateWorkloadIdentity'), resources: identities }),
    new PolicyStatement({
      actions: actions('TagResource'),
      resources: [runtimes, ...identities],
      conditions: { StringEquals: { 'aws:RequestTag/cdk-agentcore-runtime:stack-id': Aws.STACK_ID } },
    }),
    new PolicyStatement({
      actions: ['iam:CreateServiceLinkedRole'],
      resources: linked.map(({ service, role }) => stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${service}/${role}` })),
      conditions: { StringEquals: { 'iam:AWSServiceName': linked.map(({ service }) => service) } },
    }),
  ];
}

function actions(...names: readonly string[]): string[] {
  return names.map((name) => `bedrock-agentcore:${name}`);
}

function arnIn(stack: Stack, resource: string, resourceName: string): string {
  return stack.formatArn({ service: 'bedrock-agentcore', resource, resourceName });
}
