import { WORKFLOW_ERRORS } from './contract';
import { TaskError } from './task-error';
import { AgentCoreError, CommandOutcomeUnknownError, InvalidInputError, UnreadableAnswerError } from '../client/api/errors';
import { errorOf } from '../client/error-of';
import { describeError } from '../client/errors';

type Kind = keyof typeof WORKFLOW_ERRORS;

/** Errors that say that nothing has been done, and that it may be asked for again. */
const REFUSALS: Readonly<Record<string, Kind>> = {
  ConflictException: 'sessionBusy',
  RetryableConflictException: 'sessionBusy',
  ThrottlingException: 'throttled',
  ServiceQuotaExceededException: 'throttled',
  ServiceUnavailableException: 'throttled',
  InternalServerException: 'throttled',
};

/**
 * The error of a task for whatever was thrown while it was done.
 *
 * @param what failed, in words for the message
 * @param unknown what it is where the service may have done it
 * @param refused what it is where it was not done, and asking again would not help
 */
export function errorOfTask(error: unknown, what: string, unknown: Kind, refused: Kind = unknown): TaskError {
  if (error instanceof TaskError) return error;
  const known = errorOf(error, what);
  const message = describeError(known);
  if (known instanceof InvalidInputError) return new TaskError('invalidInput', known.message, error);
  if (known instanceof UnreadableAnswerError) return new TaskError('agentAnswer', message, error);
  if (known instanceof CommandOutcomeUnknownError) return new TaskError('outcomeUnknown', message, error);
  if (!(known instanceof AgentCoreError) || known.mayHaveRun) return new TaskError(unknown, message, error);
  return new TaskError(Object.hasOwn(REFUSALS, known.name) ? REFUSALS[known.name] : refused, `${message}. ${known.nextStep}`, error);
}
