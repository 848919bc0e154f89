import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Need } from './needs';

/** That device files may be made: by root, not in every container, not on every file system. */
export const DEVICES: Need = { lack: 'device files may not be made here', isMet: canMakeDevices() };

function canMakeDevices(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'device-'));
  try {
    return spawnSync('mknod', [join(directory, 'null'), 'c', '1', '3']).status === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
