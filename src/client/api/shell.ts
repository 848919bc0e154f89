/** How an interactive shell is opened, and who is told what comes of it. */
export interface ShellOptions {
  /**
   * The id of the shell: a letter or digit, then up to 127 letters, digits, hyphens and underscores. Where the session has a
   * shell of this id, it is connected to, and whoever was connected before is cut off.
   * @default - a new shell
   */
  readonly shellId?: string;
  /**
   * How wide the terminal is, in characters.
   * @default 80
   */
  readonly columns?: number;
  /**
   * How high the terminal is, in lines.
   * @default 24
   */
  readonly rows?: number;
  /** Takes what the shell writes, as it comes; the next piece is read only after what it returns has resolved. */
  readonly onOutput?: (bytes: Uint8Array) => void | Promise<void>;
  /** Takes what the platform has to say about the shell; a line without its end. */
  readonly onNotice?: (text: string) => void;
  /** Is told that the connection is lost, and being made anew. */
  readonly onDisconnect?: (why: string) => void;
  /** Is told that there is a connection again, to the same shell unless `resumed` is false: then that one is gone, and this one is new. */
  readonly onReconnect?: (again: { readonly resumed: boolean }) => void;
  /** Leaves the shell, which goes on; before it is open, the opening rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How the use of a shell ended. */
export interface ShellEnd {
  /**
   * - `exited`: the shell has ended by itself
   * - `sessionEnded`: its session has, and the shell with it
   * - `replaced`: somebody else has connected to it; it goes on
   * - `closed`: by `close`
   * - `left`: by `leave` or the signal; it goes on
   */
  readonly how: 'exited' | 'sessionEnded' | 'replaced' | 'closed' | 'left';
  /** Of a shell that has exited, 0 to 255; undefined where the platform tells none. */
  readonly exitCode: number | undefined;
  /** What the platform says about the end; may be empty. */
  readonly message: string;
}

/**
 * An interactive shell in a session, on a terminal there. It goes on as long as the session when nobody is connected; what it
 * writes meanwhile comes with the next connection, up to 256 KB. Lost connections are made anew.
 */
export interface AgentShell {
  /** Names the shell in its session, to connect to it again. */
  readonly shellId: string;
  /** Whether the shell was there before it was opened here. */
  readonly resumed: boolean;

  /**
   * Resolves with how it ended.
   *
   * @throws ConnectionError when the connection is lost and cannot be made anew within about four minutes; the shell may go on
   */
  readonly ended: Promise<ShellEnd>;

  /**
   * Types something into the shell; resolves when it is on its way. Waits while there is no connection. What was on its way
   * when a connection was lost is not typed again.
   */
  write(input: string | Uint8Array): Promise<void>;

  /**
   * Tells the shell the size of the terminal, in characters.
   *
   * @throws InvalidInputError for a size that is none
   */
  resize(columns: number, rows: number): void;

  /** Ends the shell. */
  close(): Promise<void>;

  /** Closes the connection; the shell goes on. */
  leave(): Promise<void>;
}
