import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Compute, ComputeProcess, ComputeSpec, ExecOptions, IsolationDriver } from '../driver';
import { removeTree } from '../remove-tree';
import { Child, IN_DIRECTORY, startChild } from './child';
import { forgetCompute, recordCompute } from './compute-records';
import { PathMapping, rewritePaths } from './path-rewrite';
import { killMarked, MARKER_VARIABLE } from './process-table';
import { searchPath } from './search-path';

/**
 * Sessions as plain processes of this host, for hosts without namespaces: a directory of their own for home and
 * temporary files, mount paths rewritten where they stand in a command or a variable. Nothing else is kept apart.
 */
export class ProcessDriver implements IsolationDriver {
  public readonly name = 'process';

  constructor(private readonly stateDir: string) {}

  public async start(spec: ComputeSpec): Promise<Compute> {
    const directory = join(realpathSync(tmpdir()), `agentcore-${spec.id}`);
    const cleanUp = () => {
      removeTree(directory);
      forgetCompute(this.stateDir, spec.id);
    };
    try {
      recordCompute(this.stateDir, { id: spec.id, driver: this.name, directory });
      mkdirSync(directory, { mode: 0o700 });
      for (const name of ['home', 'tmp']) mkdirSync(join(directory, name));
      const mappings = spec.mounts.map(({ hostPath, mountPath }) => ({
        inside: mountPath,
        outside: shellSafePath(realpathSync(hostPath), join(directory, 'mounts', mountPath)),
      }));
      return new ProcessCompute(spec, directory, mappings, cleanUp);
    } catch (error) {
      cleanUp();
      throw error;
    }
  }
}

/** A path that stays one word wherever it is put into shell text: the given one, or a link to it. */
function shellSafePath(path: string, link: string): string {
  if (/^[A-Za-z0-9._/@+-]+$/.test(path)) return path;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(path, link);
  return link;
}

class ProcessCompute implements Compute {
  public readonly ended: Promise<void>;
  private readonly children = new Set<Child>();
  private readonly environment: Record<string, string>;
  private markEnded!: () => void;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly spec: ComputeSpec,
    private readonly directory: string,
    private readonly mappings: readonly PathMapping[],
    private readonly cleanUp: () => void,
  ) {
    this.ended = new Promise((resolve) => { this.markEnded = resolve; });
    this.environment = {
      PATH: searchPath(),
      HOME: join(directory, 'home'),
      TMPDIR: join(directory, 'tmp'),
      ...Object.fromEntries(mappings.map(({ outside }, n) => [`AGENTCORE_LOCAL_MOUNT_${n}`, outside])),
    };
  }

  public exec(argv: readonly string[], options: ExecOptions = {}): ComputeProcess {
    if (this.stopping !== undefined) throw new Error(`compute ${this.spec.id} has ended, nothing can start in it`);
    const given = { ...this.spec.environment, ...options.environment };
    const child = startChild('/bin/sh', [
      '-c', IN_DIRECTORY, this.rewrite(options.workingDirectory ?? this.directory), ...argv.map((word) => this.rewrite(word)),
    ], {
      cwd: this.directory,
      env: {
        ...this.environment,
        ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, this.rewrite(value)])),
        [MARKER_VARIABLE]: this.spec.id,
      },
    });
    this.children.add(child);
    void child.ended.then((groupLives) => {
      if (!groupLives) this.children.delete(child);
    });
    return child;
  }

  public stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    // groups first, for what hides its environment; then whatever left its group, found by the marker that it inherited
    for (const child of this.children) child.killRemains();
    await killMarked(this.spec.id);
    await Promise.all([...this.children].map((child) => child.ended));
    this.cleanUp();
    this.markEnded();
  }

  private rewrite(text: string): string {
    return rewritePaths(text, this.mappings);
  }
}
