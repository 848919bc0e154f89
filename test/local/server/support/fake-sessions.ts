import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DescribedSessions } from '../../../../src/local/server';
import { ServiceError } from '../../../../src/local/service-error';
import {
  AgentRequest, AgentResponse, CommandEnd, CommandRequest, CommandSink, SessionInfo, SessionKey, VersionSpec,
} from '../../../../src/local/sessions/contract';

/** Sessions without isolation: commands run in /bin/sh, the agent is whatever a test says. */
export class FakeSessions implements DescribedSessions {
  public readonly driver = 'fake';
  public readonly driverNotes = ['for tests'];
  public readonly tokenizer = 'shell';
  public reviews = 0;
  public readonly forgotten: string[] = [];
  public readonly specs: VersionSpec[] = [];
  public readonly requests: AgentRequest[] = [];
  public readonly commands: CommandRequest[] = [];
  /** Replaces what `run` does. */
  public onRun?: (sink: CommandSink, signal?: AbortSignal) => Promise<CommandEnd>;
  public onInvoke?: (spec: VersionSpec, request: AgentRequest) => AgentResponse;
  public onForget?: () => Promise<void>;
  private readonly running = new Map<string, SessionInfo>();
  private readonly children = new Set<ChildProcess>();

  public async run(key: SessionKey, version: VersionSpec, request: CommandRequest, sink: CommandSink, signal?: AbortSignal): Promise<CommandEnd> {
    this.begin(key, version);
    this.commands.push(request);
    if (this.onRun) return this.onRun(sink, signal);
    if (request.command === 'fail') {
      sink.onStart();
      throw new ServiceError('ThrottlingException', 'told to fail');
    }
    // a group of its own, so that all that the command starts ends with it
    const child = spawn('/bin/sh', ['-c', request.command], { env: { PATH: process.env.PATH, ...version.environment }, detached: true });
    this.children.add(child);
    sink.onStart();
    signal?.addEventListener('abort', () => end(child));
    const closed = once(child, 'close');
    const read = async (stream: Readable, take: (chunk: Buffer) => void | Promise<void>) => {
      for await (const chunk of stream) await take(chunk);
    };
    await Promise.all([read(child.stdout, async (chunk) => sink.onStdout(chunk)), read(child.stderr, async (chunk) => sink.onStderr(chunk))]);
    const [code] = await closed;
    this.children.delete(child);
    return { exitCode: code ?? -1, status: 'COMPLETED' };
  }

  public async invoke(key: SessionKey, version: VersionSpec, request: AgentRequest): Promise<AgentResponse> {
    this.begin(key, version);
    this.requests.push(request);
    if (this.onInvoke) return this.onInvoke(version, request);
    if (!version.code) throw new ServiceError('RuntimeClientError', version.noAgentReason ?? 'no reason given');
    const main = readFileSync(join(version.code.directory, version.code.entryPoint[0]), 'utf8');
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Readable.from([JSON.stringify({ main, got: request.body.toString() })]) };
  }

  public async openShell(): Promise<never> {
    throw new ServiceError('RuntimeClientError', 'these sessions have no shells');
  }

  public async stop(key: SessionKey): Promise<void> {
    if (!this.running.delete(idOf(key))) throw new ServiceError('ResourceNotFoundException', `session ${key.sessionId} does not run`);
  }

  public async forget(runtimeId: string, endpointName?: string): Promise<void> {
    await this.onForget?.();
    this.forgotten.push(endpointName === undefined ? runtimeId : `${runtimeId} ${endpointName}`);
  }

  public list(): SessionInfo[] {
    return [...this.running.values()];
  }

  public async review(): Promise<void> {
    this.reviews++;
  }

  public async close(): Promise<void> {
    for (const child of this.children) end(child);
  }

  private begin(key: SessionKey, version: VersionSpec): void {
    this.specs.push(version);
    this.running.set(idOf(key), { ...key, version: version.version, startedAt: 0, lastActiveAt: 0 });
  }
}

function end(child: ChildProcess): void {
  // what it has left in the background goes on
  if (child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function idOf({ runtimeId, endpointName, sessionId }: SessionKey): string {
  return `${runtimeId} ${endpointName} ${sessionId}`;
}
