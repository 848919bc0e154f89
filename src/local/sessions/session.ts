import { PROTOCOL_CONTRACT } from '../../service/protocol';
import { ServiceError } from '../service-error';
import { Agent, AgentOptions } from './agent/agent';
import { CODE_PATH } from './agent/entry-point';
import { PRELOAD_PATH } from './agent/preload';
import { AgentRequest, AgentResponse, CommandEnd, ShellHandle, VersionSpec } from './contract';
import { ContainerCompute, ContainerSpec } from './docker/container';
import { Compute, IsolationDriver, Mount } from './driver';
import { Lifetime } from './lifetime';
import { CommandRun, runCommand, sessionEnded } from './run-command';
import { SessionShells } from './shells/session-shells';
import { StorageReport, StorageRules, StorageWatch } from './storage-watch';

export interface SessionStart {
  /** Tells its compute from all others. */
  readonly id: string;
  readonly driver: IsolationDriver;
  /** Starts the version's image, where that is here. */
  readonly container?: (spec: ContainerSpec) => Promise<ContainerCompute>;
  readonly version: VersionSpec;
  /** The mounts of its storage. */
  readonly storage: readonly Mount[];
  readonly storageRules: StorageRules;
  /** The directory of the preloads. */
  readonly preloads: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly agent: AgentOptions;
}

/** A running session: the compute, and the agent in it where its version has one. */
export class Session {
  /** Starts the compute and then the agent; leaves nothing behind where either fails. */
  public static async start({ id, driver, container, version, storage, storageRules, preloads, now, agent }: SessionStart): Promise<Session> {
    const { code } = version;
    const inContainer = await container?.({
      id, environment: version.environment, mounts: storage, image: version.image!, port: PROTOCOL_CONTRACT[version.protocol].port,
    });
    const compute = inContainer ?? await driver.start({
      id,
      environment: version.environment,
      mounts: code === undefined ? storage : [
        ...storage,
        { hostPath: code.directory, mountPath: CODE_PATH, readOnly: true },
        { hostPath: preloads, mountPath: PRELOAD_PATH, readOnly: true },
      ],
    });
    const tell = (line: string) => agent.log(`session ${agent.sessionId} of ${version.runtimeId}: ${line}`);
    const watch = new StorageWatch(storage.map(({ hostPath }) => hostPath), storageRules, tell);
    try {
      const started = await watch.whileAgentStarts(async () => {
        if (inContainer !== undefined) return Agent.attach(inContainer.agent, version, inContainer.hostPort, agent);
        return code && Agent.start(compute, version, code, agent);
      });
      return new Session(version, new Lifetime(version.lifecycle, now), compute, watch, started);
    } catch (error) {
      watch.close();
      await compute.stop();
      throw error;
    }
  }

  private stopping: Promise<void> | undefined;
  private hasEnded = false;
  private readonly shells: SessionShells;

  private constructor(
    public readonly version: VersionSpec,
    public readonly lifetime: Lifetime,
    private readonly compute: Compute,
    private readonly storage: StorageWatch,
    private readonly agent: Agent | undefined,
  ) {
    this.shells = new SessionShells(compute, () => lifetime.touch());
    void compute.ended.then(() => { this.hasEnded = true; });
  }

  public async run(command: CommandRun): Promise<CommandEnd> {
    this.requireRunning();
    const { result: end, failing } = await this.lifetime.during(async () => this.storage.around(async () => runCommand(this.compute, command)));
    // killed with the rest of the session: that it ended so says nothing about the command
    if (this.stopping !== undefined) throw sessionEnded();
    if (failing.length === 0) return end;
    // in the words of a full disk, which is what the command would have met
    await command.sink.onStderr(Buffer.from(failing.map((line) => `session storage has ${line}: No space left on device\n`).join('')));
    return { ...end, exitCode: end.exitCode === 0 ? 1 : end.exitCode };
  }

  public async invoke(request: AgentRequest): Promise<AgentResponse> {
    this.requireRunning();
    if (this.agent === undefined) throw noAgent(this.version);
    this.lifetime.touch();
    return this.agent.invoke(request);
  }

  /** What was found in its storage. */
  public get storageReport(): StorageReport | undefined {
    return this.storage.report;
  }

  /** What is typed into a shell keeps the session active; that somebody is connected does not. */
  public openShell(shellId: string): ShellHandle {
    this.requireRunning();
    this.lifetime.touch();
    return this.shells.open(shellId);
  }

  /** Sees whether its agent is busy. */
  public async observe(): Promise<void> {
    const health = await this.agent?.health();
    if (health !== undefined) this.lifetime.observe(health);
  }

  public stop(): Promise<void> {
    this.storage.close();
    this.shells.end();
    this.stopping ??= this.compute.stop();
    return this.stopping;
  }

  /** A session may end between the moment when a call finds it and the one when it does something: then nothing was done. */
  private requireRunning(): void {
    if (this.stopping === undefined && !this.hasEnded) return;
    throw endsNow();
  }

  /** Resolves when the session can serve no more: its agent, without which the service has no session, or its compute has ended. */
  public whenBroken(): Promise<string> {
    return Promise.race([
      this.compute.ended.then(() => 'its compute has ended'),
      ...(this.agent === undefined ? [] : [this.agent.ended.then((exitCode) => `its agent ended with ${exitCode}`)]),
    ]);
  }
}

/** What a call is told that has met the end of its session. */
export function endsNow(): ServiceError {
  return new ServiceError('RetryableConflictException', 'session ends at this moment, and the call has done nothing; try again');
}

/** Why there is no agent to invoke. */
export function noAgent(version: VersionSpec): ServiceError {
  return new ServiceError('RuntimeClientError', version.noAgentReason ?? `version ${version.version} of ${version.runtimeId} has no agent that can run here`);
}
