import { connect, runtimeArnOf } from './clients';
import { Interruption } from './interruption';
import { KnownSessions } from './known/sessions';
import { UserError } from './user-error';
import { commandSession, TransferSession } from '../client/transfer';
import { validateSessionId } from '../service/session-id';

export interface SessionTargetOptions {
  readonly runtime?: string;
  readonly session?: string;
  readonly qualifier: string;
  readonly endpoint?: string;
  readonly region?: string;
}

/** The session that is meant, for copying from or to it. */
export async function targetSession(options: SessionTargetOptions, interruption: Interruption): Promise<TransferSession> {
  const { session: sessionId, qualifier } = options;
  if (sessionId === undefined) throw new UserError('no session is named, and a new one would have no files and be stopped again; name it with --session or CDK_AGENTCORE_SESSION');
  const faults = validateSessionId(sessionId);
  if (faults.length > 0) throw new UserError(faults.join('; '));
  const { control, data } = connect(options);
  const runtimeArn = await interruption.race(runtimeArnOf(control, options));
  new KnownSessions().used({ runtimeArn, qualifier, sessionId, endpoint: options.endpoint });
  return commandSession(data, { runtimeArn, sessionId, qualifier });
}
