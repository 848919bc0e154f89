import { partitionOf } from '../../../service/partition';
import { ExistingRequest, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { generatedName } from '../engine/names';
import { isObject, JsonObject } from '../json';
import { LocalIam } from '../local-iam';

const MAX_NAME_LENGTH = 63;

/** Buckets: their objects are those of the local AgentCore; the key under which they are is one that callers need. */
export class BucketHandler implements ResourceHandler {
  constructor(private readonly iam: LocalIam) {}

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    const { stack, logicalId, properties } = request;
    // as CloudFormation makes them: a bucket has no capitals
    const name = String(properties.BucketName ?? generatedName(stack.stackName, logicalId, MAX_NAME_LENGTH)).toLowerCase();
    return this.apply(request, name);
  }

  public async update(request: UpdateRequest): Promise<ResourceResult> {
    return this.apply(request, request.physicalId);
  }

  public async delete({ physicalId }: ExistingRequest): Promise<void> {
    await this.iam.delete(['buckets', physicalId]);
  }

  public replaces(before: JsonObject, after: JsonObject): boolean {
    return before.BucketName !== after.BucketName;
  }

  private async apply({ stack: { region, account }, properties }: ResourceRequest, name: string): Promise<ResourceResult> {
    const partition = partitionOf(region);
    const key = keyOf(properties);
    if (key?.startsWith('alias/') || key?.includes(':alias/')) {
      this.iam.notice(`bucket ${name} is under ${key}; which key that is, is not known here, so that its use is not judged`);
      await this.iam.delete(['buckets', name]);
    } else if (key !== undefined) {
      const keyArn = key.startsWith('arn:') ? key : `arn:${partition}:kms:${region}:${account}:key/${key}`;
      await this.iam.put(['buckets', name], { keyArn });
    } else {
      await this.iam.delete(['buckets', name]);
    }
    return {
      physicalId: name,
      attributes: {
        Arn: `arn:${partition}:s3:::${name}`, DomainName: `${name}.s3.amazonaws.com`, RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      },
    };
  }
}

/** The customer's key of KMS under which objects are stored that name no other one. */
function keyOf({ BucketEncryption: encryption }: JsonObject): string | undefined {
  const { ServerSideEncryptionConfiguration: rules } = isObject(encryption) ? encryption : {};
  const [rule] = Array.isArray(rules) ? rules.filter(isObject) : [];
  const byDefault = rule && isObject(rule.ServerSideEncryptionByDefault) ? rule.ServerSideEncryptionByDefault : {};
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } = byDefault;
  return String(algorithm).startsWith('aws:kms') && typeof key === 'string' ? key : undefined;
}
