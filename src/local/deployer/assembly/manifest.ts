import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployerError, messageOf } from '../errors';
import { isObject } from '../json';

/** The parts of a cloud assembly's artifact that deploying reads; the schema's other members are left alone. */
export interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly displayName?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string>>;
    readonly file?: string;
    readonly directoryName?: string;
    readonly terminationProtection?: boolean;
  };
}

export interface Manifest {
  readonly version: string;
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

/**
 * The manifest of a cloud assembly.
 *
 * @throws DeployerError where the directory holds none
 */
export function readManifest(directory: string): Manifest {
  const manifest = readJson(join(directory, 'manifest.json'), `${directory} is not a cloud assembly; run \`cdk synth\` and name its output directory`);
  if (!isObject(manifest)) throw new DeployerError(`${join(directory, 'manifest.json')} holds no manifest; run \`cdk synth\` again`);
  return { version: String(manifest.version), artifacts: (manifest.artifacts ?? {}) as Manifest['artifacts'] };
}

/** The content of a file of an assembly; a missing one is told with the given advice. */
export function readJson(file: string, ifMissing: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) throw new DeployerError(`${ifMissing} (no ${file})`);
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DeployerError(`${file} is not valid JSON: ${messageOf(error)}; run \`cdk synth\` again`);
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
