import { DeployerError } from '../errors';

/** A template that cannot be evaluated; the message begins with the place. */
export class TemplateError extends DeployerError {
  public readonly name = 'TemplateError';

  constructor(place: string, message: string) {
    super(`${place}: ${message}`);
  }
}
