import { Graph } from '../template/graph';

export interface Failure {
  readonly logicalId: string;
  readonly reason: string;
}

export interface WalkResult {
  /** In the order in which they happened. */
  readonly failures: readonly Failure[];
  /** Nodes that were never begun. */
  readonly skipped: readonly string[];
}

/**
 * Visits the nodes of a graph, each after all that it depends on, independent ones at the same time.
 *
 * @param visit resolves to undefined, or to the reason why it failed
 * @param afterFailure `stop`: begin nothing more, only await what runs; `continue`: leave out only what depends on the
 * failed node; `ignore`: go on as if it had not failed
 */
export async function walk(
  graph: Graph,
  visit: (node: string) => Promise<string | undefined>,
  afterFailure: 'stop' | 'continue' | 'ignore',
): Promise<WalkResult> {
  const waiting = new Set(graph.keys());
  const done = new Set<string>();
  const failures: Failure[] = [];
  const running = new Map<string, Promise<void>>();
  let crash: { readonly error: unknown } | undefined;

  const begin = (node: string) => {
    waiting.delete(node);
    running.set(node, visit(node).then(
      (reason) => {
        if (reason === undefined || afterFailure === 'ignore') done.add(node);
        if (reason !== undefined) failures.push({ logicalId: node, reason });
      },
      (error) => {
        crash ??= { error };
      },
    ).finally(() => running.delete(node)));
  };
  for (;;) {
    const stopped = crash !== undefined || (afterFailure === 'stop' && failures.length > 0);
    if (!stopped) {
      [...waiting].filter((node) => [...graph.get(node)!].every((before) => done.has(before) || !graph.has(before))).forEach(begin);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (crash) throw crash.error;
  return { failures, skipped: [...waiting] };
}
