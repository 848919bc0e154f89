import { Readable, Writable } from 'node:stream';

/** How far a driver keeps sessions apart; see `docs/local.md`. */
export type DriverName = 'namespace-root' | 'namespace-user' | 'bubblewrap' | 'process';

/** What a session's compute is made of. */
export interface ComputeSpec {
  /** Tells this compute from every other one, also from an earlier one of the same session; safe as a file name. */
  readonly id: string;
  /** Directories of the host that appear at a path inside. */
  readonly mounts: readonly Mount[];
  /** The whole environment of its processes, apart from PATH and HOME, which the driver gives. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Mount {
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

/** The compute of one session: a microVM in the service, a set of processes here. */
export interface Compute {
  /** Resolves when the compute is gone, by `stop` or because something else has ended it. */
  readonly ended: Promise<void>;
  /** Starts a program inside, in a process group of its own. */
  exec(argv: readonly string[], options?: ExecOptions): ComputeProcess;
  /** Ends every process inside and drops everything outside of the mounts; returns when that is done. */
  stop(): Promise<void>;
}

export interface ExecOptions {
  /** Added to the environment of the compute. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A path inside; the root directory if absent. */
  readonly workingDirectory?: string;
}

export interface ComputeProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process has ended and its output is read: 128 + n for a signal, 127 where it could not start. */
  readonly exit: Promise<number>;
  /** Ends the process and all that it started in its group. */
  kill(): void;
}

export interface IsolationDriver {
  readonly name: DriverName;
  start(spec: ComputeSpec): Promise<Compute>;
}
