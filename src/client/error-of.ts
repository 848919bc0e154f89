import * as api from './api/errors';
import { CommandNotStartedError, CommandOutcomeUnknownError, describeError } from './errors';
import { ProxyError } from './proxy/error';
import { ErrorName, isColdStart, isRetryable } from '../service/errors';

type ServiceErrorClass = new (name: string, message: string, details: api.ErrorDetails) => api.ServiceError;

/** The class of each error that the service documents, and what to do about it. */
const SERVICE_ERRORS: Readonly<Record<ErrorName, readonly [ServiceErrorClass, string]>> = {
  ValidationException: [api.ValidationException, 'Change the request as the message says.'],
  UnauthorizedException: [api.UnauthorizedException, 'Sign in again, or give other credentials.'],
  ServiceQuotaExceededException: [api.ServiceQuotaExceededException, 'Stop sessions that are not needed, or ask for a higher quota in Service Quotas.'],
  AccessDeniedException: [api.AccessDeniedException, 'Allow the action on the ARN of the runtime and on that of its endpoint, as `runtime.grantInvoke` and `grantInvokeCommand` do.'],
  ResourceNotFoundException: [api.ResourceNotFoundException, 'Look at the ARN, the region and the name of the endpoint; a runtime that was replaced has a new ARN.'],
  ConflictException: [api.ConflictException, 'Wait until what is being done to the session or the runtime has ended, then try again.'],
  RetryableConflictException: [api.RetryableConflictException, 'Wait until the session has started or stopped, then try again.'],
  RuntimeClientError: [api.RuntimeClientError, 'Look into the log of the runtime: its agent must answer GET /ping, and its mounts must come up within 30 seconds.'],
  ThrottlingException: [api.ThrottlingException, 'Try again later and less often.'],
  InternalServerException: [api.InternalServerException, 'Try again; where it stays, give the request id to AWS Support.'],
  ServiceUnavailableException: [api.ServiceUnavailableException, 'Try again later.'],
};

/** What says that nobody could be found out to sign as, or that AWS does not know the keys. */
const CREDENTIALS = /CredentialsProviderError|Could not load credentials|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|MissingAuthenticationToken|TokenRefreshRequired|SSO session|Token is expired/i;

/** Errors of calls that were never sent. */
const NEVER_SENT = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ProxyError)\b/;

interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/**
 * What a failed call is told to its caller as: an error of `api/errors`. What is none of the call's, such as a mistake in
 * the program, stays as it is.
 *
 * @param what failed, in words for the message
 * @param lastRequestId of the answer that broke off, if there was one
 */
export function errorOf(error: unknown, what: string, lastRequestId?: string): unknown {
  if (!(error instanceof Error) || error instanceof api.AgentCoreError) return error;
  if (error instanceof CommandNotStartedError) return notStarted(error);
  if (error instanceof CommandOutcomeUnknownError) return unknownOutcome(error, lastRequestId);
  return sdkError(error, `${what}: ${describeError(error)}`) ?? error;
}

function notStarted(error: CommandNotStartedError): api.AgentCoreError {
  const cause = error.cause as SdkError | undefined;
  return sdkError(cause, error.message, false)
    ?? new api.CommandNotStartedError(error.message, { retryable: false, mayHaveRun: false, cause, nextStep: 'Put right what the message names; nothing has run.' });
}

function unknownOutcome(error: CommandOutcomeUnknownError, lastRequestId?: string): api.CommandOutcomeUnknownError {
  const requestId = (error.cause as SdkError | undefined)?.$metadata?.requestId ?? lastRequestId;
  const nextStep = 'Look in the session what the command has done before you run it again; `runDetached` outlasts lost connections.';
  return new api.CommandOutcomeUnknownError(
    error.message, { retryable: false, mayHaveRun: true, requestId, cause: error.cause ?? error, nextStep }, error.sessionId, error.output,
  );
}

/**
 * @param mayHaveRun what is known about it; else judged by the error
 * @returns undefined for what is not an error of the SDK or of the network
 */
function sdkError(error: SdkError | undefined, message: string, mayHaveRun?: boolean): api.AgentCoreError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { httpStatusCode: status, requestId } = error.$metadata ?? {};
  const text = describeError(error);
  if (CREDENTIALS.test(text)) {
    const nextStep = 'Set AWS_PROFILE, or sign in with `aws sso login`; on a machine in AWS give it a role.';
    return new api.CredentialsError(message, { retryable: false, mayHaveRun: false, requestId, cause: error, nextStep });
  }
  if (Object.hasOwn(SERVICE_ERRORS, error.name)) {
    const name = error.name as ErrorName;
    const [ErrorClass, nextStep] = SERVICE_ERRORS[name];
    // the agent may have answered with that error itself, when it had done its work
    const ran = mayHaveRun ?? (isColdStart(name) || name === 'InternalServerException');
    const retryable = !ran && (isRetryable(name) || isColdStart(name));
    return new ErrorClass(name, message, { retryable, mayHaveRun: ran, requestId, cause: error, nextStep });
  }
  if (status !== undefined) {
    const details = { retryable: false, mayHaveRun: mayHaveRun ?? status >= 500, requestId, cause: error, nextStep: 'Read the message: the service gives no more.' };
    return new api.ServiceError(error.name, message, details);
  }
  if (error.$metadata === undefined && error.code === undefined) return undefined;
  const sent = mayHaveRun ?? !NEVER_SENT.test(text);
  const nextStep = error instanceof ProxyError ? 'Look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY; nothing was sent.' : sent
    ? 'Look in the session what was done before you try again.'
    : 'Look at the endpoint, the region and the network; for a local AgentCore, start it with `cdk-agentcore local start`.';
  return new api.ConnectionError(message, { retryable: !sent, mayHaveRun: sent, requestId, cause: error, nextStep });
}
