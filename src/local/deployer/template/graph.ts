/** For each node, in the order of the template, the nodes that have to come before it. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** A circle of a graph, from a node back to itself; undefined where there is none. */
export function findCycle(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | undefined => {
    if (done.has(node)) return undefined;
    const start = path.indexOf(node);
    if (start >= 0) return [...path.slice(start), node];
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The graph with all its edges turned round and its nodes in the opposite order. */
export function reversed(graph: Graph): Graph {
  const turned = new Map([...graph.keys()].reverse().map((node) => [node, new Set<string>()]));
  for (const [node, before] of graph) {
    for (const other of before) turned.get(other)?.add(node);
  }
  return turned;
}
