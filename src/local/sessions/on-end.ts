import { Compute } from './driver';

const listenersOf = new WeakMap<Compute, Set<() => void>>();

/**
 * Has somebody told of the end of a compute, for as long as it matters: reactions to its promise would stay, with all that
 * they hold, for the life of the session.
 *
 * @returns takes the listener off again
 */
export function onEnd(compute: Compute, listener: () => void): () => void {
  const listeners = listenersOf.get(compute) ?? watch(compute);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function watch(compute: Compute): Set<() => void> {
  const listeners = new Set<() => void>();
  listenersOf.set(compute, listeners);
  void compute.ended.then(() => {
    listenersOf.delete(compute);
    for (const tell of listeners) tell();
  });
  return listeners;
}
