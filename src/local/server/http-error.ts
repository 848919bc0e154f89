import { Violation } from '../../service/model/validate';
import { ServiceError } from '../service-error';

const MAX_FIELDS = 20;

/** An error outside of the services' models: of HTTP itself, or of another protocol. */
export class HttpError extends Error {
  constructor(
    public readonly status: number,
    /** What `x-amzn-ErrorType` says. */
    public readonly type: string,
    message: string,
    public readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The ValidationException for values that the service would refuse. */
export function fieldValidationFailed(found: readonly Violation[]): ServiceError {
  const shown = found.slice(0, MAX_FIELDS);
  const more = found.length - shown.length;
  const message = shown.map(({ path, message: text }) => `${path} ${text}`.trim()).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return new ServiceError('ValidationException', message, {
    reason: 'FieldValidationFailed',
    fieldList: shown.map(({ path, message: text }) => ({ name: path, message: text })),
  });
}

/** The ValidationException for a request that cannot be read. */
export function cannotParse(message: string): ServiceError {
  return new ServiceError('ValidationException', message, { reason: 'CannotParse' });
}

export interface ErrorAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** How an error is told over HTTP; anything unexpected becomes an InternalServerException. */
export function answerTo(error: unknown, requestId: string): ErrorAnswer {
  if (error instanceof HttpError) {
    return { status: error.status, type: error.type, headers: error.headers, body: { message: error.message } };
  }
  if (isServiceError(error)) {
    const { reason, fieldList } = error.detail;
    const body = error.name === 'ValidationException'
      ? { message: error.message, reason: reason ?? 'FieldValidationFailed', fieldList }
      : { message: error.message };
    return { status: error.status, type: error.name, headers: {}, body };
  }
  const cause = error instanceof Error ? error.message : String(error);
  const message = `the local AgentCore failed on request ${requestId}: ${cause}; its log has the details`;
  return { status: 500, type: 'InternalServerException', headers: {}, body: { message } };
}

/** Whether an error is one that the service would answer with. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof ServiceError;
}
