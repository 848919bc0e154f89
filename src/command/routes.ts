import { DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Stack, StringConcat, Tokenization } from 'aws-cdk-lib';
import { CfnRuntime, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { CfnSubnet, Subnet } from 'aws-cdk-lib/aws-ec2';
import { IDependable } from 'constructs';

/**
 * What makes the subnets of a runtime reach anything outside, as far as this app declares them.
 *
 * The runtime is ready before its NAT gateways are, but a session cannot fetch its image or mount its storage without them.
 */
export function routesOf(runtime: IRuntimeRef): IDependable[] {
  const resource = CfnRuntime.isCfnRuntime(runtime) ? runtime : runtime.node.defaultChild;
  if (!CfnRuntime.isCfnRuntime(resource) || resource.networkConfiguration === undefined) return [];
  return subnetsIn(resource, resource.networkConfiguration).map(({ internetConnectivityEstablished }) => internetConnectivityEstablished);
}

function subnetsIn(resource: CfnRuntime, network: unknown): Subnet[] {
  const resolver = new ReferenceRecorder(new StringConcat());
  Tokenization.resolve(network, { scope: Stack.of(resource), resolver, preparing: false });
  return [...resolver.references]
    .filter(({ target }) => CfnSubnet.isCfnSubnet(target))
    .map(({ target }) => target.node.scope)
    .filter((scope): scope is Subnet => Subnet.isVpcSubnet(scope));
}

class ReferenceRecorder extends DefaultTokenResolver {
  public readonly references = new Set<Reference>();

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): any {
    if (Reference.isReference(token)) this.references.add(token);
    return super.resolveToken(token, context, postProcessor);
  }
}
