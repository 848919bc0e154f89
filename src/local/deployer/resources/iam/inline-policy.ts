import { documentOf, textsOf } from './names';
import { ExistingRequest, ResourceFailure, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../../engine/handler';
import { generatedName } from '../../engine/names';
import { messageOf } from '../../errors';
import { JsonObject } from '../../json';
import { LocalIam } from '../../local-iam';

/** An inline policy of one role (`AWS::IAM::RolePolicy`) or of several (`AWS::IAM::Policy`). */
export class InlinePolicyHandler implements ResourceHandler {
  constructor(private readonly iam: LocalIam, private readonly type: 'AWS::IAM::Policy' | 'AWS::IAM::RolePolicy') {}

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    const physicalId = generatedName(request.stack.stackName, request.logicalId);
    try {
      return await this.apply(request, physicalId, {});
    } catch (error) {
      throw new ResourceFailure(messageOf(error), physicalId, error);
    }
  }

  public async update(request: UpdateRequest): Promise<ResourceResult> {
    return this.apply(request, request.physicalId, request.oldProperties);
  }

  public async delete({ properties }: ExistingRequest): Promise<void> {
    await this.remove(properties, {});
  }

  public replaces(before: JsonObject, after: JsonObject): boolean {
    return this.type === 'AWS::IAM::RolePolicy' && (before.PolicyName !== after.PolicyName || before.RoleName !== after.RoleName);
  }

  private async apply({ properties }: ResourceRequest, physicalId: string, before: JsonObject): Promise<ResourceResult> {
    const document = documentOf(properties.PolicyDocument);
    await this.remove(before, properties);
    for (const role of rolesOf(properties)) await this.iam.putOnRole(role, ['policies', String(properties.PolicyName)], document);
    return { physicalId, attributes: this.type === 'AWS::IAM::Policy' ? { Id: physicalId } : {} };
  }

  /** Removes the policy from the roles that no longer have it under its name. */
  private async remove(before: JsonObject, after: JsonObject): Promise<void> {
    const kept = before.PolicyName === after.PolicyName ? rolesOf(after) : [];
    for (const role of rolesOf(before)) {
      if (!kept.includes(role)) await this.iam.delete(['roles', role, 'policies', String(before.PolicyName)]);
    }
  }
}

function rolesOf({ Roles: roles, RoleName: role }: JsonObject): string[] {
  return role === undefined ? textsOf(roles) : [String(role)];
}
