import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where an agent's code is mounted. */
export const CODE_PATH = '/var/task';

export interface AgentProgram {
  readonly argv: readonly string[];
  /** What is done in another way than in the service. */
  readonly notice?: string;
}

/**
 * How to start an agent. A script is given to the interpreter of its kind; of two entries the first is a program that
 * wraps the interpreter, such as `opentelemetry-instrument`, and is left out where it is not installed.
 *
 * @param runtime the service's name of it, such as `NODE_22`
 * @param searchPath where programs are found, as in PATH
 */
export function agentProgram(code: { directory: string; runtime: string; entryPoint: readonly string[] }, searchPath: string): AgentProgram {
  const { entryPoint } = code;
  const script = entryPoint[entryPoint.length - 1];
  const [first] = entryPoint;
  const plain = /\.(py|js|mjs|cjs)$/.test(script) ? [interpreterOf(script), script] : [script];
  if (entryPoint.length === 1) return { argv: plain };
  if (/^(node|python[0-9.]*)$/.test(first)) return { argv: entryPoint };
  if (isThere(join(code.directory, 'bin', first), constants.R_OK)) {
    // its first line names an interpreter of the machine that built it
    return { argv: ['python3', `${CODE_PATH}/bin/${first}`, ...plain] };
  }
  if (searchPath.split(delimiter).some((directory) => isThere(join(directory, first), constants.X_OK))) return { argv: [first, ...plain] };
  return { argv: plain, notice: `${first} is neither in the code's bin directory nor on the PATH, so ${script} is run without it` };
}

function interpreterOf(script: string): string {
  return script.endsWith('.py') ? 'python3' : 'node';
}

function isThere(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
