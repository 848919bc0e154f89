import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UnsentEvent } from '../../../src/local/deployer/protocol/event';
import { LambdaContext } from '../../../src/provider/event';
import { BUNDLE } from '../../util/bundle';

export type Handler = (event: UnsentEvent & { readonly ResponseURL: string }, context: LambdaContext) => Promise<void>;

/** How many times faster than ours the provider's time passes. */
export const SPEED = 100;

/**
 * How much of our time counts at most from one turn of the event loop to the next, in milliseconds: a machine that is busy with
 * something else must not look like a service that is slow.
 */
const LONGEST_TURN_MILLIS = 3;

/** The provider's time, which all that are loaded here share. */
class QuickTime {
  private millis = Date.now();
  private seen = performance.now();

  constructor() {
    const turn = () => {
      const now = performance.now();
      this.millis += Math.min(now - this.seen, LONGEST_TURN_MILLIS) * SPEED;
      this.seen = now;
    };
    setInterval(turn, 1).unref();
  }

  public readonly now = () => Math.floor(this.millis);

  public readonly timeout = (call: (...more: unknown[]) => void, millis = 0, ...more: unknown[]) => {
    const due = this.millis + millis;
    // looks again and again, as time may pass more slowly than it should; `clearTimeout` ends it all the same
    const timer = setInterval(() => {
      if (this.millis < due) return;
      clearInterval(timer);
      call(...more);
    }, Math.min(Math.max(millis / SPEED, 1), LONGEST_TURN_MILLIS));
    return timer;
  };

  /** The one of `node:timers/promises`. */
  public readonly sleep = async (millis = 0, value?: unknown, options: { readonly signal?: AbortSignal } = {}) => new Promise((resolve, reject) => {
    const { signal } = options;
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(Object.assign(new Error('The operation was aborted', { cause: signal!.reason }), { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    const timer = this.timeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, millis);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

let quickTime: QuickTime | undefined;

/**
 * The provider's bundle, loaded into this process: with an environment of its own, and in a time that passes quickly.
 *
 * @param onLog takes each line that it writes
 */
export function loadFastProvider(environment: Readonly<Record<string, string>>, onLog: (line: string) => void): Handler {
  const file = join(BUNDLE, 'index.js');
  const ownRequire = createRequire(file);
  const timers = ownRequire('node:timers/promises');
  const time = quickTime ??= new QuickTime();
  const quickTimers = { ...timers, setTimeout: time.sleep };
  const requireQuickly = (name: string) => (/^(node:)?timers\/promises$/.test(name) ? quickTimers : ownRequire(name));
  const stdout = { write: (text: string) => text.trimEnd().split('\n').forEach(onLog) };
  const ownProcess = new Proxy(process, {
    get(target, key) {
      if (key === 'env') return environment;
      if (key === 'stdout') return stdout;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const loaded = { exports: {} as { handler: Handler } };
  // the source sees these in the place of the global ones
  const names = ['module', 'exports', 'require', 'process', 'setTimeout', 'Date', 'importModule', '__filename', '__dirname'];
  // jest's sandbox has no dynamic imports; those of the bundle are all of node's own modules
  const load = new Function(...names, readFileSync(file, 'utf8').replace(/\bimport\(/g, 'importModule('));
  const quickDate = new Proxy(Date, { get: (target, key) => (key === 'now' ? time.now : Reflect.get(target, key)) });
  load(loaded, loaded.exports, requireQuickly, ownProcess, time.timeout, quickDate, async (name: string) => requireQuickly(name), file, BUNDLE);
  return loaded.exports.handler;
}
