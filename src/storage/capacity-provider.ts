import { createHash } from 'node:crypto';
import { ArnFormat, Lazy, Names, Resource, Stack, Token } from 'aws-cdk-lib';
import { Connections, IConnectable, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ICapacityProvider } from './capacity-provider-base';
import { allowEncryption, allowInstanceProfile, operatorRole } from './capacity-provider-policy';
import { CapacityProviderProps, CapacityProviderVolumeOptions } from './capacity-provider-props';
import { CapacityProviderResource } from './capacity-provider-resource';
import { computeConfiguration, validateArchitectures, validateLifeTimes, volumeOf } from './compute-configuration';
import { known } from './known';
import { throwFaults, throwFaultsAt } from '../runtime/faults';
import { pathOf } from '../runtime/official-props';
import { byRule } from '../runtime/rule-id';
import { addInfo } from '../runtime/warning';
import {
  EbsVolume, MAX_CAPACITY_PROVIDER_NAME, createCapacityProviderViolations, propagatedTagsViolations, validateCapacityProviderArn, validateVolumes,
  volumeViolations,
} from '../service/capacity-provider';

/**
 * EC2 instances in this account on which runtimes run their sessions, with volumes of Amazon EBS as large as declared.
 *
 * Each session gets an instance and its volumes, which are billed to this account. A volume is there again when its session
 * is resumed, and is deleted with the session or the capacity provider. Any change other than to the description and the
 * tags replaces the capacity provider, and so deletes all of its sessions and volumes. It cannot be deleted while a version of
 * a runtime refers to it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-instances-get-started-cli.html
 * @resource AWS::BedrockAgentCore::CapacityProvider
 *
 * @example
 * const pool = new CapacityProvider(stack, 'Pool', { vpc, instanceTypes: [new ec2.InstanceType('m7g.large')] });
 * const agent = new AgentRuntime(stack, 'Agent', {
 *   agentRuntimeArtifact,
 *   sessionStorage: new SessionStorage(stack, 'Workspace', { capacityProvider: pool, sizeInGiB: 50 }),
 * });
 */
export class CapacityProvider extends Resource implements ICapacityProvider, IConnectable {
  /**
   * A capacity provider that is there already.
   *
   * @throws an error for an ARN that names no capacity provider
   */
  public static fromCapacityProviderArn(scope: Construct, id: string, capacityProviderArn: string): ICapacityProvider {
    class Imported extends Resource implements ICapacityProvider {
      public readonly capacityProviderArn = capacityProviderArn;
      public readonly capacityProviderId = Stack.of(scope).splitArn(capacityProviderArn, ArnFormat.SLASH_RESOURCE_NAME).resourceName!;
    }
    if (!Token.isUnresolved(capacityProviderArn)) throwFaultsAt(pathOf(scope, id), byRule('capacityProviderArn', validateCapacityProviderArn(capacityProviderArn)));
    return new Imported(scope, id, { environmentFromArn: capacityProviderArn });
  }

  /**
   * The ARN of the capacity provider.
   *
   * @attribute
   */
  public readonly capacityProviderArn: string;

  /**
   * The id of the capacity provider: its name, a hyphen and ten characters that the service chooses.
   *
   * @attribute
   */
  public readonly capacityProviderId: string;

  /**
   * The name of the capacity provider.
   *
   * @attribute
   */
  public readonly capacityProviderName: string;

  /** The role by which the service launches and ends instances. */
  public readonly operatorRole: IRole;

  /** The network of the instances. */
  public readonly connections: Connections;

  private readonly volumes: EbsVolume[] = [];

  /**
   * Declares the capacity provider.
   *
   * @throws a single error that names every property that cannot be used
   */
  constructor(scope: Construct, id: string, props: CapacityProviderProps) {
    super(scope, id);
    this.connections = new Connections({
      securityGroups: props.securityGroups
        ?? [new SecurityGroup(this, 'SecurityGroup', { vpc: props.vpc, description: 'Instances of an AgentCore capacity provider' })],
    });
    this.operatorRole = props.operatorRole ?? operatorRole(this);
    this.capacityProviderName = props.capacityProviderName ?? Lazy.string({ produce: () => this.generateName(props) });
    throwFaults(this, [
      ...byRule('serviceModel', [
        ...createCapacityProviderViolations(known(this.input(props))), ...propagatedTagsViolations(known(props.propagatedTags ?? {})),
      ].map(({ path, message }) => `${path}: ${message}`)),
      ...byRule('instanceLifecycle', validateLifeTimes(props)),
      ...byRule('instanceArchitecture', validateArchitectures(props)),
    ]);

    const resource = new CapacityProviderResource(this, 'Resource', () => this.input(props));
    // with its policies: the service uses the role from the start
    resource.node.addDependency(this.operatorRole);
    // as instances of Amazon EC2 do: sessions may start as soon as it is there
    resource.node.addDependency(props.vpc.selectSubnets(props.vpcSubnets).internetConnectivityEstablished);
    this.capacityProviderArn = resource.getAtt('Arn').toString();
    this.capacityProviderId = resource.getAtt('CapacityProviderId').toString();
    if (props.instanceProfile) allowInstanceProfile(this, this.operatorRole, props.instanceProfile);

    addInfo(this, 'cdk-agentcore-runtime:changeReplacesCapacityProvider',
      'any change to this capacity provider other than to its description and tags replaces it, and that deletes all of its sessions and volumes; '
      + 'save what must last before you deploy.');
  }

  /** The names of the volumes, in the order in which they were added. */
  public get volumeNames(): string[] {
    return this.volumes.map(({ name }) => name);
  }

  /**
   * Adds a volume, of which each session gets one of its own; `Mount.capacityProviderVolume` mounts it by its name.
   *
   * A capacity provider takes 5 volumes.
   *
   * @param name a letter, then letters, digits, `_` and `-`, 48 in all
   * @throws a single error that names everything that is wrong with the volume
   */
  public addVolume(name: string, options: CapacityProviderVolumeOptions): void {
    const volume = volumeOf(name, options);
    const at = (path: string) => ['volume', name, path].filter((part) => part !== '').join(' ');
    throwFaults(this, [
      ...byRule('volume', volumeViolations(known(volume) as EbsVolume).map(({ path, message }) => `${at(path)}: ${message}`)),
      ...byRule('volume', validateVolumes([...this.volumeNames, name])),
    ]);
    this.volumes.push(volume);
    if (options.encryptionKey) allowEncryption(this.operatorRole, options.encryptionKey);
  }

  /** The input of CreateCapacityProvider. */
  private input(props: CapacityProviderProps) {
    return { name: this.capacityProviderName, description: props.description, ...this.immutable(props) };
  }

  /** The part of it that cannot change. */
  private immutable(props: CapacityProviderProps) {
    return {
      permissionsConfiguration: { capacityProviderOperatorRoleArn: this.operatorRole.roleArn },
      computeConfiguration: computeConfiguration(props, this.connections.securityGroups, this.volumes),
    };
  }

  /**
   * A name that changes with what cannot change in place: the replacement is made while the old one is still there, and
   * could not have its name.
   */
  private generateName(props: CapacityProviderProps): string {
    const digest = createHash('sha256').update(JSON.stringify(Stack.of(this).resolve(this.immutable(props)))).digest('hex').slice(0, 8);
    const readable = Names.uniqueResourceName(this, { maxLength: MAX_CAPACITY_PROVIDER_NAME - digest.length - 1, separator: '_', allowedSpecialCharacters: '_' });
    return `${readable}_${digest}`;
  }
}
