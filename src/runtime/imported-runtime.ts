import { ArnFormat, Resource, ResourceProps, Stack, Token } from 'aws-cdk-lib';
import { AgentRuntimeAttributes, RuntimeBase, RuntimeReference } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Connections } from 'aws-cdk-lib/aws-ec2';
import { IPrincipal, IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { IAgentRuntime } from './agent-runtime-interface';
import { throwFaults } from './faults';
import { byRule } from './rule-id';
import { parseRuntimeArn } from '../service/arn';

/** A runtime of which nothing but its ARN is known; it is in the account and the region of the ARN. */
export class RuntimeOfArn extends Resource implements IAgentRuntime {
  public readonly agentRuntimeId: string;

  constructor(scope: Construct, id: string, public readonly agentRuntimeArn: string) {
    super(scope, id, environmentOf(agentRuntimeArn));
    throwFaults(this, byRule('runtimeArn', validateArn(agentRuntimeArn)));
    this.agentRuntimeId = runtimeIdOf(this, agentRuntimeArn);
  }

  public get runtimeRef(): RuntimeReference {
    return { agentRuntimeArn: this.agentRuntimeArn, agentRuntimeId: this.agentRuntimeId };
  }
}

/** As the official L2 imports a runtime, but in the account and the region of its ARN. */
export class RuntimeOfAttributes extends RuntimeBase {
  public readonly agentRuntimeArn: string;
  public readonly agentRuntimeId: string;
  public readonly agentRuntimeName: string;
  public readonly agentRuntimeVersion?: string;
  public readonly agentStatus?: string;
  public readonly description?: string;
  public readonly createdAt?: string;
  public readonly lastUpdatedAt?: string;
  public readonly role: IRole;
  public readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, attributes: AgentRuntimeAttributes) {
    super(scope, id, environmentOf(attributes.agentRuntimeArn));
    throwFaults(this, byRule('runtimeArn', [...validateArn(attributes.agentRuntimeArn), ...validateId(attributes)]));
    this.agentRuntimeArn = attributes.agentRuntimeArn;
    this.agentRuntimeId = attributes.agentRuntimeId;
    this.agentRuntimeName = attributes.agentRuntimeName;
    this.agentRuntimeVersion = attributes.agentRuntimeVersion;
    this.agentStatus = attributes.agentStatus;
    this.description = attributes.description;
    this.createdAt = attributes.createdAt;
    this.lastUpdatedAt = attributes.lastUpdatedAt;
    this.role = Role.fromRoleArn(this, 'Role', attributes.roleArn);
    this.grantPrincipal = this.role;
    if (attributes.securityGroups) this._connections = new Connections({ securityGroups: attributes.securityGroups });
  }
}

/** What is no ARN is told of by us, with the path of the construct. */
function environmentOf(arn: string): ResourceProps {
  return validateArn(arn).length > 0 ? {} : { environmentFromArn: arn };
}

function validateArn(arn: string): string[] {
  if (Token.isUnresolved(arn)) return [];
  const parts = parseRuntimeArn(arn);
  if (!parts) return [`agentRuntimeArn ${JSON.stringify(arn)} is not the ARN of a runtime, as arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/name-0123456789`];
  if (parts.endpointName !== undefined) return [`agentRuntimeArn ${JSON.stringify(arn)} is the ARN of an endpoint; leave out all from /runtime-endpoint on`];
  return [];
}

/** Two names for two runtimes would grant on the one and call the other. */
function validateId({ agentRuntimeArn, agentRuntimeId }: AgentRuntimeAttributes): string[] {
  if (Token.isUnresolved(agentRuntimeArn) || Token.isUnresolved(agentRuntimeId)) return [];
  const inArn = parseRuntimeArn(agentRuntimeArn)?.runtimeId;
  if (inArn === undefined || inArn === agentRuntimeId) return [];
  return [`agentRuntimeId is ${JSON.stringify(agentRuntimeId)}, but agentRuntimeArn names ${inArn}; give both of the same runtime`];
}

function runtimeIdOf(scope: IConstruct, arn: string): string {
  return parseRuntimeArn(arn)?.runtimeId ?? Stack.of(scope).splitArn(arn, ArnFormat.SLASH_RESOURCE_NAME).resourceName!;
}
