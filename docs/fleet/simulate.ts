import { AtOnce, EventQueue, PerSecond } from './limits';

/** What a fleet comes up against. */
export interface FleetLimits {
  readonly newSessionsPerSecond: number;
  readonly activeSessions: number;
  readonly sessionCallsPerSecond: number;
  readonly functionsAtOnce: number;
  readonly transitionsPerSecond: number;
}

/** How the states of an item call their function. */
export interface ItemCosts {
  /** How long it takes to begin an item, to start a session, and to stop one, in seconds. */
  readonly begin: number;
  readonly start: number;
  readonly stop: number;
  /** How long the first call listens for the end of the command, and how long each later one does, in seconds. */
  readonly listening: { readonly first: number; readonly later: number };
  /** The pause before a later call, in seconds; the first one is before call 0. */
  readonly pause: (call: number) => number;
}

export interface SimulationOptions {
  /** How long the command of each session takes, in seconds. */
  readonly commands: ArrayLike<number>;
  readonly limits: FleetLimits;
  /** Of the Distributed Map. */
  readonly maxConcurrency: number;
  readonly startsPerSecond: number;
  readonly costs: ItemCosts;
}

export interface Simulation {
  /** From the start of the execution to the end of its last item, in seconds. */
  readonly seconds: number;
  /** How much of what each limit allows in that time was used: 0 to 1. */
  readonly used: Readonly<Record<keyof FleetLimits | 'maxConcurrency', number>>;
  /** The most that there was at once. */
  readonly peak: Readonly<Record<'items' | 'sessions' | 'functions', number>>;
  /** When each session was started, in seconds. */
  readonly starts: readonly number[];
  /** How many items came to their end. */
  readonly ended: number;
}

/** States of an item besides those that call the function: a wait, a choice and the end. */
const OTHER_STATES = { before: 1, after: 2 } as const;

/**
 * Works through a fleet in virtual time: items in the order of the list, each as the state machine of `CommandFleet` has it. What a limit does not
 * allow yet waits, first come, first served; nothing fails.
 */
export function simulate(options: SimulationOptions): Simulation {
  return new FleetSimulation(options).run();
}

class FleetSimulation {
  private readonly events = new EventQueue();
  private readonly items: AtOnce;
  private readonly sessions: AtOnce;
  private readonly functions: AtOnce;
  private readonly newSessions: PerSecond;
  private readonly calls: PerSecond;
  private readonly transitions: PerSecond;
  private readonly starts: number[] = [];
  private ended = 0;
  private last = 0;

  constructor(private readonly options: SimulationOptions) {
    const { limits, maxConcurrency } = options;
    this.items = new AtOnce(maxConcurrency, this.events);
    this.sessions = new AtOnce(limits.activeSessions, this.events);
    this.functions = new AtOnce(limits.functionsAtOnce, this.events);
    this.newSessions = new PerSecond(limits.newSessionsPerSecond);
    this.calls = new PerSecond(limits.sessionCallsPerSecond);
    this.transitions = new PerSecond(limits.transitionsPerSecond);
  }

  public run(): Simulation {
    const { commands, limits, maxConcurrency } = this.options;
    for (let i = 0; i < commands.length; i++) this.items.acquire(() => this.begin(i));
    this.events.run();
    const { last: seconds, items, sessions, functions } = this;
    const share = (amount: number, limit: number) => (seconds === 0 ? 0 : amount / limit / seconds);
    return {
      seconds,
      used: {
        maxConcurrency: share(items.heldSeconds, maxConcurrency),
        activeSessions: share(sessions.heldSeconds, limits.activeSessions),
        functionsAtOnce: share(functions.heldSeconds, limits.functionsAtOnce),
        newSessionsPerSecond: share(this.newSessions.taken, limits.newSessionsPerSecond),
        sessionCallsPerSecond: share(this.calls.taken, limits.sessionCallsPerSecond),
        transitionsPerSecond: share(this.transitions.taken, limits.transitionsPerSecond),
      },
      peak: { items: items.peak, sessions: sessions.peak, functions: functions.peak },
      starts: this.starts,
      ended: this.ended,
    };
  }

  private begin(i: number): void {
    const { startsPerSecond, costs } = this.options;
    this.call(0, () => costs.begin, () => {
      this.enter(OTHER_STATES.before, () => this.events.at(Math.max(this.events.now, i / startsPerSecond), () => this.start(i)));
    });
  }

  /** The first call: it starts the command, listens for a while, and reads what it has written where it has ended. */
  private start(i: number): void {
    const { commands, costs: { start, listening } } = this.options;
    this.sessions.acquire(() => {
      this.events.at(this.newSessions.take(1, this.events.now), () => {
        this.starts.push(this.events.now);
        let endsAt = 0;
        this.call(2, (now) => {
          endsAt = now + start + commands[i];
          return start + Math.min(commands[i], listening.first);
        }, () => this.look(endsAt, 0));
      });
    });
  }

  /** Goes on with the stop where the command has ended, or looks again after a pause. */
  private look(endsAt: number, call: number): void {
    const { costs: { listening, pause } } = this.options;
    // sums of times may miss each other by a rounding
    if (endsAt <= this.events.now + 1e-9) return this.read();
    this.events.at(this.events.now + pause(call), () => {
      this.call(1, (now) => Math.min(listening.later, Math.max(0, endsAt - now)), () => this.look(endsAt, call + 1));
    });
  }

  /** Reading is part of the call that has seen the end. */
  private read(): void {
    this.events.at(this.calls.take(1, this.events.now), () => {
      this.call(1, () => this.options.costs.stop, () => {
        this.sessions.release();
        this.enter(OTHER_STATES.after, () => {
          this.items.release();
          this.ended++;
          this.last = this.events.now;
        });
      });
    });
  }

  /** A state that calls the function, which calls the service so often and is held so long. */
  private call(calls: number, held: (now: number) => number, then: () => void): void {
    this.enter(1, () => {
      this.functions.acquire(() => {
        this.events.at(this.calls.take(calls, this.events.now), () => {
          this.events.later(this.events.now + held(this.events.now), () => {
            this.functions.release();
            then();
          });
        });
      });
    });
  }

  private enter(states: number, then: () => void): void {
    this.events.at(this.transitions.take(states, this.events.now), then);
  }
}
