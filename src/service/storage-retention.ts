/**
 * After how many days without a call a session's storage is emptied.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
 */
export const STORAGE_RETENTION_DAYS = 14;

/** What is known of a session's storage from the last time that it was used. */
export interface StorageUse {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
}

/** Why a session that starts now gets its storage back empty; undefined where it gets its files. */
export function storageResetReason(last: StorageUse, version: string, now: number): 'version' | 'idle' | undefined {
  if (last.version !== version) return 'version';
  if (now - last.lastUsed > STORAGE_RETENTION_DAYS * 24 * 60 * 60 * 1000) return 'idle';
  return undefined;
}
