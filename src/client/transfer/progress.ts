/** How far a transfer has come. */
export interface TransferProgress {
  /** Checksums are taken, bytes are on their way, or what has arrived is put in its place. */
  readonly phase: 'checking' | 'copying' | 'placing';
  /** How many bytes are there, those of an earlier try included. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Of `bytes`, how many an earlier try had copied. */
  readonly resumedBytes: number;
}

export interface TransferOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
}

/** What was copied. */
export interface TransferResult {
  readonly kind: 'file' | 'folder';
  readonly source: string;
  /** Where it lies now. */
  readonly target: string;
  readonly files: number;
  /** What was copied in all; of a folder, with the headers of its archives. */
  readonly bytes: number;
  /** How many of them an earlier, interrupted try had copied. */
  readonly resumedBytes: number;
  /** SHA-256 of a file, in hexadecimal digits. */
  readonly sha256?: string;
  /** What was left out: sockets, pipes, devices, and links where that was asked for. */
  readonly skipped: readonly string[];
  readonly durationMillis: number;
}
