import { InterpreterEvent } from './visits';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** What is used of the interpreter; its own types are for ECMAScript modules. */
export interface Interpreter {
  readonly StateMachine: new (definition: object, options: { readonly validationOptions: { readonly noValidate: boolean } }) => {
    run(input: JsonValue, options: {
      readonly context: object;
      readonly overrides?: { readonly taskResourceLocalHandlers: Readonly<Record<string, (input: JsonValue) => Promise<unknown>>> };
    }): {
      readonly result: Promise<JsonValue>;
      readonly eventLogs: AsyncIterable<InterpreterEvent>;
      abort(): void;
    };
  };
  readonly ExecutionTimeoutError: new () => Error;
}

/**
 * The interpreter, loaded when the first state machine is run: it begins by importing what all of the CLI would wait for.
 *
 * It asks for Node.js 22 because of this one function.
 */
export function loadInterpreter(): Interpreter {
  const Waiting = Promise as unknown as { withResolvers?: () => object };
  Waiting.withResolvers ??= () => {
    const parts: { resolve?: unknown; reject?: unknown } = {};
    const promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return { promise, ...parts };
  };
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would run before that, and with each command
  return require('aws-local-stepfunctions');
}
