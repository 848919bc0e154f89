import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ServerUsage {
  /** Resident memory. */
  readonly megabytes: number;
  /** Open file descriptors. */
  readonly files: number;
}

/** What a process uses; zeros where the system does not tell in files. */
export function usageOf(pid: number): ServerUsage {
  if (!existsSync(`/proc/${pid}/status`)) return { megabytes: 0, files: 0 };
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return { megabytes: Math.round(kilobytes / 1024), files: readdirSync(`/proc/${pid}/fd`).length };
}
