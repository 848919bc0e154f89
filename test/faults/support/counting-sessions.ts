import { DescribedSessions } from '../../../src/local/server';
import { SessionKey } from '../../../src/local/sessions/contract';

/** One start of a command. */
export interface Start extends SessionKey {
  readonly command: string;
}

/** Sessions that keep account of each command that was started in them. */
export function countingSessions(inner: DescribedSessions, starts: Start[]): DescribedSessions {
  return {
    driver: inner.driver,
    driverNotes: inner.driverNotes,
    tokenizer: inner.tokenizer,
    containers: inner.containers,
    storageChecks: inner.storageChecks,
    async run(key, version, request, sink, signal) {
      const onStart = () => {
        starts.push({ ...key, command: request.command });
        sink.onStart();
      };
      const counted = { onStart, onStdout: (chunk: Buffer) => sink.onStdout(chunk), onStderr: (chunk: Buffer) => sink.onStderr(chunk) };
      return inner.run(key, version, request, counted, signal);
    },
    invoke: async (key, version, request) => inner.invoke(key, version, request),
    openShell: async (key, version, shellId) => inner.openShell(key, version, shellId),
    stop: async (key) => inner.stop(key),
    forget: async (runtimeId, endpointName) => inner.forget(runtimeId, endpointName),
    list: () => inner.list(),
    review: async () => inner.review(),
    close: async () => inner.close(),
  };
}
