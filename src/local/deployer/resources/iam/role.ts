import { iamArn, inlinePoliciesOf, textsOf, uniqueId } from './names';
import { ExistingRequest, ResourceFailure, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../../engine/handler';
import { generatedName } from '../../engine/names';
import { messageOf } from '../../errors';
import { JsonObject } from '../../json';
import { LocalIam } from '../../local-iam';
import { tagsOf } from '../../template/stack-tags';

const MAX_NAME_LENGTH = 64;

/** `AWS::IAM::Role`: its policies decide what its functions and state machines may do; its trust policy is not looked at. */
export class RoleHandler implements ResourceHandler {
  constructor(private readonly iam: LocalIam) {}

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    const { stack, logicalId, properties } = request;
    const name = String(properties.RoleName ?? generatedName(stack.stackName, logicalId, MAX_NAME_LENGTH));
    try {
      return await this.apply(request, name, {});
    } catch (error) {
      throw new ResourceFailure(messageOf(error), name, error);
    }
  }

  public async update(request: UpdateRequest): Promise<ResourceResult> {
    return this.apply(request, request.physicalId, request.oldProperties);
  }

  public async delete({ physicalId }: ExistingRequest): Promise<void> {
    await this.iam.delete(['roles', physicalId]);
  }

  public replaces(before: JsonObject, after: JsonObject): boolean {
    return before.RoleName !== after.RoleName || before.Path !== after.Path;
  }

  private async apply(request: ResourceRequest, name: string, before: JsonObject): Promise<ResourceResult> {
    const { properties } = request;
    const arn = iamArn(request, 'role', name);
    const id = uniqueId('AROA', name);
    await this.iam.put(['roles', name], { arn, id, tags: tagsOf(properties) });
    await this.applyBoundary(name, before.PermissionsBoundary, properties.PermissionsBoundary);
    const policies = inlinePoliciesOf(properties.Policies);
    // what goes makes room for what comes
    for (const policy of inlinePoliciesOf(before.Policies).keys()) {
      if (!policies.has(policy)) await this.iam.delete(['roles', name, 'policies', policy]);
    }
    for (const [policy, document] of policies) await this.iam.put(['roles', name, 'policies', policy], document);
    const attached = textsOf(properties.ManagedPolicyArns);
    for (const policyArn of textsOf(before.ManagedPolicyArns)) {
      if (!attached.includes(policyArn)) await this.iam.delete(['roles', name, 'attachments', policyArn]);
    }
    for (const policyArn of attached) await this.iam.put(['roles', name, 'attachments', policyArn]);
    return { physicalId: name, attributes: { Arn: arn, RoleId: id } };
  }

  private async applyBoundary(name: string, before: unknown, boundary: unknown): Promise<void> {
    if (typeof boundary === 'string') await this.iam.put(['roles', name, 'boundary'], { policyArn: boundary });
    else if (before !== undefined) await this.iam.delete(['roles', name, 'boundary']);
  }
}
