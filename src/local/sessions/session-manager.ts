import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '../service-error';
import { writePreloads } from './agent/preload';
import { AgentRequest, AgentResponse, CommandEnd, CommandRequest, CommandSink, SessionInfo, SessionKey, Sessions, ShellHandle, VersionSpec } from './contract';
import { ContainerCompute, ContainerSpec, startContainer } from './docker/container';
import { DockerEngine } from './docker/engine';
import { IsolationDriver } from './driver';
import { endsNow, noAgent, Session } from './session';
import { digestOf, SessionStorageStore } from './storage';
import { StorageRules } from './storage-watch';
import { tokenize, TokenizerMode } from './tokenizer';

/** What becomes of a call for a session that is starting or ending: it waits, or is answered with RetryableConflictException. */
export type InTransitMode = 'wait' | 'conflict';

export const IN_TRANSIT_MODES: readonly InTransitMode[] = ['wait', 'conflict'];

export interface SessionManagerOptions {
  readonly stateDir: string;
  readonly driver: IsolationDriver;
  readonly tokenizer: TokenizerMode;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** How long an agent may take until it is healthy. */
  readonly agentStartMilliseconds: number;
  readonly inTransit: InTransitMode;
  readonly storageRules: StorageRules;
  /** Runs container images; they do not run unless given. */
  readonly engine?: DockerEngine;
}

/** A session from its first call on, also while it starts and while it ends. */
interface Entry {
  readonly key: SessionKey;
  readonly starting: Promise<Session>;
  /** Ends the waiting for its agent. */
  readonly abandon: () => void;
  session?: Session;
  stopping?: Promise<void>;
}

/** How often sessions are looked at; the service may be so late too. */
const REVIEW_MILLISECONDS = 15_000;

const EXPIRY_MILLISECONDS = 60 * 60 * 1000;

/** The sessions of all runtimes: started by the first call, on the version of that call, ended by `stop` or when their time is over. */
export class SessionManager implements Sessions {
  private readonly entries = new Map<string, Entry>();
  private readonly storage: SessionStorageStore;
  private readonly preloads: string;
  private readonly shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
  private readonly reviews: NodeJS.Timeout;
  private expiredAt = 0;
  private closing = false;

  constructor(private readonly options: SessionManagerOptions) {
    this.storage = new SessionStorageStore(options.stateDir, options.now);
    this.preloads = writePreloads(options.stateDir);
    this.reviews = setInterval(() => {
      this.review().catch((error: Error) => options.log(`sessions cannot be looked through: ${error.message}`));
    }, REVIEW_MILLISECONDS).unref();
  }

  public async run(key: SessionKey, version: VersionSpec, request: CommandRequest, sink: CommandSink, signal?: AbortSignal): Promise<CommandEnd> {
    const argv = tokenize(request.command, this.options.tokenizer, this.shell);
    const session = await this.obtain(key, version);
    try {
      return await session.run({ argv, timeoutSeconds: request.timeoutSeconds, sink, signal });
    } finally {
      this.storage.touch(key);
    }
  }

  public async invoke(key: SessionKey, version: VersionSpec, request: AgentRequest): Promise<AgentResponse> {
    // a session that runs already keeps its version, which may have an agent
    if (version.code === undefined && !this.entries.has(digestOf(key)) && !await this.hasImage(version)) throw noAgent(version);
    const session = await this.obtain(key, version);
    this.storage.touch(key);
    return session.invoke(request);
  }

  public async openShell(key: SessionKey, version: VersionSpec, shellId: string): Promise<ShellHandle> {
    const session = await this.obtain(key, version);
    this.storage.touch(key);
    return session.openShell(shellId);
  }

  public async stop(key: SessionKey): Promise<void> {
    const entry = this.entries.get(digestOf(key));
    if (entry === undefined || entry.stopping !== undefined) {
      throw new ServiceError('ResourceNotFoundException', `no session ${key.sessionId} is running on endpoint ${key.endpointName} of runtime ${key.runtimeId}`);
    }
    if (entry.session === undefined) this.refuseInTransit(key, 'starts');
    entry.session?.lifetime.touch();
    await this.end(entry);
  }

  public async forget(runtimeId: string, endpointName?: string): Promise<void> {
    const meant = () => [...this.entries.values()]
      .filter(({ key }) => key.runtimeId === runtimeId && (endpointName === undefined || key.endpointName === endpointName));
    // a call that waited for the end of a session has begun another
    for (let entries = meant(); entries.length > 0; entries = meant()) await Promise.all(entries.map((entry) => this.end(entry)));
    this.storage.forget(runtimeId, endpointName);
  }

  public list(): SessionInfo[] {
    return this.running().map(({ key, session }) => {
      const { version: { version }, lifetime: { startedAt, lastActiveAt } } = session;
      return { ...key, version, startedAt, lastActiveAt, storage: session.storageReport };
    });
  }

