import { Mixin } from 'aws-cdk-lib';
import { CfnRuntime, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Connections, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { AgentRuntime } from '../../runtime/agent-runtime';
import { throwFaults } from '../../runtime/faults';
import { checkAtSynth } from '../../validation/check-at-synth';
import { MountingRuntime, applyFilesystems, mayBeInVpc } from '../apply-filesystems';
import { ICapacityProvider } from '../capacity-provider-base';
import { validateOwn } from '../filesystems';
import { Mount } from '../mount';
import { SessionStorage } from '../session-storage';
import { verifyMount } from '../verify-mount';

/** Properties of `RuntimeMounts`. */
export interface RuntimeMountsProps {
  /**
   * The directory that each session keeps.
   *
   * @default - none
   */
  readonly sessionStorage?: SessionStorage;

  /**
   * The file systems that sessions find under `/mnt` besides.
   *
   * @default - none
   */
  readonly mounts?: Mount[];

  /**
   * The instances that sessions run on; it takes the place of the runtime's network configuration.
   *
   * @default - that of `sessionStorage`, else the runtime stays where it is
   */
  readonly capacityProvider?: ICapacityProvider;

  /**
   * The execution role of the runtime, which gets the permissions to mount.
   *
   * @default - that of the L2 runtime; the role of a runtime without an L2 is not known
   */
  readonly executionRole?: IRole;

  /**
   * The security groups of the runtime, which get the rules to reach file systems.
   *
   * @default - those of the L2 runtime; the network of a runtime without an L2 is not known
   */
  readonly securityGroups?: ISecurityGroup[];
}

/**
 * Gives filesystems to runtimes that are no `AgentRuntime`: `CfnRuntime`, and the `Runtime` of `aws-cdk-lib/aws-bedrockagentcore`.
 *
 * What it adds comes after the filesystems that the runtime has already, none of which is changed or removed; applied twice, it
 * adds twice, and synth refuses that for the same mount paths. A raw override of `FilesystemConfigurations` takes the place of
 * all of them. What the runtime then has in all is checked at synth by the rules of the service.
 *
 * A session storage with `verifyOnDeploy` is measured as it is for an `AgentRuntime`; the report is in the log of the provider.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 *
 * @example
 * const runtime = new Runtime(stack, 'Native', { agentRuntimeArtifact });
 * runtime.with(new RuntimeMounts({ sessionStorage: new SessionStorage(stack, 'Workspace') }));
 */
export class RuntimeMounts extends Mixin {
  private readonly props: RuntimeMountsProps;

  constructor(props: RuntimeMountsProps) {
    super();
    this.props = props;
  }

  /** Whether a construct is an L1 runtime, which `with` finds in an L2 too. */
  public supports(construct: IConstruct): boolean {
    return CfnRuntime.isCfnRuntime(construct);
  }

  /**
   * Adds the filesystems to a runtime; other constructs stay as they are.
   *
   * @throws a single error that names everything that is wrong with the mounts themselves
   */
  public applyTo(construct: IConstruct): void {
    if (!CfnRuntime.isCfnRuntime(construct)) return;
    throwFaults(construct, validateOwn(this.props));
    applyFilesystems(this.mountingRuntime(construct), this.props);
    checkOnce(construct);
    if (this.props.sessionStorage?.verifyOnDeploy) verifyMount(construct, construct, this.props.sessionStorage);
  }

  private mountingRuntime(resource: CfnRuntime): MountingRuntime {
    const { executionRole, securityGroups } = this.props;
    const parent = resource.node.scope;
    const l2 = parent instanceof Runtime ? parent : undefined;
    const connections = () => (l2 && mayBeInVpc(resource) ? l2.connections : undefined);
    return {
      scope: l2 ?? resource,
      resource,
      grantee: executionRole ?? l2,
      connections: securityGroups ? new Connections({ securityGroups }) : connections(),
    };
  }
}

const CHECKED = new WeakSet<CfnRuntime>();

/** Checks a runtime at synth, when all of its filesystems are in; an `AgentRuntime` is checked anyway. */
function checkOnce(resource: CfnRuntime): void {
  if (CHECKED.has(resource) || resource.node.scope instanceof AgentRuntime) return;
  CHECKED.add(resource);
  checkAtSynth(resource, resource);
}
