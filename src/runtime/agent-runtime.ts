import { TagManager } from 'aws-cdk-lib';
import { AgentRuntimeAttributes, CfnRuntime, IBedrockAgentRuntime, Runtime, RuntimeProps } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { adopt, validateAdoption } from './adoption';
import { IAgentRuntime } from './agent-runtime-interface';
import { checkAvailabilityZones } from './availability-zones';
import { allowTraceDelivery } from './execution-role';
import { throwFaultsAt } from './faults';
import { checkImagePermissions } from './image-permissions';
import { RuntimeOfArn, RuntimeOfAttributes } from './imported-runtime';
import { pathOf, tellArtifactFaults, tellOfficialFault, validateOfficialProps } from './official-props';
import { ProviderFunction } from './provider-function';
import { Provisioning } from './provisioning';
import { allowProvisioning } from './provisioning-policy';
import { byRule } from './rule-id';
import { codeOf } from './runtime-code';
import { addStackTags } from './stack-tags';
import { VersionChange } from './version-change';
import { addInfo } from './warning';
import { ON_VERSION_CHANGE, RUNTIME_RESOURCE_TYPE } from '../provider/contract';
import { ownerTags } from '../provider/contract/ownership';
import { MAX_TAGS } from '../service/tags';
import { applyFilesystems } from '../storage/apply-filesystems';
import { ICapacityProvider } from '../storage/capacity-provider-base';
import { Filesystems, capacityProviderOf, validateOwn, validateTogether } from '../storage/filesystems';
import { Mount } from '../storage/mount';
import { SessionStorage } from '../storage/session-storage';
import { verifyMount } from '../storage/verify-mount';
import { checkAtSynth } from '../validation/check-at-synth';

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
   * The file systems that sessions find under `/mnt` besides their session storage: 5 with it.
   *
   * Access points of Amazon EFS and Amazon S3 Files need the network mode VPC. The execution role gets the permissions, the
   * security groups get the rules, and the runtime is created after the mount targets, as far as they are known.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
   * @default - none
   */
  readonly mounts?: Mount[];

  /**
   * The instances that sessions run on. Such a runtime mounts volumes of the capacity provider and nothing else, and it is in the
   * network of the capacity provider: leave `networkConfiguration` out.
   *
   * A runtime cannot be moved between a capacity provider and the microVMs that it runs on without one.
   *
   * @default - that of `sessionStorage`; where it has none, sessions run on microVMs of the service
   */
  readonly capacityProvider?: ICapacityProvider;

  /**
   * Who creates, updates and deletes the runtime.
   *
   * Changing it for a deployed runtime changes the type of a resource, which CloudFormation refuses; the guide "Moving between
   * engines" tells how a runtime is moved with its id and version.
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

  /**
   * The id of a deployed runtime that this one takes over as it is, with its sessions' files, where otherwise one is made: its
   * name, a hyphen and ten characters.
   *
   * It has to have the name of this runtime, and its tags must not say that another stack made it. It keeps its id, and its
   * version where nothing differs; with `VersionChange.FAIL` the deployment fails where something does. Whoever had it before
   * must retain it, and what this construct deploys is another resource, with a logical id of its own.
   *
   * As long as the id is given, the end of this construct, as in a roll-back, leaves the runtime as it is. Deployed once more
   * without the id, it is a runtime like any other, and is deleted with the construct. It takes
   * `Provisioning.CUSTOM_RESOURCE`; CloudFormation imports existing runtimes itself.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
   * @default - a runtime is made
   */
  readonly adoptedRuntimeId?: string;
}

/** How many tags the provider adds to a runtime, to know it again. */
const OWNER_TAGS = Object.keys(ownerTags({ stackId: '', logicalId: '' })).length;

/**
 * An Amazon Bedrock AgentCore runtime whose sessions may keep their files.
 *
 * It is the official `Runtime` of `aws-cdk-lib/aws-bedrockagentcore` and takes its place without further change.
 *
 * The tags of its stack are tags of the runtime too, unless it has another value for them. With
 * `Provisioning.CUSTOM_RESOURCE` that holds for tags that the app gives to the stack (`StackProps.tags`, `Tags.of()`), not for
 * those of `cdk deploy --tags`, of which the app knows nothing.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agents-tools-runtime.html
 *
 * @example
 * const agent = new AgentRuntime(stack, 'Agent', {
 *   agentRuntimeArtifact: AgentRuntimeArtifact.fromAsset('agent'),
 *   sessionStorage: new SessionStorage(stack, 'Workspace', { mountPath: '/mnt/workspace' }),
 * });
 */
export class AgentRuntime extends Runtime implements IAgentRuntime {
  /**
   * A runtime that was made elsewhere, for commands and `RuntimeGrants`; it is in the account and the region of its ARN.
   *
   * @param scope of the reference
   * @param id of the reference
   * @param agentRuntimeArn without a version or an endpoint; may be a token
   * @throws an error for what is no ARN of a runtime
   */
  public static fromAgentRuntimeArn(scope: Construct, id: string, agentRuntimeArn: string): IAgentRuntime {
    return new RuntimeOfArn(scope, id, agentRuntimeArn);
  }

  /**
   * A runtime that was made elsewhere, with all that the official L2 does with one; it is in the account and the region of its
   * ARN.
   *
   * @param scope of the reference
   * @param id of the reference
   * @param attrs what is known of the runtime
   * @throws an error for what is no ARN of a runtime, or not the one of the id
   */
  public static fromAgentRuntimeAttributes(scope: Construct, id: string, attrs: AgentRuntimeAttributes): IBedrockAgentRuntime {
    return new RuntimeOfAttributes(scope, id, attrs);
  }

