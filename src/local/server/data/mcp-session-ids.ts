import { SessionKey } from '../../sessions/contract';

/** How many are remembered; clients of agents that live get new ones before. */
const MAX_IDS = 10_000;

type Place = Pick<SessionKey, 'runtimeId' | 'endpointName'>;

/**
 * The ids that agents of MCP have given sessions themselves: from then on that is all that their clients say, and so it has to
 * lead to the session whose agent knows it.
 */
export class McpSessionIds {
  private readonly sessions = new Map<string, string>();

  /** Notes the id that an agent has answered with. */
  public note({ runtimeId, endpointName, sessionId }: SessionKey, given: string): void {
    const key = keyOf({ runtimeId, endpointName }, given);
    this.sessions.delete(key);
    this.sessions.set(key, sessionId);
    if (this.sessions.size > MAX_IDS) this.sessions.delete(this.sessions.keys().next().value!);
  }

  /** The session whose agent has given an id. */
  public find(place: Place, given: string): string | undefined {
    return this.sessions.get(keyOf(place, given));
  }
}

function keyOf({ runtimeId, endpointName }: Place, given: string): string {
  return `${runtimeId} ${endpointName} ${given}`;
}
