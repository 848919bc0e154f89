import { Shell } from './shell';
import { SHELL_LIMITS, validateShellId } from '../../../service/shell';
import { ServiceError } from '../../service-error';
import { ShellHandle } from '../contract';
import { Compute } from '../driver';

/** The shells of one session. */
export class SessionShells {
  private readonly shells = new Map<string, Shell>();

  /** @param onInput is told that something is typed */
  constructor(private readonly compute: Compute, private readonly onInput: () => void) {}

  /**
   * The shell of an id, or a new one.
   *
   * @throws ServiceError RuntimeClientError for an id that is none, or for one shell too many
   */
  public open(shellId: string): ShellHandle {
    const faults = validateShellId(shellId);
    if (faults.length > 0) throw new ServiceError('RuntimeClientError', faults.join('; '));
    const there = this.shells.get(shellId);
    if (there) return there;
    const { perSession } = SHELL_LIMITS;
    if (this.shells.size >= perSession) {
      throw new ServiceError('RuntimeClientError', `the session has ${perSession} shells, which is the most; end one of them, or connect to one by its shell id: ${[...this.shells.keys()].join(', ')}`);
    }
    const shell = new Shell(this.compute, this.onInput);
    this.shells.set(shellId, shell);
    void shell.ended.then(() => this.shells.delete(shellId));
    return shell;
  }

  /** Tells whoever is connected that the session ends; how the shells end then says nothing about them. */
  public end(): void {
    for (const shell of this.shells.values()) shell.end(undefined);
  }
}