  /** The directory that each session keeps; undefined where sessions keep nothing. */
  public readonly sessionStorage?: SessionStorage;

  /** The file systems that sessions find besides their session storage. */
  public readonly mounts: Mount[];

  /** The instances that sessions run on; undefined where they run on microVMs of the service. */
  public readonly capacityProvider?: ICapacityProvider;

  /**
   * What was found where the session storage is mounted, as JSON on one line: `mounted`, `writable`, `type` of file system,
   * `sizeBytes` and `freeBytes`; undefined unless the storage has `verifyOnDeploy`.
   *
   * @attribute
   */
  public readonly sessionStorageReport?: string;

  /** Who creates, updates and deletes the runtime. */
  public readonly provisioning: Provisioning;

  /**
   * Declares the runtime.
   *
   * @throws an error for a property that the official `Runtime` refuses, and a single one for all else that is wrong
   */
  constructor(scope: Construct, id: string, props: AgentRuntimeProps) {
    const {
      sessionStorage, mounts = [], capacityProvider, provisioning = Provisioning.CUSTOM_RESOURCE, onVersionChange, adoptedRuntimeId, ...official
    } = props;
    const filesystems = { sessionStorage, mounts, capacityProvider };
    // before the official one refuses some of it without telling the value
    throwFaultsAt(pathOf(scope, id), [
      ...validateOfficialProps(official),
      ...validateVersionChange(provisioning, onVersionChange),
      ...validateAdoption(provisioning, adoptedRuntimeId),
      ...validateMounts(filesystems, official),
    ]);
    try {
      super(scope, id, official);
    } catch (error) {
      throw tellOfficialFault(error, pathOf(scope, id));
    }
    const vpc = official.networkConfiguration?.networkMode === 'VPC';
    this.sessionStorage = sessionStorage;
    this.mounts = mounts;
    this.capacityProvider = capacityProviderOf(filesystems);
    this.provisioning = provisioning;

    const resource = this.node.defaultChild as CfnRuntime;
    tellArtifactFaults(resource, this.node.path);
    checkAtSynth(this, resource);
    checkAvailabilityZones(this, official.networkConfiguration);
    allowTraceDelivery(this);
    checkImagePermissions(this, official.agentRuntimeArtifact);
    applyFilesystems({ scope: this, resource, grantee: this, connections: vpc ? this.connections : undefined }, filesystems);
    if (sessionStorage && !sessionStorage.capacityProvider) {
      // an info and not a warning: synth cannot see whether this very deployment will make a version
      addInfo(this, 'cdk-agentcore-runtime:newVersionEmptiesSessionStorage',
        'any change to this runtime other than to its tags makes a new version, and that empties the session storage of sessions on '
        + 'endpoints that follow it, DEFAULT among them; save what must last before you deploy.');
    }
    if (provisioning === Provisioning.CUSTOM_RESOURCE) {
      renderAsCustomResource(resource, ProviderFunction.of(this));
      addStackTags(resource);
      if (onVersionChange === VersionChange.FAIL) resource.addPropertyOverride(ON_VERSION_CHANGE, VersionChange.FAIL);
      if (adoptedRuntimeId !== undefined) adopt(this, resource, adoptedRuntimeId);
      // at synth, when all `Tags.of()` are in
      this.node.addValidation({ validate: () => validateTagCount(resource) });
      allowProvisioning(this, resource, {
        name: this.agentRuntimeName,
        executionRoleArn: this.role.roleArn,
        capacityProviderArn: this.capacityProvider?.capacityProviderArn,
        code: codeOf(resource, official.agentRuntimeArtifact),
      });
    }
    // last: the command takes its permissions from what provisions the runtime
    if (sessionStorage?.verifyOnDeploy) this.sessionStorageReport = verifyMount(this, this, sessionStorage).stdout;
  }
}

/** Keeps the properties and the attributes of the native resource and gives it to the provider. */
function renderAsCustomResource(resource: CfnRuntime, provider: ProviderFunction): void {
  resource.addOverride('Type', RUNTIME_RESOURCE_TYPE);
  for (const [name, value] of Object.entries(provider.serviceProperties)) resource.addPropertyOverride(name, value);
}

function validateMounts(filesystems: Filesystems, { networkConfiguration }: RuntimeProps): string[] {
  return [
    ...validateOwn(filesystems),
    ...validateTogether(filesystems, { vpc: networkConfiguration?.networkMode === 'VPC' }),
    ...byRule('capacityProvider', capacityProviderOf(filesystems) && networkConfiguration
      ? ['networkConfiguration is given, but on a capacity provider sessions are in its network; leave networkConfiguration out']
      : []),
  ];
}

function validateVersionChange(provisioning: Provisioning, onVersionChange?: VersionChange): string[] {
  if (onVersionChange !== VersionChange.FAIL || provisioning === Provisioning.CUSTOM_RESOURCE) return [];
  return byRule('versionChange', [
    'onVersionChange is FAIL, but CloudFormation makes new versions without asking; use Provisioning.CUSTOM_RESOURCE, or leave onVersionChange out',
  ]);
}

function validateTagCount(resource: CfnRuntime): string[] {
  const count = Object.keys(TagManager.of(resource)?.tagValues() ?? {}).length;
  const allowed = MAX_TAGS - OWNER_TAGS;
  if (count <= allowed) return [];
  return byRule('tags', [`the runtime has ${count} tags, those of its stack included, but at most ${allowed} can be its own: the service allows ${MAX_TAGS}, and the provider adds ${OWNER_TAGS} `
    + 'by which it knows the runtime again; remove some']);
}
