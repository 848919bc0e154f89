import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CODE_PATH } from './entry-point';
import { NODE_PRELOAD } from './preload-node';
import { PYTHON_PRELOAD } from './preload-python';

/** Where the preloads are mounted. */
export const PRELOAD_PATH = '/run/agentcore-local';

const FILES = {
  'listen.js': NODE_PRELOAD,
  'python/agentcore_local_listen.py': PYTHON_PRELOAD.listen,
  'python/sitecustomize.py': PYTHON_PRELOAD.sitecustomize,
  // programs such as opentelemetry-instrument put a sitecustomize of their own in front
  'python/usercustomize.py': PYTHON_PRELOAD.usercustomize,
};

/** Writes the files that make an agent listen where its session has been given a port; returns their directory. */
export function writePreloads(stateDir: string): string {
  const directory = join(stateDir, 'preload');
  for (const [name, text] of Object.entries(FILES)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return directory;
}

/**
 * The variables of an agent that is to listen on `port` of the loopback interface, also if it knows only the contract's.
 *
 * @param environment the variables of its version, some of which are added to
 */
export function listenEnvironment(port: number, contractPort: number, environment: Readonly<Record<string, string>>): Record<string, string> {
  const list = (separator: string, ...parts: (string | undefined)[]) => parts.filter(Boolean).join(separator);
  return {
    PORT: String(port),
    AGENTCORE_LOCAL_LISTEN: `${contractPort}:${port}`,
    NODE_OPTIONS: list(' ', `--require ${PRELOAD_PATH}/listen.js`, environment.NODE_OPTIONS),
    PYTHONPATH: list(':', `${PRELOAD_PATH}/python`, CODE_PATH, environment.PYTHONPATH),
  };
}
