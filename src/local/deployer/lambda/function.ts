/** A Lambda function as it runs locally. */
export interface LocalFunction {
  readonly name: string;
  readonly arn: string;
  /** `module.export`, as Lambda has it. */
  readonly handler: string;
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroupName: string;
  /** The directory with its code; undefined where there is none that can run here. */
  readonly codeDirectory?: string;
  readonly region: string;
  readonly account: string;
  /** Of the role with which it calls; undefined if the template has none. */
  readonly roleArn?: string;
  /** How often an asynchronous invocation is tried again after an error. */
  readonly retryAttempts: number;
}

/** What Lambda takes where a function says nothing. */
export const FUNCTION_DEFAULTS = { timeoutSeconds: 3, memoryMegabytes: 128, retryAttempts: 2 } as const;

/** A line that a function wrote. */
export interface FunctionLogLine {
  readonly functionName: string;
  readonly requestId: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}
