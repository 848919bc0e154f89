import { write } from './output';
import { AgentSession } from '../client/api/agent-session';
import { AgentCoreError } from '../client/api/errors';
import { describeError } from '../client/errors';

/** Stops the session that was opened for one use; that this fails must not hide how the use ended. */
export async function stopOwnSession(session: AgentSession, started: boolean): Promise<void> {
  try {
    await session.stop();
  } catch (error) {
    // where nothing did start there may be no session, and why is told already
    if (!started) return;
    const why = describeError(error instanceof AgentCoreError ? error.cause : error).replace(/\s*\n\s*/g, ' ');
    await write(process.stderr, `cdk-agentcore: session ${session.sessionId} could not be stopped and may still run: ${why}\n`);
  }
}
