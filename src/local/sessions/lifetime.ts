import { Lifecycle } from '../../service/lifecycle';

/** What an agent's health check tells; see the service's contract. */
export interface AgentHealth {
  /** `HealthyBusy` keeps the session alive. */
  readonly status?: string;
  /** In whichever unit the agent has; one that is another than last time keeps the session alive too. */
  readonly time_of_last_update?: number;
}

/**
 * When a session's time is over. A command keeps its session active while it runs; a request to the agent does so only
 * when it begins, and from then on what the agent says of itself counts.
 */
export class Lifetime {
  private readonly begun: number;
  private lastActive: number;
  private commands = 0;
  private lastUpdate: number | undefined;

  /** @param now milliseconds since the epoch */
  constructor(private readonly limits: Required<Lifecycle>, private readonly now: () => number) {
    this.begun = this.lastActive = now();
  }

  public get startedAt(): number {
    return this.begun;
  }

  /** Milliseconds since the epoch. */
  public get lastActiveAt(): number {
    return this.commands > 0 ? this.now() : this.lastActive;
  }

  /** Notes that the session is called. */
  public touch(): void {
    this.lastActive = this.now();
  }

  /** Does something that keeps the session active as long as it takes. */
  public async during<T>(work: () => Promise<T>): Promise<T> {
    this.commands++;
    try {
      return await work();
    } finally {
      this.commands--;
      this.touch();
    }
  }

  /** Notes what the agent says of itself. */
  public observe({ status, time_of_last_update: update }: AgentHealth): void {
    const isNew = this.lastUpdate !== undefined && update !== undefined && update !== this.lastUpdate;
    this.lastUpdate = update;
    if (status === 'HealthyBusy' || isNew) this.touch();
  }

  /** Why the session has to end now; undefined while it may live. */
  public over(): string | undefined {
    const { idleRuntimeSessionTimeout: idle, maxLifetime } = this.limits;
    if (this.now() - this.begun >= maxLifetime * 1000) return `its maximum lifetime of ${maxLifetime} s is over`;
    if (this.now() - this.lastActiveAt >= idle * 1000) return `it was idle for ${idle} s`;
    return undefined;
  }
}
