import { StopSessionTask, StopTaskResult } from './contract';
import { errorOfTask } from './error-of-task';
import { sessionOf } from './session-of';
import { TaskContext } from './task-context';
import { check } from '../client/compose-run';
import { stopSession } from '../client/stop-session';
import { inRegionOf } from '../provider/region-of-runtime';
import { validateSessionId } from '../service/session-id';

/** Stops the session of an execution; to stop it twice is no error. */
export async function stopSessionTask(task: Omit<StopSessionTask, 'action' | 'visit'>, execution: string, context: TaskContext): Promise<StopTaskResult> {
  const { clock, log } = context;
  const { runtimeArn, qualifier } = task;
  const sessionId = sessionOf(task, execution);
  try {
    check(validateSessionId(sessionId));
    const client = await inRegionOf(runtimeArn, context.client);
    const stopped = await stopSession(client, { runtimeArn, qualifier, sessionId }, { clock });
    log('stopped session', { sessionId, stopped });
    return { stopped, sessionId };
  } catch (error) {
    throw errorOfTask(error, `session ${sessionId} could not be stopped`, 'notStopped');
  }
}
