import { posix } from 'node:path';
import { TransferError, show } from './errors';
import { quote } from '../../service/command-line';

/** A path in a session, in the parts that a copy needs. */
export interface RemotePath {
  /** Without a slash at its end, but for `/` itself. */
  readonly path: string;
  readonly directory: string;
  /** Empty for `/`. */
  readonly name: string;
  /** Written with a slash at the end: a directory is meant. */
  readonly meansDirectory: boolean;
}

/** @throws TransferError where the path does not begin at `/` or no process could receive it */
export function parseRemotePath(text: string): RemotePath {
  if (!text.startsWith('/')) {
    throw new TransferError('kind', `remote path ${show(text)} is not absolute; commands start in an unspecified directory, so name it from /, as in /mnt/workspace/file`);
  }
  if (text.includes('\0')) throw new TransferError('kind', `remote path ${show(text)} holds a null character, which no file name can have`);
  const path = posix.normalize(text).replace(/(?<=.)\/+$/, '');
  return { path, directory: posix.dirname(path), name: posix.basename(path), meansDirectory: /\/\.{0,2}$/.test(text) };
}

export function joinRemote(directory: string, name: string): string {
  return posix.join(directory, name);
}

/**
 * A path as a word of shell text. Where possible in double quotes: text without single quotes, backslashes and newlines
 * travels as it is, and what travels encoded takes a third more of a command's length.
 */
export function word(path: string): string {
  return /["$`\\'\r\n!]/.test(path) ? quote(path) : `"${path}"`;
}
