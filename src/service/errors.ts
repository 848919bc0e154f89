/** The services' errors and the HTTP status that each comes with. */
export const ERROR_STATUS = {
  ValidationException: 400,
  UnauthorizedException: 401,
  ServiceQuotaExceededException: 402,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  RetryableConflictException: 409,
  RuntimeClientError: 424,
  ThrottlingException: 429,
  InternalServerException: 500,
  ServiceUnavailableException: 503,
} as const;

export type ErrorName = keyof typeof ERROR_STATUS;

/** Whether a name is that of an error of the services, and not of something between them and us. */
export function isServiceError(errorName: string): boolean {
  return Object.hasOwn(ERROR_STATUS, errorName);
}

/** Why a ValidationException was raised. */
export type ValidationReason =
  | 'CannotParse' | 'FieldValidationFailed' | 'IdempotentParameterMismatchException' | 'EventInOtherSession' | 'ResourceConflict';

/** Errors after which the same call may succeed, as long as nothing has started. */
const RETRYABLE: ReadonlySet<string> = new Set<ErrorName>([
  'ThrottlingException',
  'RetryableConflictException',
  'ServiceUnavailableException',
  'InternalServerException',
]);

export function isRetryable(errorName: string): boolean {
  return RETRYABLE.has(errorName);
}

/** Whether a session's agent did not answer; before a command has started, it may only not be up yet. */
export function isColdStart(errorName: string): boolean {
  return errorName === 'RuntimeClientError';
}

/**
 * Whether the service could not create its service-linked role in the account: the caller's permission may be too new for IAM, or
 * IAM throttles. The name of such an error says nothing: it was seen as a ValidationException and, with HTTP status 402, as a
 * ServiceQuotaExceededException.
 *
 * @see https://github.com/aws-samples/sample-autonomous-cloud-coding-agents/issues/875
 */
export function isServiceLinkedRoleFailure(message: string): boolean {
  return /creating service.linked role/i.test(message);
}

/**
 * Whether creating or updating failed only because a new role, or its policies, are not visible to the service yet.
 */
export function isRolePropagation(errorName: string, message: string): boolean {
  if (isServiceLinkedRoleFailure(message)) return true;
  return errorName === 'ValidationException' && /Role validation failed|Access denied while validating ECR URI/i.test(message);
}
