import { spawnSync } from 'node:child_process';
import { isInstalled, Need } from './needs';

/** The program that gives another one a terminal; those of other systems take other arguments. */
export const SCRIPT: Need = {
  lack: '`script` of util-linux is not installed',
  isMet: spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false,
};

/** That the shell of a session has a terminal. */
export const TERMINAL: Need = { lack: 'neither `script` of util-linux nor python3 is installed', isMet: SCRIPT.isMet || isInstalled('python3') };
