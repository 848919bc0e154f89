/** A template, as far as the order of its resources goes. */
export interface TemplateResources {
  readonly [logicalId: string]: { readonly DependsOn?: unknown };
}

/** Which resource of a template is deployed after which others, because it depends on them or refers to them. */
export class TemplateGraph {
  private readonly edges: ReadonlyMap<string, readonly string[]>;

  constructor(resources: TemplateResources) {
    const ids = new Set(Object.keys(resources));
    this.edges = new Map(Object.entries(resources).map(([id, resource]) => [
      id,
      [...new Set([...[resource.DependsOn ?? []].flat().map(String), ...namesIn(resource)])].filter((name) => ids.has(name) && name !== id),
    ]));
  }

  /** What a resource directly waits for. */
  public dependenciesOf(id: string): readonly string[] {
    return this.edges.get(id) ?? [];
  }

  /** A shortest chain from a resource to one that it waits for, both included; undefined where it does not wait for it. */
  public chain(from: string, to: string): string[] | undefined {
    const reachedFrom = new Map<string, string | undefined>([[from, undefined]]);
    // a set keeps the order of insertion and goes on with what is added meanwhile
    for (const id of reachedFrom.keys()) {
      if (id === to) return backFrom(to, reachedFrom);
      for (const next of this.dependenciesOf(id)) {
        if (!reachedFrom.has(next)) reachedFrom.set(next, id);
      }
    }
    return undefined;
  }
}

function backFrom(end: string, reachedFrom: ReadonlyMap<string, string | undefined>): string[] {
  const chain = [];
  for (let id: string | undefined = end; id !== undefined; id = reachedFrom.get(id)) chain.unshift(id);
  return chain;
}

/** The names that intrinsic functions in a value refer to; among them may be parameters and variables of `Fn::Sub`. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === 'Ref' && typeof inner === 'string' ? [inner] : []),
    ...(key === 'Fn::GetAtt' ? [String(Array.isArray(inner) ? inner[0] : inner).split('.')[0]] : []),
    ...(key === 'Fn::Sub' ? namesInSub(Array.isArray(inner) ? inner[0] : inner) : []),
    ...namesIn(inner),
  ]);
}

function namesInSub(text: unknown): string[] {
  return [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name.trim().split('.')[0]);
}
