import { partitionOf } from '../../../service/partition';
import { AssetLookup } from '../assembly/locations';
import { ResourceHandler, ResourceRequest, ResourceResult } from '../engine/handler';
import { generatedName } from '../engine/names';
import { isObject, JsonObject } from '../json';
import { CodeStore } from '../lambda/code-store';

const MAX_NAME_LENGTH = 64;

/** Lambda functions: their code is taken over, and run when somebody calls. */
export class LambdaFunctionHandler implements ResourceHandler {
  constructor(private readonly code: CodeStore, private readonly assets: AssetLookup) {}

  public async create(request: ResourceRequest): Promise<ResourceResult> {
    const { stack, logicalId, properties } = request;
    return this.result(request, String(properties.FunctionName ?? generatedName(stack.stackName, logicalId, MAX_NAME_LENGTH)));
  }

  public async update(request: ResourceRequest & { readonly physicalId: string }): Promise<ResourceResult> {
    return this.result(request, request.physicalId);
  }

  public async delete(): Promise<void> {
    // nothing runs between two invocations; the code may belong to other functions too
  }

  public replaces(oldProperties: JsonObject, newProperties: JsonObject): boolean {
    return oldProperties.FunctionName !== newProperties.FunctionName || oldProperties.PackageType !== newProperties.PackageType;
  }

  private async result({ stack, properties }: ResourceRequest, name: string): Promise<ResourceResult> {
    const code = await this.takeCode(properties);
    return {
      physicalId: name,
      attributes: { Arn: `arn:${partitionOf(stack.region)}:lambda:${stack.region}:${stack.account}:function:${name}` },
      ...(code === undefined ? {} : { data: { code } }),
    };
  }

  /** Undefined for container images, which cannot run here: calling the function says so. */
  private async takeCode({ Code: code }: JsonObject): Promise<string | undefined> {
    if (!isObject(code)) throw new Error('property Code is missing');
    if (typeof code.ZipFile === 'string') return this.code.addInline(code.ZipFile);
    if (typeof code.S3Bucket === 'string' && typeof code.S3Key === 'string') {
      return this.code.addAsset({ bucket: code.S3Bucket, key: code.S3Key }, this.assets);
    }
    return undefined;
  }
}
