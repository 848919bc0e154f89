import { Place, Visit } from './contract';
import { digest } from '../provider/digest';
import { composeSessionId } from '../service/session-id';

/** The session of a task: the one that it names, or the one that all tasks of its execution for that endpoint share. */
export function sessionOf({ runtimeArn, qualifier, sessionId }: Place, execution: string): string {
  return sessionId ?? composeSessionId(labelOf(execution), digest(execution, runtimeArn, qualifier));
}

/** What tells one visit of a state from every other one, and stays the same when the state is retried. */
export function tokenOf(place: Place, { execution, state, enteredTime }: Visit, command: string | readonly string[]): string {
  return digest(execution, state, enteredTime, sessionOf(place, execution), JSON.stringify(command));
}

/** The name of the execution, as the last part of its ARN says it. */
function labelOf(execution: string): string {
  return execution.split(':').at(-1)!;
}
