import { IResolveContext, Tokenization } from 'aws-cdk-lib';
import { AgentRuntimeArtifact, CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';

/** The object in S3 that a runtime runs the code of; its texts may be tokens. */
export interface RuntimeCode {
  readonly bucketName: string;
  readonly objectKey: string;
  readonly objectVersion?: string;
  /** Whether the CDK uploads it, to the bucket of assets. */
  readonly isAsset: boolean;
}

/** The code of a runtime of the official L2; undefined if it runs a container. */
export function codeOf(resource: CfnRuntime, artifact: AgentRuntimeArtifact): RuntimeCode | undefined {
  const { codeConfiguration } = unwrapped(resource.agentRuntimeArtifact, resource) as CfnRuntime.AgentRuntimeArtifactProperty;
  const { code } = (codeConfiguration ?? {}) as Partial<CfnRuntime.CodeConfigurationProperty>;
  const { s3 } = (code ?? {}) as CfnRuntime.CodeProperty;
  if (!s3) return undefined;
  const { bucket, prefix, versionId } = s3 as CfnRuntime.S3LocationProperty;
  return { bucketName: bucket, objectKey: prefix, objectVersion: versionId, isAsset: isAsset(resource, artifact) };
}

/** The official L2 makes the asset below the first runtime that has the artifact, and shows it nowhere else. */
function isAsset({ node: { scope } }: CfnRuntime, artifact: AgentRuntimeArtifact): boolean {
  return scope!.node.tryFindChild('AgentRuntimeArtifact') instanceof Asset || (artifact as unknown as { readonly asset?: unknown }).asset instanceof Asset;
}

/** A lazy value without its laziness; the texts in it keep their tokens, since they may name something of another stack. */
function unwrapped(value: unknown, scope: CfnRuntime): unknown {
  const context: IResolveContext = {
    scope,
    preparing: false,
    documentPath: [],
    registerPostProcessor: () => undefined,
    resolve: (inner: unknown): unknown => (Tokenization.isResolvable(inner) ? context.resolve(inner.resolve(context)) : inner),
  };
  return context.resolve(value);
}
