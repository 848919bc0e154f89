/** What is known about a call that failed. */
export interface ErrorDetails {
  /** Whether the same call may succeed later, and nothing has been done yet. */
  readonly retryable: boolean;
  /** What to do about it; one sentence. */
  readonly nextStep: string;
  /** Whether what was asked for may have been done, wholly or in part. */
  readonly mayHaveRun: boolean;
  /** Tells AWS Support which call is meant; absent where the service has not answered. */
  readonly requestId?: string;
  readonly cause?: unknown;
}

/** What all errors of this client have in common. */
export class AgentCoreError extends Error implements ErrorDetails {
  public readonly retryable: boolean;
  public readonly nextStep: string;
  public readonly mayHaveRun: boolean;
  public readonly requestId?: string;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    // as the classes below do: their names outlive minification
    this.name = 'AgentCoreError';
    this.retryable = details.retryable;
    this.nextStep = details.nextStep;
    this.mayHaveRun = details.mayHaveRun;
    this.requestId = details.requestId;
  }
}

/** Something that the caller gave is not what the service takes; nothing was sent. */
export class InvalidInputError extends AgentCoreError {
  public readonly name = 'InvalidInputError';

  /** @param faults what is wrong, each with what is allowed */
  constructor(public readonly faults: readonly string[]) {
    super(faults.join('; '), { retryable: false, mayHaveRun: false, nextStep: 'Change what the message names; nothing was sent.' });
  }
}

/** The service could not be reached, or the connection was lost before it had answered. */
export class ConnectionError extends AgentCoreError {
  public readonly name = 'ConnectionError';
}

/** There are no credentials, they have expired, or AWS does not know them. */
export class CredentialsError extends AgentCoreError {
  public readonly name = 'CredentialsError';
}

/** The agent has answered something else than its content type says. */
export class UnreadableAnswerError extends AgentCoreError {
  public readonly name = 'UnreadableAnswerError';
}

/** The command could not be started in its session; running it again is safe. */
export class CommandNotStartedError extends AgentCoreError {
  public readonly name = 'CommandNotStartedError';
}

/** The command may have run, wholly or in part; running it again may repeat what it did. */
export class CommandOutcomeUnknownError extends AgentCoreError {
  public readonly name = 'CommandOutcomeUnknownError';

  constructor(
    message: string,
    details: ErrorDetails,
    public readonly sessionId: string,
    /** What was received until then; its end, where it is long. */
    public readonly output: { readonly stdout: string; readonly stderr: string },
  ) {
    super(message, details);
  }
}

/** An error that the service has answered with; those that it documents have classes of their own. */
export class ServiceError extends AgentCoreError {
  constructor(name: string, message: string, details: ErrorDetails) {
    super(message, details);
    this.name = name;
  }
}

/** 400: the service does not take the request as it is. */
export class ValidationException extends ServiceError {}

/** 401 */
export class UnauthorizedException extends ServiceError {}

/** 402: a quota of the account is used up. */
export class ServiceQuotaExceededException extends ServiceError {}

/** 403: the caller's policies, or the runtime's, do not allow the call. */
export class AccessDeniedException extends ServiceError {}

/** 404: the runtime or its endpoint is not there. */
export class ResourceNotFoundException extends ServiceError {}

/** 409: something else is being done to the same thing. */
export class ConflictException extends ServiceError {}

/** 409: the session is being started or stopped. */
export class RetryableConflictException extends ServiceError {}

/** 424: the agent in the session did not answer, or answered with an error. */
export class RuntimeClientError extends ServiceError {}

/** 429 */
export class ThrottlingException extends ServiceError {}

/** 500 */
export class InternalServerException extends ServiceError {}

/** 503 */
export class ServiceUnavailableException extends ServiceError {}
