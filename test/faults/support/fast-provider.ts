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
 * The provider's bundle, loaded into this process: with an environment of its own, and in a time that passes quickly.
 *
 * @param onLog takes each line that it writes
 */
export function loadFastProvider(environment: Readonly<Record<string, string>>, onLog: (line: string) => void): Handler {
  const file = join(BUNDLE, 'index.js');
  const ownRequire = createRequire(file);
  const timers = ownRequire('node:timers/promises');
  const quickTimers = { ...timers, setTimeout: (millis: number, ...more: unknown[]) => timers.setTimeout(millis / SPEED, ...more) };
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
  const quickTimeout = (call: () => void, millis = 0, ...more: unknown[]) => (setTimeout as Function)(call, millis / SPEED, ...more);
  const begun = Date.now();
  const quickDate = new Proxy(Date, { get: (target, key) => (key === 'now' ? () => begun + (Date.now() - begun) * SPEED : Reflect.get(target, key)) });
  load(loaded, loaded.exports, requireQuickly, ownProcess, quickTimeout, quickDate, async (name: string) => requireQuickly(name), file, BUNDLE);
  return loaded.exports.handler;
}