  public async review(): Promise<void> {
    await Promise.all(this.running().map(({ session }) => session.observe()));
    await Promise.all(this.running().map(async (entry) => {
      const reason = entry.session.lifetime.over();
      if (reason !== undefined) await this.endBecause(entry, reason);
    }));
    if (this.options.now() - this.expiredAt < EXPIRY_MILLISECONDS) return;
    this.expiredAt = this.options.now();
    this.storage.expire((digest) => this.entries.has(digest));
  }

  public async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.reviews);
    await Promise.all([...this.entries.values()].map((entry) => this.end(entry)));
  }

  private running(): (Entry & { readonly session: Session })[] {
    return [...this.entries.values()].filter((entry): entry is Entry & { readonly session: Session } => (
      entry.session !== undefined && entry.stopping === undefined
    ));
  }

  /** The running session of a key, the one that is starting, or a new one. */
  private async obtain(key: SessionKey, version: VersionSpec): Promise<Session> {
    const digest = digestOf(key);
    for (let entry = this.entries.get(digest); entry?.stopping !== undefined; entry = this.entries.get(digest)) {
      this.refuseInTransit(key, 'ends');
      await entry.stopping;
    }
    if (this.closing) throw new ServiceError('ServiceUnavailableException', 'the local AgentCore is shutting down');
    const running = this.entries.get(digest);
    if (running === undefined) return this.begin(key, digest, version).starting;
    if (running.session === undefined) this.refuseInTransit(key, 'starts');
    // so that a review, which may come first, finds it in use
    else running.session.lifetime.touch();
    return running.starting;
  }

  private begin(key: SessionKey, digest: string, version: VersionSpec): Entry {
    const abandoned = new AbortController();
    const entry: Entry = { key, starting: this.startSession(key, digest, version, abandoned.signal), abandon: () => abandoned.abort(endsNow()) };
    this.entries.set(digest, entry);
    entry.starting.then((session) => {
      entry.session = session;
      void session.whenBroken().then((reason) => {
        if (entry.stopping !== undefined) return undefined;
        return this.endBecause(entry, reason);
      });
    }, () => this.drop(entry));
    return entry;
  }

  /** Ends a session that nobody has stopped. */
  private async endBecause(entry: Entry, reason: string): Promise<void> {
    const { sessionId, runtimeId } = entry.key;
    this.options.log(`session ${sessionId} of ${runtimeId} ends: ${reason}`);
    await this.end(entry).catch((error: Error) => this.options.log(`session ${sessionId} of ${runtimeId} did not end cleanly: ${error.message}`));
  }

  private refuseInTransit({ sessionId }: SessionKey, what: 'starts' | 'ends'): void {
    if (this.options.inTransit === 'wait') return;
    throw new ServiceError('RetryableConflictException', `session ${sessionId} ${what} at this moment; try again`);
  }

  private async startSession(key: SessionKey, digest: string, version: VersionSpec, abandoned: AbortSignal): Promise<Session> {
    const { stateDir, driver, now, log, agentStartMilliseconds, storageRules } = this.options;
    const isContainer = version.image !== undefined && await this.hasImage(version);
    return Session.start({
      id: `${digest}-${randomUUID().slice(0, 8)}`,
      driver,
      container: isContainer ? async (spec: ContainerSpec) => this.startContainer(spec) : undefined,
      version,
      storage: this.storage.open(key, version),
      storageRules,
      preloads: this.preloads,
      now,
      agent: {
        sessionId: key.sessionId,
        logFile: join(stateDir, 'logs', 'agents', key.runtimeId, `${digest}.log`),
        startMilliseconds: agentStartMilliseconds,
        abandoned,
        log,
      },
    });
  }

  private async hasImage({ image }: VersionSpec): Promise<boolean> {
    return image !== undefined && this.options.engine !== undefined && this.options.engine.has(image);
  }

  /** What Docker refuses, the service would refuse as a failure of the runtime. */
  private async startContainer(spec: ContainerSpec): Promise<ContainerCompute> {
    try {
      return await startContainer(this.options.stateDir, spec);
    } catch (error) {
      throw new ServiceError('RuntimeClientError', `container of image ${spec.image} does not start: ${(error as Error).message}`);
    }
  }

  /** Ends a session, once; one that is still starting gets there first, but for its agent. */
  private end(entry: Entry): Promise<void> {
    entry.abandon();
    entry.stopping ??= entry.starting
      .then(async (session) => {
        await session.stop();
        this.storage.settle(entry.key, session.lifetime.lastActiveAt);
      }, () => undefined)
      .finally(() => this.drop(entry));
    return entry.stopping;
  }

  private drop(entry: Entry): void {
    const digest = digestOf(entry.key);
    if (this.entries.get(digest) === entry) this.entries.delete(digest);
  }
}
