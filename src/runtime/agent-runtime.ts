import { Annotations, Duration, TagManager } from 'aws-cdk-lib';
import { CfnRuntime, Runtime, RuntimeProps } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { throwFaults } from './faults';
import { ProviderFunction } from './provider-function';
import { Provisioning } from './provisioning';
import { ProvisioningPolicy, allowProvisioning } from './provisioning-policy';
import { VersionChange } from './version-change';
import { ON_VERSION_CHANGE, RUNTIME_RESOURCE_TYPE } from '../provider/contract';
import { ownerTags } from '../provider/ownership';
import { validateLifecycle } from '../service/lifecycle';
import { MAX_TAGS } from '../service/tags';
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

  /**
   * What to do when a deployment would make a new version of the runtime.
   *
   * A new version empties the session storage of all sessions on endpoints that follow it, DEFAULT among them. With
   * `VersionChange.FAIL` such a deployment fails before anything is changed, and names the properties that differ; where the
   * new version is wanted, deploy it with `VersionChange.ALLOW`. Changes to tags alone make no version. It takes
   * `Provisioning.CUSTOM_RESOURCE`.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
   * @default VersionChange.ALLOW
   */
  readonly onVersionChange?: VersionChange;
}

/** How many tags the provider adds to a runtime, to know it again. */
const OWNER_TAGS = Object.keys(ownerTags({ stackId: '', logicalId: '' })).length;

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
   * What the provider may do with this runtime; undefined where CloudFormation provisions it.
   *
   * @internal
   */
  public readonly _provisioningPolicy?: ProvisioningPolicy;

  /**
   * Declares the runtime.
   *
   * @throws an error for a property that the official `Runtime` refuses, and a single one for all else that is wrong
   */
  constructor(scope: Construct, id: string, props: AgentRuntimeProps) {
    const { sessionStorage, provisioning = Provisioning.CUSTOM_RESOURCE, onVersionChange, ...official } = props;
    super(scope, id, official);
    throwFaults(this, [...validateLifeTimes(official), ...validateVersionChange(provisioning, onVersionChange)]);
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
      if (onVersionChange === VersionChange.FAIL) resource.addPropertyOverride(ON_VERSION_CHANGE, VersionChange.FAIL);
      // at synth, when all `Tags.of()` are in
      this.node.addValidation({ validate: () => validateTagCount(resource) });
      this._provisioningPolicy = allowProvisioning(this, resource, {
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

function validateLifeTimes({ lifecycleConfiguration: { idleRuntimeSessionTimeout: idle, maxLifetime: max } = {} }: RuntimeProps): string[] {
  if (idle?.isUnresolved() || max?.isUnresolved()) return [];
  const seconds = (duration?: Duration) => duration?.toSeconds();
  return validateLifecycle({ idleRuntimeSessionTimeout: seconds(idle), maxLifetime: seconds(max) });
}

function validateVersionChange(provisioning: Provisioning, onVersionChange?: VersionChange): string[] {
  if (onVersionChange !== VersionChange.FAIL || provisioning === Provisioning.CUSTOM_RESOURCE) return [];
  return ['onVersionChange is FAIL, but CloudFormation makes new versions without asking; use Provisioning.CUSTOM_RESOURCE, or leave onVersionChange out'];
}

function validateTagCount(resource: CfnRuntime): string[] {
  const count = Object.keys(TagManager.of(resource)?.tagValues() ?? {}).length;
  const allowed = MAX_TAGS - OWNER_TAGS;
  if (count <= allowed) return [];
  return [`the runtime has ${count} tags, but at most ${allowed} can be its own: the service allows ${MAX_TAGS}, and the provider adds ${OWNER_TAGS} `
    + 'by which it knows the runtime again; remove some'];
}
