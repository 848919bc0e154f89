import { documentOf, iamArn, textsOf, uniqueId } from './names';
import { ExistingRequest, ResourceFailure, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../../engine/handler';
import { generatedName } from '../../engine/names';
import { messageOf } from '../../errors';
import { JsonObject } from '../../json';
import { LocalIam } from '../../local-iam';

const MAX_NAME_LENGTH = 128;

/** `AWS::IAM::ManagedPolicy`, with the roles to which it attaches itself. */
export class ManagedPolicyHandler implements ResourceHandler {
  constructor(private readonly iam: LocalIam) {}

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    const { stack, logicalId, properties } = request;
    const name = String(properties.ManagedPolicyName ?? generatedName(stack.stackName, logicalId, MAX_NAME_LENGTH));
    const arn = iamArn(request, 'policy', name);
    try {
      return await this.apply(request, arn, {});
    } catch (error) {
      throw new ResourceFailure(messageOf(error), arn, error);
    }
  }

  public async update(request: UpdateRequest): Promise<ResourceResult> {
    return this.apply(request, request.physicalId, request.oldProperties);
  }

  public async delete({ physicalId }: ExistingRequest): Promise<void> {
    await this.iam.delete(['policies', physicalId]);
  }

  public replaces(before: JsonObject, after: JsonObject): boolean {
    return ['ManagedPolicyName', 'Path', 'Description'].some((name) => before[name] !== after[name]);
  }

  private async apply({ properties }: ResourceRequest, arn: string, before: JsonObject): Promise<ResourceResult> {
    await this.iam.put(['policies', arn], documentOf(properties.PolicyDocument));
    const roles = textsOf(properties.Roles);
    for (const role of textsOf(before.Roles)) {
      if (!roles.includes(role)) await this.iam.delete(['roles', role, 'attachments', arn]);
    }
    for (const role of roles) await this.iam.putOnRole(role, ['attachments', arn]);
    return { physicalId: arn, attributes: { PolicyArn: arn, PolicyId: uniqueId('ANPA', arn) } };
  }
}
