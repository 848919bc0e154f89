import { Command } from 'commander';
import { Interruption } from './interruption';
import { connectionOptions, sessionOption } from './options';
import { write } from './output';
import { SessionTargetOptions, targetSession } from './session-target';
import { list, RemoteEntry } from '../client/transfer';

const LETTERS: Readonly<Record<RemoteEntry['type'], string>> = { file: '-', directory: 'd', link: 'l', other: '?' };

export function lsProgram(): Command {
  return connectionOptions(new Command('ls'))
    .description('list a directory of a session: type, size in bytes, time of the last change, name')
    .argument('[path]', 'the directory, from /; with or without a colon before it; where commands start if left out')
    .addOption(sessionOption('the session'))
    .option('--json', 'one JSON document: a list of name, type, size and modifiedAt')
    .addHelpText('after', `
Names with spaces, quotes or control characters are shown as JSON strings.

Examples:
  $ cdk-agentcore ls /mnt/workspace --session "$SESSION"
  $ cdk-agentcore ls :/mnt/workspace --json | jq -r '.[].name'`)
    .action(async (path: string | undefined, options: SessionTargetOptions & { readonly json?: boolean }) => {
      const interruption = new Interruption();
      const session = await targetSession(options, interruption);
      const entries = await interruption.race(list(session, path?.replace(/^:/, ''), { signal: interruption.signal }));
      await write(process.stdout, options.json ? `${JSON.stringify(entries)}\n` : listing(entries));
    });
}

/** One line for each entry, in columns. */
export function listing(entries: readonly RemoteEntry[]): string {
  const width = Math.max(0, ...entries.map(({ size }) => String(size).length));
  return entries
    .map(({ name, type, size, modifiedAt }) => `${LETTERS[type]}  ${String(size).padStart(width)}  ${modifiedAt.toISOString().slice(0, 19)}Z  ${shown(name)}${type === 'directory' ? '/' : ''}\n`)
    .join('');
}

/** A name that neither breaks its line nor does anything to the terminal. */
function shown(name: string): string {
  return /^[\p{L}\p{N}\p{S}_@%+=:,./~-]+$/u.test(name) ? name : JSON.stringify(name).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
