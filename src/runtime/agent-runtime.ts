import { Annotations } from 'aws-cdk-lib';
import { CfnRuntime, Runtime, RuntimeProps } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { ProviderFunction } from './provider-function';
import { Provisioning } from './provisioning';
import { allowProvisioning } from './provisioning-policy';
import { RUNTIME_RESOURCE_TYPE } from '../provider/contract';
import { SessionStorage } from '../storage/session-storage';

/** Properties of `AgentRuntime`: those of the official `Runtime` and what it lacks. */
export interface AgentRuntimeProps extends RuntimeProps {
  /**
   * The directory that each session keeps.
   *
   * In a VPC, sessions reach their storage through Amazon S3: the subnets need a way out or a gateway endpoint for it.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
   * @default - sessions keep nothing
   */
  readonly sessionStorage?: SessionStorage;

  /**
   * Who creates, updates and deletes the runtime.
   *
   * Changing it for a deployed runtime changes the type of a resource, which CloudFormation refuses.
   *
   * @default Provisioning.CUSTOM_RESOURCE
   */
  readonly provisioning?: Provisioning;
}

/**
 * An Amazon Bedrock AgentCore runtime whose sessions may keep their files.
 *
 * It is the official `Runtime` of `aws-cdk-lib/aws-bedrockagentcore` and takes its place without further change.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agents-tools-runtime.html
 */
export class AgentRuntime extends Runtime {
  /** The directory that each session keeps; undefined where sessions keep nothing. */
  public readonly sessionStorage?: SessionStorage;

  /** Who creates, updates and deletes the runtime. */
  public readonly provisioning: Provisioning;

  /**
   * Declares the runtime.
   *
   * @throws an error for a property that the official `Runtime` refuses
   */
  constructor(scope: Construct, id: string, props: AgentRuntimeProps) {
    const { sessionStorage, provisioning = Provisioning.CUSTOM_RESOURCE, ...official } = props;
    super(scope, id, official);
    this.sessionStorage = sessionStorage;
    this.provisioning = provisioning;

    const resource = this.node.defaultChild as CfnRuntime;
    if (sessionStorage) {
      resource.filesystemConfigurations = [sessionStorage._render()];
      // an info and not a warning: synth cannot see whether this very deployment will make a version
      Annotations.of(this).addInfoV2('cdk-agentcore-runtime:newVersionEmptiesSessionStorage',
        'any change to this runtime other than to its tags makes a new version, and that empties the session storage of sessions on '
        + 'endpoints that follow it, DEFAULT among them; save what must last before you deploy.');
    }
    if (provisioning === Provisioning.CUSTOM_RESOURCE) {
      renderAsCustomResource(resource, ProviderFunction.of(this));
      allowProvisioning(this, resource, {
        name: this.agentRuntimeName,
        executionRoleArn: this.role.roleArn,
        vpc: official.networkConfiguration?.networkMode === 'VPC',
      });
    }
  }
}

/** Keeps the properties and the attributes of the native resource and gives it to the provider. */
function renderAsCustomResource(resource: CfnRuntime, provider: ProviderFunction): void {
  resource.addOverride('Type', RUNTIME_RESOURCE_TYPE);
  for (const [name, value] of Object.entries(provider.serviceProperties)) resource.addPropertyOverride(name, value);
}
