import * as path from 'node:path';
import { Annotations, CfnOutput, CfnParameter, Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { Annotations as Assertions, Match } from 'aws-cdk-lib/assertions';
import {
  AgentCoreRuntime, AgentRuntimeArtifact, LogType, LoggingDestination, ProtocolType, Runtime, RuntimeAuthorizerConfiguration,
  RuntimeNetworkConfiguration, RuntimeProps,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Port, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AgentRuntime, AgentRuntimeProps, Command, CommandRunner, Provisioning, SessionStorage, VersionChange } from '../../src';
import { snapshotSerializer } from '../../src/testing';
import { TemplateJson, image, resourceOf, templateOf, testStack } from '../util/stacks';

expect.addSnapshotSerializer(snapshotSerializer());

interface Use {
  readonly props?: (stack: Stack) => Partial<RuntimeProps>;
  readonly afterwards?: (runtime: Runtime, stack: Stack) => void;
}

const agent = path.join(__dirname, 'agent');
const lambdaRole = (stack: Stack) => new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
const discoveryUrl = 'https://example.com/.well-known/openid-configuration';

/** All that the official runtime can do. */
const USES: Record<string, Use> = {
  'nothing but an image': {},
  'a name': { props: () => ({ runtimeName: 'my_agent', description: 'writes code' }) },
  'a name that is a token': { props: (stack) => ({ runtimeName: new CfnParameter(stack, 'Name').valueAsString }) },
  'an ECR repository': { props: (stack) => ({ agentRuntimeArtifact: AgentRuntimeArtifact.fromEcrRepository(new Repository(stack, 'Images'), 'v1') }) },
  'a container asset': { props: () => ({ agentRuntimeArtifact: AgentRuntimeArtifact.fromAsset(agent) }) },
  'a code asset': {
    props: () => ({ agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({ path: agent, runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] }) }),
  },
  'code in S3': {
    props: () => ({
      agentRuntimeArtifact: AgentRuntimeArtifact.fromS3({ bucketName: 'code', objectKey: 'agent.zip' }, AgentCoreRuntime.PYTHON_3_13, ['main.py']),
    }),
  },
  'a VPC': {
    props: (stack) => ({ networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc: new Vpc(stack, 'Vpc') }) }),
    afterwards: (runtime) => runtime.connections.allowFromAnyIpv4(Port.HTTPS),
  },
  'a JWT authorizer': { props: () => ({ authorizerConfiguration: RuntimeAuthorizerConfiguration.usingJWT(discoveryUrl, ['client'], ['audience']) }) },
  'a Cognito authorizer': {
    props: (stack) => {
      const users = new UserPool(stack, 'Users');
      return { authorizerConfiguration: RuntimeAuthorizerConfiguration.usingCognito(users, [users.addClient('Client')]) };
    },
  },
  'an IAM authorizer': { props: () => ({ authorizerConfiguration: RuntimeAuthorizerConfiguration.usingIAM() }) },
  'a protocol': { props: () => ({ protocolConfiguration: ProtocolType.MCP }) },
  'environment variables': { props: (stack) => ({ environmentVariables: { A: '1', BUCKET: new Bucket(stack, 'Bucket').bucketName } }) },
  'tags as a property': { props: () => ({ tags: { team: 'agents' } }) },
  'tags by Tags.of()': { props: () => ({ tags: { team: 'agents' } }), afterwards: (runtime) => Tags.of(runtime).add('stage', 'prod') },
  'tags on the stack': { afterwards: (_runtime, stack) => Tags.of(stack).add('stage', 'prod', { excludeResourceTypes: PROVIDER_TYPES }) },
  'a lifecycle': { props: () => ({ lifecycleConfiguration: { idleRuntimeSessionTimeout: Duration.minutes(5), maxLifetime: Duration.hours(1) } }) },
  'request headers': { props: () => ({ requestHeaderConfiguration: { allowlistedHeaders: ['Authorization'] } }) },
  'tracing and logging': {
    props: (stack) => ({
      tracingEnabled: true,
      loggingConfigs: [{ logType: LogType.APPLICATION_LOGS, destination: LoggingDestination.cloudWatchLogs(new LogGroup(stack, 'Logs')) }],
    }),
  },
  'an execution role': { props: (stack) => ({ executionRole: new Role(stack, 'Own', { assumedBy: new ServicePrincipal('bedrock-agentcore.amazonaws.com') }) }) },
  'an imported execution role': { props: (stack) => ({ executionRole: Role.fromRoleArn(stack, 'Own', 'arn:aws:iam::123456789012:role/agent') }) },
  'endpoints': {
    afterwards: (runtime) => {
      runtime.addEndpoint('prod', { version: '3', description: 'pinned' });
      runtime.addEndpoint('canary');
    },
  },
  'grants': {
    afterwards: (runtime, stack) => {
      runtime.grantInvoke(lambdaRole(stack));
      runtime.grant(['s3:ListAllMyBuckets'], ['*']);
    },
  },
  'metrics': {
    afterwards: (runtime, stack) => {
      runtime.metricInvocations().createAlarm(stack, 'Idle', { threshold: 1, evaluationPeriods: 1 });
      runtime.metricTotalErrors().createAlarm(stack, 'Errors', { threshold: 1, evaluationPeriods: 1 });
    },
  },
  'attributes': {
    afterwards: (runtime, stack) => {
      const { agentRuntimeArn, agentRuntimeId, agentRuntimeName, agentRuntimeVersion, agentStatus, createdAt, lastUpdatedAt } = runtime;
      const attributes = { agentRuntimeArn, agentRuntimeId, agentRuntimeName, agentRuntimeVersion, agentStatus, createdAt, lastUpdatedAt };
      for (const [name, value] of Object.entries(attributes)) new CfnOutput(stack, name, { value: value! });
    },
  },
};

