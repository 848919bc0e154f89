import { IFragmentConcatenator, IPostProcessor, IResolvable, IResolveContext, ResolveChangeContextOptions, Stack, Token, Tokenization } from 'aws-cdk-lib';

/**
 * A value as the template has it: what `stack.resolve` returns, at a fraction of its cost.
 *
 * Checks at synth look at whole resources, which the CDK resolves several times over by itself. Its resolver keeps track of
 * where each value stands; this one does not, and renders each token once. What it does not know, errors above all, is left
 * to the CDK's.
 */
export function render(stack: Stack, value: unknown): unknown {
  try {
    return new Renderer(stack).render(value);
  } catch {
    return stack.resolve(value);
  }
}

class Renderer {
  // such as the region, which stands in each ARN
  private readonly texts = new Map<string, unknown>();
  private readonly tokens = new Map<IResolvable, unknown>();

  constructor(private readonly stack: Stack) {}

  public render(value: unknown, keepEmpty = false): unknown {
    if (typeof value === 'string') return mayHoldToken(value) && Token.isUnresolved(value) ? this.text(value) : value;
    if (typeof value === 'number') return Token.isUnresolved(value) ? this.render(Tokenization.reverseNumber(value)) : value;
    if (typeof value === 'function') throw new Error('not data');
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    if (Array.isArray(value)) return this.list(value, keepEmpty);
    if (Tokenization.isResolvable(value)) return this.token(value, keepEmpty);
    const rendered: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      const inner = this.render(item, keepEmpty);
      if (inner !== undefined || keepEmpty) rendered[this.key(key)] = inner;
    }
    return rendered;
  }

  private key(key: string): string {
    if (!mayHoldToken(key)) return key;
    const rendered = this.render(key);
    if (typeof rendered !== 'string') throw new Error('an intrinsic function as key');
    return rendered;
  }

  private text(value: string): unknown {
    return once(this.texts, value, () => Tokenization.reverseString(value).mapTokens({
      mapToken: (token) => once(this.tokens, token, () => this.render(token)),
    }).join(JOIN));
  }

  private list(values: readonly unknown[], keepEmpty: boolean): unknown {
    const token = values.length === 1 && Token.isUnresolved(values) ? Tokenization.reverseList(values as string[]) : undefined;
    if (token) return this.render(token);
    return values.map((value) => this.render(value, keepEmpty)).filter((value) => value !== undefined || keepEmpty);
  }

  private token(token: IResolvable, keepEmpty: boolean): unknown {
    let processor: IPostProcessor | undefined;
    const context: IResolveContext = {
      scope: this.stack,
      preparing: false,
      documentPath: [],
      registerPostProcessor: (registered) => { processor = registered; },
      resolve: (value: unknown, { allowIntrinsicKeys, removeEmpty = !keepEmpty }: ResolveChangeContextOptions = {}) => {
        if (allowIntrinsicKeys) throw new Error('intrinsic functions as keys');
        return this.render(value, !removeEmpty);
      },
    };
    const rendered = this.render(token.resolve(context), keepEmpty);
    return processor ? processor.postProcess(rendered, context) : rendered;
  }
}

function once<Key>(known: Map<Key, unknown>, key: Key, produce: () => unknown): unknown {
  if (!known.has(key)) known.set(key, produce());
  return known.get(key);
}

/** Most texts do not, and this is the fastest way to know. */
function mayHoldToken(text: string): boolean {
  return text.includes('${');
}

/** Joins parts of a text, into as few as can be. */
const JOIN: IFragmentConcatenator = {
  join(left: unknown, right: unknown): unknown {
    const parts: unknown[] = [];
    for (const part of [...partsOf(left), ...partsOf(right)]) {
      if (isLiteral(part) && isLiteral(parts.at(-1))) parts.push(`${parts.pop()}${part}`);
      else parts.push(part);
    }
    return parts.length > 1 ? { 'Fn::Join': ['', parts] } : parts[0] ?? '';
  },
};

function partsOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  const [separator, parts] = (value as { readonly 'Fn::Join'?: readonly unknown[] } | null)?.['Fn::Join'] ?? [];
  return separator === '' && Array.isArray(parts) ? parts : [value];
}

function isLiteral(part: unknown): boolean {
  return typeof part === 'string' || typeof part === 'number';
}
