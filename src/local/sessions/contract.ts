import { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { StorageReport } from './storage-watch';
import { Lifecycle } from '../../service/lifecycle';
import { CommandStatus } from '../../service/status';

/** What tells sessions apart: the same id on two endpoints is two sessions. */
export interface SessionKey {
  readonly runtimeId: string;
  readonly endpointName: string;
  readonly sessionId: string;
}

/** What a session needs to know of the version that it runs. */
export interface VersionSpec {
  readonly runtimeId: string;
  readonly version: string;
  readonly protocol: 'HTTP' | 'MCP' | 'A2A' | 'AGUI';
  readonly environment: Readonly<Record<string, string>>;
  readonly lifecycle: Required<Lifecycle>;
  /** The mount paths of its session storage. */
  readonly storageMounts: readonly string[];
  /** The agent's unpacked code; absent where no agent can run here. */
  readonly code?: { readonly directory: string; readonly runtime: string; readonly entryPoint: readonly string[] };
  /** The agent's container image; it runs where Docker has it. */
  readonly image?: string;
  /** Why no agent runs here and what to do about it; told to whoever invokes it. */
  readonly noAgentReason?: string;
}

export interface CommandRequest {
  readonly command: string;
  readonly timeoutSeconds: number;
}

/** Receives a command's output as it comes; a returned promise holds the command back until it resolves. */
export interface CommandSink {
  onStart(): void;
  onStdout(chunk: Buffer): void | Promise<void>;
  onStderr(chunk: Buffer): void | Promise<void>;
}

export interface CommandEnd {
  readonly exitCode: number;
  readonly status: CommandStatus;
}

export interface AgentRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface AgentResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export interface SessionInfo extends SessionKey {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds since the epoch; now, while a command runs. */
  readonly lastActiveAt: number;
  /** What was found in its storage, once somebody has looked. */
  readonly storage?: StorageReport;
}

/** One connection to a shell; what it is told of. */
export interface ShellSink {
  /** A returned promise holds the shell back until it resolves. */
  output(chunk: Buffer): void | Promise<void>;
  /** Takes what is to be known of the shell besides its output. */
  notice(text: string): void;
  /** @param exitCode undefined where the session has ended, and the shell with it */
  ended(exitCode: number | undefined): void;
  /** Another connection has taken its place. */
  replaced(): void;
}

/** What a connection finds. */
export interface ShellAttachment {
  /** Whether somebody was connected to this shell before. */
  readonly reconnected: boolean;
  /** What the shell has said since then. */
  readonly replay: Buffer;
  /** How much before the replay is lost. */
  readonly bytesDropped: number;
  readonly notice?: string;
}

/** An interactive shell of a session, which goes on without a connection. */
export interface ShellHandle {
  /** Whether nobody was ever connected to it. */
  readonly isForgotten: boolean;
  /** Takes the place of the connection that there is, if any. */
  attach(sink: ShellSink): ShellAttachment;
  detach(sink: ShellSink): void;
  /** A returned promise resolves when the shell takes more. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** In characters. */
  resize(columns: number, rows: number): void;
  kill(): void;
}

/** The sessions of all runtimes; throws `ServiceError` (see `../service-error.ts`) where the service answers with one. */
export interface Sessions {
  /** Runs a command, in the running session of this key or in a new one on the given version. */
  run(key: SessionKey, version: VersionSpec, request: CommandRequest, sink: CommandSink, signal?: AbortSignal): Promise<CommandEnd>;
  /** Hands a request to the agent and returns its response, unread. */
  invoke(key: SessionKey, version: VersionSpec, request: AgentRequest): Promise<AgentResponse>;
  /** The shell of an id in the session of this key, or a new one. */
  openShell(key: SessionKey, version: VersionSpec, shellId: string): Promise<ShellHandle>;
  /** Ends a session; its storage stays. Throws ResourceNotFoundException where none runs. */
  stop(key: SessionKey): Promise<void>;
  /** Ends the sessions of a runtime, or of one of its endpoints, and removes their storage. */
  forget(runtimeId: string, endpointName?: string): Promise<void>;
  list(): SessionInfo[];
  /** Sees how busy sessions are, ends those whose time is over, and removes storage that nobody has used for too long. */
  review(): Promise<void>;
  /** Ends all sessions; storage stays. */
  close(): Promise<void>;
}
