import { WORKFLOW_ERRORS } from './contract';

/** The longest message that goes into an execution, in characters. */
const MESSAGE_CHARACTERS = 4_000;

/** An error by whose name a state can catch it: Lambda hands the name of what is thrown to Step Functions. */
export class TaskError extends Error {
  public readonly name: string;

  constructor(kind: keyof typeof WORKFLOW_ERRORS, message: string, cause?: unknown) {
    super(message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)}...` : message, { cause });
    this.name = WORKFLOW_ERRORS[kind];
    // the stack of a bundle tells nobody anything, and would stand in each execution
    this.stack = undefined;
  }
}
