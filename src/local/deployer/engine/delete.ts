import { deleteResources, failedTo } from './apply';
import { cleanUp } from './clean-up';
import { StackSession } from './session';
import { DeleteCause } from './state';
import { Failure } from './walk';

/** Deletes all resources of a stack and the stack; resolves to what could not be deleted, and then the stack stays as DELETE_FAILED. */
export async function deleteStack(session: StackSession, cause: DeleteCause): Promise<readonly Failure[]> {
  session.enter('DELETE_IN_PROGRESS', 'User Initiated');
  await cleanUp(session, []);
  const failures = await deleteResources(session, Object.values(session.state.resources), cause);
  if (failures.length > 0) session.enter('DELETE_FAILED', failedTo('delete', failures));
  else session.leave('DELETE_COMPLETE');
  return failures;
}
