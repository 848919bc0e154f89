import { existsSync, readFileSync } from 'node:fs';

const LOCKS = '/proc/locks';

/** What tells a file from all others in the kernel's list of locks. */
export function lockKey(dev: number, inode: number): string {
  const major = Math.floor(dev / 0x100) % 0x1000;
  const minor = (dev % 0x100) + Math.floor(dev / 0x100000) * 0x100;
  return `${major}:${minor}:${inode}`;
}

/** The files on which locks are held at this moment, in the whole machine; none where the kernel does not tell. */
export function heldLocks(): string[] {
  return canReadLocks() ? parseLocks(readFileSync(LOCKS, 'latin1')) : [];
}

export function canReadLocks(): boolean {
  return existsSync(LOCKS);
}

/** The files in the text of `/proc/locks`; device numbers are hexadecimal there. */
export function parseLocks(text: string): string[] {
  return [...text.matchAll(/^\d+: (?:FLOCK|POSIX|OFDLCK)\s.* ([0-9a-f]+):([0-9a-f]+):(\d+) \d+ \w+$/gm)]
    .map(([, major, minor, inode]) => `${parseInt(major, 16)}:${parseInt(minor, 16)}:${inode}`);
}
