import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import { CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { CfnSecurityGroupEgress, CfnSecurityGroupIngress, Connections, ISecurityGroup, Port } from 'aws-cdk-lib/aws-ec2';
import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { ICapacityProvider } from './capacity-provider-base';
import { Filesystems, capacityProviderOf, mountsOf } from './filesystems';
import { Mount } from './mount';
import { pascalCaseKeys } from './property-names';
import { EXECUTION_ROLE } from '../runtime/execution-role';
import { throwFaults } from '../runtime/faults';
import { allowCapacityProvider } from '../runtime/provisioning-policy';
import { addToRole } from '../runtime/role-permissions';
import { byRule } from '../runtime/rule-id';
import { addInfo, addWarning } from '../runtime/warning';
import { NFS_PORT } from '../service/filesystems';

/** A runtime that gets filesystems. */
export interface MountingRuntime {
  /** Where messages about it appear. */
  readonly scope: IConstruct;
  readonly resource: CfnRuntime;
  /** Its execution role; undefined where it is not known. */
  readonly grantee?: IGrantable;
  /** Its network; undefined where it has none or where it is not known. */
  readonly connections?: Connections;
}

/**
 * Adds filesystems to those that an L1 runtime has, with the permissions, the network rules and the order of deployment
 * that they need; it does not look whether they go together.
 *
 * @throws where the runtime's filesystems are a token, to which nothing can be added
 */
export function applyFilesystems(runtime: MountingRuntime, filesystems: Filesystems): void {
  const { resource } = runtime;
  const mounts = mountsOf(filesystems);
  const present = resource.filesystemConfigurations ?? [];
  // not where nothing is added: what the official runtime renders there is its own affair
  if (mounts.length > 0 && !Array.isArray(present)) {
    throwFaults(resource, byRule('filesystemsToken', ['its filesystemConfigurations are a token, and nothing can be added to a token; give a list']));
  }
  const capacityProvider = capacityProviderOf(filesystems);
  if (capacityProvider) runOn(resource, capacityProvider);
  if (mounts.length === 0) return;
  const all = [...present as object[], ...mounts.map(({ _filesystem }) => _filesystem)];
  resource.filesystemConfigurations = all;
  // by name, because not every version of the L1 that this library works with knows volumes
  if (all.some((filesystem) => 'capacityProviderVolume' in filesystem)) resource.addPropertyOverride('FilesystemConfigurations', pascalCaseKeys(all));
  for (const mount of mounts) {
    grant(runtime, mount);
    connect(runtime, mount);
    resource.node.addDependency(...mount._source.dependencies ?? []);
  }
}

/** Whether the network of an L1 runtime is a VPC; true also where it is not known. */
export function mayBeInVpc(resource: CfnRuntime): boolean {
  const network = Stack.of(resource).resolve(resource.networkConfiguration) as { readonly networkMode?: unknown } | undefined;
  return typeof network?.networkMode !== 'string' || network.networkMode === 'VPC';
}

function runOn(resource: CfnRuntime, capacityProvider: ICapacityProvider): void {
  resource.addPropertyOverride('CapacityProviderConfiguration', { CapacityProviderArn: capacityProvider.capacityProviderArn });
  // the instances are in the network of the capacity provider
  resource.addPropertyDeletionOverride('NetworkConfiguration');
  resource.node.addDependency(capacityProvider);
  allowCapacityProvider(resource, capacityProvider.capacityProviderArn);
}

function grant({ scope, resource, grantee }: MountingRuntime, { mountPath, _source }: Mount): void {
  const statements = _source.statements?.(Stack.of(resource)) ?? [];
  if (statements.length === 0) return;
  if (!grantee) {
    const actions = statements.flatMap((statement) => statement.actions).join(', ');
    addWarning(scope, 'cdk-agentcore-runtime:mountPermissionsNotAdded',
      `the execution role is not known here, and mounting ${mountPath} takes permissions of it; see to it that the role allows ${actions} `
      + `on ${Token.isUnresolved(_source.members.accessPointArn) ? 'the access point' : _source.members.accessPointArn} and its file system.`);
    return;
  }
  for (const { policyDependable } of addToRole(scope, EXECUTION_ROLE, grantee.grantPrincipal, statements)) {
    // the service looks at the permissions when the runtime is created
    if (policyDependable) resource.node.addDependency(policyDependable);
  }
}

function connect({ scope, resource, connections }: MountingRuntime, { mountPath, _source: { network } }: Mount): void {
  if (!network) return;
  if (!connections || !network.peer) {
    addInfo(scope, 'cdk-agentcore-runtime:mountNetworkNotOpened',
      `${connections ? 'the network of the file system' : 'the network of the runtime'} at ${mountPath} is not known here; see to it that the runtime reaches its mount `
      + `targets on TCP port ${NFS_PORT}, or sessions fail to start.`);
    return;
  }
  const [sources, targets] = [connections.securityGroups, network.peer.connections.securityGroups];
  const description = `Mounting ${Token.isUnresolved(mountPath) ? 'a file system' : mountPath}`;
  for (const [source, target] of sources.flatMap((group) => targets.map((other) => [group, other]))) {
    // as a remote rule: between stacks it is in that of the runtime, which depends on the other one anyway
    target.addIngressRule(source, Port.tcp(NFS_PORT), description, true);
    if (!source.allowAllOutbound) source.addEgressRule(target, Port.tcp(NFS_PORT), description);
  }
  const rules = rulesBetween(sources, targets);
  // a session that starts before them, such as one for a command, could not mount
  if (rules.length > 0) resource.node.addDependency(...rules);
}

/** The rules that let some security groups reach others on the NFS port, whoever has added them. */
function rulesBetween(from: readonly ISecurityGroup[], to: readonly ISecurityGroup[]): CfnResource[] {
  const key = (id: string | undefined) => JSON.stringify(Stack.of(from[0] ?? to[0]).resolve(id));
  const [sources, targets] = [from, to].map((groups) => new Set(groups.map(({ securityGroupId }) => key(securityGroupId))));
  const isFor = ({ fromPort }: { readonly fromPort?: number }, source?: string, target?: string) => (
    fromPort === NFS_PORT && sources.has(key(source)) && targets.has(key(target)));
  const isBetween = (rule: IConstruct) => {
    if (rule instanceof CfnSecurityGroupIngress) return isFor(rule, rule.sourceSecurityGroupId, rule.groupId);
    if (rule instanceof CfnSecurityGroupEgress) return isFor(rule, rule.groupId, rule.destinationSecurityGroupId);
    return false;
  };
  return [...from, ...to].flatMap((group) => group.node.findAll()).filter(isBetween) as CfnResource[];
}
