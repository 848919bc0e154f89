import { ERROR_STATUS, ErrorName, ValidationReason } from '../service/errors';

export interface ValidationField {
  readonly name: string;
  readonly message: string;
}

/** An error that the service would answer with. */
export class ServiceError extends Error {
  public readonly status: number;

  constructor(
    public readonly name: ErrorName,
    message: string,
    public readonly detail: { readonly reason?: ValidationReason; readonly fieldList?: readonly ValidationField[] } = {},
  ) {
    super(message);
    this.status = ERROR_STATUS[name];
  }
}
