import { CfnParameter, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Stack, StringConcat, Tokenization } from 'aws-cdk-lib';
import { renderedText } from './rendered-text';

/** Whether a text is known only once some resource is there; parameters of the template are known before all resources. */
export function refersToResource(stack: Stack, text: string): boolean {
  let refers = false;
  renderedText(stack, text, (intrinsic) => {
    refers ||= !isKnownBefore(stack, intrinsic);
    return '';
  });
  return refers;
}

function isKnownBefore(stack: Stack, intrinsic: unknown): boolean {
  const { 'Ref': name, 'Fn::Sub': text } = intrinsic as { readonly 'Ref'?: string; readonly 'Fn::Sub'?: unknown };
  if (typeof text === 'string') return [...text.matchAll(/\$\{([^}]*)\}/g)].every(([, inner]) => isKnownBefore(stack, { Ref: inner }));
  if (name === undefined) return false;
  return name.startsWith('AWS::') || isParameter(stack, name);
}

function isParameter(stack: Stack, name: string): boolean {
  // those of nested stacks are below it, but in templates of their own
  const parameters = stack.node.findAll().filter((construct) => construct instanceof CfnParameter && construct.stack === stack) as CfnParameter[];
  return parameters.some(({ logicalId }) => stack.resolve(logicalId) === name);
}

/** The addresses of constructs of other stacks that a text refers to: before synth it has them by their logical ids, which stacks may share. */
export function referencesElsewhere(stack: Stack, text: string): string[] {
  const resolver = new ReferenceCollector();
  Tokenization.resolve(text, { scope: stack, resolver, preparing: false });
  return resolver.references.filter(({ target }) => Stack.of(target) !== stack).map(({ target }) => target.node.addr);
}

class ReferenceCollector extends DefaultTokenResolver {
  public readonly references: Reference[] = [];

  constructor() {
    super(new StringConcat());
  }

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) this.references.push(token);
    return super.resolveToken(token, context, postProcessor);
  }
}
