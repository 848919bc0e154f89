/** How an agent is invoked. */
export interface InvokeOptions {
  /**
   * The type of the payload.
   * @default application/json
   */
  readonly contentType?: string;
  /**
   * The type that is wanted back.
   * @default - what the agent gives
   */
  readonly accept?: string;
  /** Ends the call; it rejects with the signal's reason. What the agent does then is up to it. */
  readonly signal?: AbortSignal;
}