const NATIVE = 'AWS::BedrockAgentCore::Runtime';
const CUSTOM = 'Custom::AgentCoreRuntime';
const PROVIDER_TYPES = ['AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup'];

function official(use: Use): TemplateJson {
  return build(use, (stack, props) => new Runtime(stack, 'Agent', props));
}

function ours(use: Use, own: (stack: Stack) => Partial<AgentRuntimeProps>): TemplateJson {
  return build(use, (stack, props) => new AgentRuntime(stack, 'Agent', { ...props, ...own(stack) }));
}

function build({ props, afterwards }: Use, create: (stack: Stack, props: RuntimeProps) => Runtime): TemplateJson {
  const stack = testStack();
  const runtime = create(stack, { agentRuntimeArtifact: image(), ...props?.(stack) });
  afterwards?.(runtime, stack);
  return templateOf(stack);
}

function withFilesystem(template: TemplateJson, type: string): TemplateJson {
  const { id } = resourceOf(template, type);
  const resource = template.Resources[id];
  return {
    ...template,
    Resources: {
      ...template.Resources,
      [id]: { ...resource, Properties: { ...resource.Properties, FilesystemConfigurations: [{ SessionStorage: { MountPath: '/mnt/workspace' } }] } },
    },
  };
}

/** The template without the one statement of an execution role that the official runtime leaves out. */
function withoutTraceDelivery(template: TemplateJson): TemplateJson {
  const isOurs = ({ Action }: { Action: unknown }) => Action === 'logs:PutResourcePolicy';
  const policies = Object.values(template.Resources).filter(({ Properties }) => Properties?.PolicyDocument?.Statement?.some(isOurs));
  expect(policies).toHaveLength(1);
  for (const { Properties: { PolicyDocument: document } } of policies) {
    document.Statement = document.Statement.filter((statement: any) => !isOurs(statement));
  }
  return template;
}

