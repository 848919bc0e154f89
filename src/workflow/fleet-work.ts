import { AgentLoop } from './agent-loop';
import { FleetCommandOptions } from './fleet-command-options';
import { CommandWork, LoopWork, SessionWork } from './session-work';

/** What a fleet does in each of its sessions. */
export class FleetWork {
  /**
   * Runs a command, and stops the session, however that ends.
   *
   * @param options what to run, and where
   */
  public static command(options: FleetCommandOptions): FleetWork {
    return new FleetWork(new CommandWork(options));
  }

  /**
   * Runs a loop, with the item as its task, as an execution of its own state machine. The schedules and alarms of the loop stay as
   * they are.
   *
   * @param loop the loop, in the same stack or in another one
   */
  public static loop(loop: AgentLoop): FleetWork {
    return new FleetWork(new LoopWork(loop));
  }

  /** @internal */
  public readonly _work: SessionWork;

  private constructor(work: SessionWork) {
    this._work = work;
  }
}
