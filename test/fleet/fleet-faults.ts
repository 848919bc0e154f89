import { SeededRandom } from '../util/random';

/** Calls of a kind that there are for each session at least: to start its command, to wait for it, to read what it has written. */
const COMMAND_CALLS = 2;

const COMMAND = 'InvokeAgentRuntimeCommand';
const STOP = 'StopRuntimeSession';

/** What goes wrong, in turn: calls that are refused, connections that break, streams that end too early, are damaged, or tell of a time-out. */
export const KINDS: readonly object[] = [
  { kind: 'error', operation: COMMAND, error: 'ThrottlingException' },
  { kind: 'cutStream', operation: COMMAND },
  { kind: 'loseAnswer', operation: COMMAND },
  { kind: 'error', operation: COMMAND, error: 'InternalServerException' },
  { kind: 'endStream', operation: COMMAND },
  { kind: 'loseRequest', operation: COMMAND },
  { kind: 'error', operation: STOP, error: 'ConflictException' },
  { kind: 'streamException', operation: COMMAND, error: 'InternalServerException' },
  { kind: 'error', operation: COMMAND, error: 'RuntimeClientError' },
  { kind: 'halfFrame', operation: COMMAND },
  { kind: 'loseAnswer', operation: STOP },
  { kind: 'error', operation: COMMAND, error: 'ResourceNotFoundException' },
  { kind: 'error', operation: COMMAND, error: 'AccessDeniedException' },
  { kind: 'damagedFrame', operation: COMMAND },
  { kind: 'timedOut', operation: COMMAND },
  { kind: 'error', operation: COMMAND, error: 'UnauthorizedException' },
];

/** So many faults, spread over all calls for the sessions. */
export function faultsFor(sessions: number, count: number, seed: number): object[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, n) => {
    const fault = KINDS[n % KINDS.length];
    const calls = sessions * ('operation' in fault && fault.operation === STOP ? 1 : COMMAND_CALLS);
    return { ...fault, skip: Math.floor((n + random.next()) / (count + 1) * calls), times: 1 };
  });
}