/** The template with all taken away that the provider needs. */
function withoutProvider(template: TemplateJson): TemplateJson {
  const isProviders = (id: string) => id.startsWith('CdkAgentCoreRuntimeProvider') || id.startsWith('AgentProvisioningPolicy');
  const { id } = resourceOf(template, CUSTOM);
  const { ServiceToken, ServiceTimeout, ...Properties } = template.Resources[id].Properties;
  expect(ServiceToken).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^CdkAgentCoreRuntimeProviderFunction/), 'Arn'] });
  expect(ServiceTimeout).toBe('960');
  const DependsOn = template.Resources[id].DependsOn?.filter((dependency) => !isProviders(dependency));
  const Resources = Object.fromEntries(Object.entries(template.Resources).filter(([resourceId]) => !isProviders(resourceId)));
  return {
    ...template,
    Resources: { ...Resources, [id]: { ...Resources[id], Type: NATIVE, Properties, ...DependsOn?.length ? { DependsOn } : {} } },
  };
}

describe.each(Object.entries(USES))('with %s', (_title, use) => {
  const native = { provisioning: Provisioning.CLOUDFORMATION };
  const storage = (stack: Stack) => ({ sessionStorage: new SessionStorage(stack, 'Storage') });

  it('is the official runtime', () => {
    expect(withoutTraceDelivery(ours(use, () => native))).toEqual(official(use));
  });

  it('is the official runtime and its storage', () => {
    expect(withoutTraceDelivery(ours(use, (stack) => ({ ...native, ...storage(stack) })))).toEqual(withFilesystem(official(use), NATIVE));
  });

  it('is the same as a custom resource, and its provider', () => {
    expect(withoutTraceDelivery(withoutProvider(ours(use, storage)))).toEqual(withFilesystem(official(use), NATIVE));
  });
});

describe('as a custom resource', () => {
  it('adds five resources to the stack', () => {
    const count = (provisioning: Provisioning) => Object.keys(ours({}, () => ({ provisioning })).Resources).length;
    expect(count(Provisioning.CUSTOM_RESOURCE) - count(Provisioning.CLOUDFORMATION)).toBe(5);
  });

  it('is how a runtime is provisioned unless told otherwise', () => {
    const runtime = new AgentRuntime(testStack(), 'Agent', { agentRuntimeArtifact: image() });
    expect(runtime.provisioning).toBe(Provisioning.CUSTOM_RESOURCE);
    expect(runtime.sessionStorage).toBeUndefined();
  });

  it('is deleted before the policies that allow it', () => {
    const template = ours({}, () => ({}));
    expect(resourceOf(template, CUSTOM).DependsOn).toEqual(expect.arrayContaining([
      expect.stringMatching(/^AgentProvisioningPolicy/), expect.stringMatching(/^CdkAgentCoreRuntimeProviderPolicy/),
    ]));
  });

  it('is deleted after its endpoints and its commands', () => {
    const template = ours({
      afterwards: (runtime, stack) => {
        runtime.addEndpoint('prod');
        new CommandRunner(stack, 'Check', { runtime, command: Command.shell('true') });
      },
    }, () => ({}));
    const { id } = resourceOf(template, CUSTOM);
    expect(resourceOf(template, 'AWS::BedrockAgentCore::RuntimeEndpoint').DependsOn).toContain(id);
    expect(resourceOf(template, 'Custom::AgentCoreCommand').Properties.AgentRuntimeArn).toEqual({ 'Fn::GetAtt': [id, 'AgentRuntimeArn'] });
  });

  it('stays as it is', () => {
    const stack = testStack();
    const sessionStorage = new SessionStorage(stack, 'Storage');
    const runtime = new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), sessionStorage });
    new CommandRunner(stack, 'Check', { runtime, command: Command.argv('git', '--version'), workingDirectory: sessionStorage.mountPath });
    const { Resources } = templateOf(stack);
    expect(Object.fromEntries(Object.entries(Resources).filter(([id]) => !id.startsWith('AgentExecutionRole')))).toMatchSnapshot();
  });
});

