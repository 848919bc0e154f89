import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Longer than an engine takes that works at all. */
const PROBE_MILLISECONDS = 10_000;

/** Runs the `docker` program; resolves with its output, rejects with its complaint. */
export async function docker(args: readonly string[], env: NodeJS.ProcessEnv = process.env, timeout = 0): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('docker', [...args], { env, timeout, maxBuffer: 2 ** 24 });
    return stdout.trim();
  } catch (error) {
    const { code, stderr = '', message } = error as NodeJS.ErrnoException & { stderr?: string };
    if ((code as string) === 'ENOENT') throw new Error('program docker is not found');
    throw new Error(`docker ${args[0]}: ${stderr.trim() || message}`);
  }
}

/** A Docker engine, as far as the local AgentCore asks it. */
export interface DockerEngine {
  /** Its version, or why there is none. */
  readonly description: string;
  /** Whether it has an image, so that nothing has to be pulled. */
  has(image: string): Promise<boolean>;
}

/** Asks once whether an engine answers. */
export async function findEngine(): Promise<DockerEngine> {
  try {
    const version = await docker(['version', '--format', '{{.Server.Version}}'], process.env, PROBE_MILLISECONDS);
    return { description: `Docker ${version}`, has: async (image) => docker(['image', 'inspect', '--format', '{{.Id}}', image]).then(() => true, () => false) };
  } catch (error) {
    return { description: `no Docker engine answers: ${(error as Error).message.split('\n')[0]}`, has: async () => false };
  }
}
