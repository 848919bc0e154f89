/** Keys to sign calls with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they stop to be valid. */
  readonly expiration?: Date;
}

/** Where and as whom a session is called. */
export interface ConnectionOptions {
  /**
   * The region of the runtime.
   * @default - as the runtime's ARN says
   */
  readonly region?: string;
  /**
   * The URL of a local AgentCore.
   * @default - the environment variable CDK_AGENTCORE_ENDPOINT, else the service
   */
  readonly endpoint?: string;
  /**
   * Credentials, or what gets them whenever they are needed.
   * @default - the AWS SDK's own chain: environment, profiles, single sign-on, the machine's role; none on a local endpoint
   */
  readonly credentials?: Credentials | (() => Promise<Credentials>);
}

/** Which session is meant. */
export interface SessionOptions extends ConnectionOptions {
  /**
   * The session; 33 to 256 characters.
   * @default - a new one
   */
  readonly sessionId?: string;
  /**
   * The endpoint of the runtime.
   * @default - the one in the ARN, else DEFAULT
   */
  readonly qualifier?: string;
  /**
   * How many commands the session object remembers.
   * @default 50
   */
  readonly historyLimit?: number;
}

export interface AgentSessionOptions extends SessionOptions {
  /** The ARN of the runtime, or of one of its endpoints. */
  readonly runtimeArn: string;
}

export interface DeployedStackSessionOptions extends SessionOptions {
  /** The name of the stack. */
  readonly stack: string;
  /**
   * The construct of the runtime: its path, or its logical id.
   * @default - the only runtime of the stack
   */
  readonly construct?: string;
}

export interface StackSessionOptions extends SessionOptions {
  /** The file that `cdk deploy --outputs-file` has written. */
  readonly outputsFile: string;
  /** The name of the stack. */
  readonly stack: string;
  /**
   * The output whose value is the ARN of the runtime, or of one of its endpoints; a construct's name does for its beginning.
   * @default - the only one that is
   */
  readonly output?: string;
}