describe('synth', () => {
  const id = 'cdk-agentcore-runtime:newVersionEmptiesSessionStorage';
  const infos = (stack: Stack) => Assertions.fromStack(stack).findInfo('*', Match.stringLikeRegexp(id));

  function stackWith(props: (stack: Stack) => Partial<AgentRuntimeProps>): Stack {
    const stack = testStack();
    new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), ...props(stack) });
    return stack;
  }

  it('says what a new version does to storage', () => {
    const stack = stackWith((scope) => ({ sessionStorage: new SessionStorage(scope, 'Storage') }));
    Assertions.fromStack(stack).hasInfo('/Stack/Agent', Match.stringLikeRegexp('empties the session storage'));
  });

  it('says nothing where there is no storage, or once it is acknowledged', () => {
    expect(infos(stackWith(() => ({})))).toEqual([]);
    const stack = stackWith((scope) => ({ sessionStorage: new SessionStorage(scope, 'Storage') }));
    Annotations.of(stack).acknowledgeInfo(id);
    expect(infos(stack)).toEqual([]);
  });

  it('refuses an idle time that is longer than the life of a session', () => {
    const lifecycle = (idle: Duration | undefined, max: Duration | undefined) => () => stackWith(() => ({
      lifecycleConfiguration: { idleRuntimeSessionTimeout: idle, maxLifetime: max },
    }));
    expect(lifecycle(Duration.minutes(20), Duration.minutes(10))).toThrow('Stack/Agent: idleRuntimeSessionTimeout of 1200 s must be less than or equal to maxLifetime of 600 s');
    expect(lifecycle(Duration.minutes(10), Duration.minutes(10))).not.toThrow();
    expect(lifecycle(undefined, Duration.minutes(10))).not.toThrow();
    expect(lifecycle(Duration.hours(8), undefined)).not.toThrow();
    expect(lifecycle(Duration.seconds(Lazy.number({ produce: () => 1200 })), Duration.minutes(10))).not.toThrow();
  });

  describe('counts the tags', () => {
    const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 'value']));
    const tagged = (count: number, props: Partial<AgentRuntimeProps> = {}) => {
      const stack = stackWith(() => ({ tags: tags(count), ...props }));
      Tags.of(stack).add('stage', 'prod', { includeResourceTypes: ['AWS::BedrockAgentCore::Runtime'] });
      return stack;
    };

    it('and leaves room for those of the provider', () => {
      expect(Object.keys(resourceOf(templateOf(tagged(47)), CUSTOM).Properties.Tags)).toHaveLength(48);
      expect(() => templateOf(tagged(48))).toThrow(/\[Stack\/Agent\] the runtime has 49 tags, those of its stack included, but at most 48 can be its own/);
    });

    it('of those only that it provisions itself', () => {
      expect(() => templateOf(tagged(49, { provisioning: Provisioning.CLOUDFORMATION }))).not.toThrow();
    });
  });

  describe('has new versions', () => {
    const properties = (onVersionChange?: VersionChange) => resourceOf(templateOf(stackWith(() => ({ onVersionChange }))), CUSTOM).Properties;

    it('refused by the provider only where it is told to', () => {
      expect(properties(VersionChange.FAIL)).toMatchObject({ OnVersionChange: 'FAIL' });
      expect(properties(VersionChange.ALLOW)).not.toHaveProperty('OnVersionChange');
      expect(properties()).not.toHaveProperty('OnVersionChange');
    });

    it('not refused where CloudFormation provisions', () => {
      const provisioning = Provisioning.CLOUDFORMATION;
      expect(() => stackWith(() => ({ provisioning, onVersionChange: VersionChange.FAIL }))).toThrow(/^Stack\/Agent: onVersionChange is FAIL, but CloudFormation makes/);
      expect(() => stackWith(() => ({ provisioning, onVersionChange: VersionChange.ALLOW }))).not.toThrow();
    });
  });

  it('refuses what the official runtime refuses', () => {
    expect(() => stackWith(() => ({ runtimeName: 'my-agent' }))).toThrow(/^Stack\/Agent: runtime name "my-agent" is not a letter/);
  });
});
