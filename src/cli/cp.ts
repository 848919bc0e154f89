import { Command } from 'commander';
import { Interruption } from './interruption';
import { connectionOptions, sessionOption } from './options';
import { write } from './output';
import { ProgressBar } from './progress-bar';
import { SessionTargetOptions, targetSession } from './session-target';
import { UserError } from './user-error';
import { download, TransferResult, upload } from '../client/transfer';
import { formatBytes } from '../local/sizes';

interface CopyOptions extends SessionTargetOptions {
  readonly skipLinks?: boolean;
  readonly json?: boolean;
}

/** How many names of what was left out are told. */
const TOLD_NAMES = 5;

export function cpProgram(): Command {
  return connectionOptions(new Command('cp'))
    .description('copy a file or folder into a session or out of it; made again after an interruption, it goes on where it was')
    .argument('<source>', 'what to copy; a path in the session begins with a colon, as in :/mnt/workspace/file')
    .argument('<target>', 'where to; into it if it is a directory, else under that name')
    .addOption(sessionOption('the session to copy into or out of'))
    .option('-r, --recursive', 'accepted for those who are used to it; folders are always copied with all that is in them')
    .option('--skip-links', 'out of a session: leave out symbolic links that lead out of the folder, instead of refusing it')
    .option('--json', 'one JSON document at the end')
    .addHelpText('after', `
Paths in the session begin with a colon and are absolute; a local file whose name begins with one is ./:name.
A folder goes into a directory that is there; source/. means what is in it. What is not complete lies hidden beside the target, and gets
its name only after checksums were compared.

Examples:
  $ cdk-agentcore cp ./src :/mnt/workspace --session "$SESSION"       # makes or updates /mnt/workspace/src
  $ cdk-agentcore cp ./src/. :/mnt/workspace/app                      # what is in src, as /mnt/workspace/app
  $ cdk-agentcore cp :/mnt/workspace/report.pdf . --json`)
    .action(async (source: string, target: string, options: CopyOptions) => {
      await copy(source, target, options);
    });
}

async function copy(source: string, target: string, options: CopyOptions): Promise<void> {
  const [from, to] = [source, target].map((path) => (path.startsWith(':') ? path.slice(1) : undefined));
  if ((from === undefined) === (to === undefined)) {
    throw new UserError(from === undefined
      ? 'both paths are local; begin the one in the session with a colon, as in :/mnt/workspace'
      : 'both paths are in the session; use `cdk-agentcore run -- cp` for that');
  }
  const interruption = new Interruption();
  const session = await targetSession(options, interruption);
  const bar = new ProgressBar(process.stderr);
  const common = { signal: interruption.signal, ...(options.json ? {} : { onProgress: bar.show.bind(bar) }) };
  const result = await interruption.race(from === undefined
    ? upload(session, source, to!, common)
    : download(session, from, target, { ...common, outsideLinks: options.skipLinks ? 'skip' : 'refuse' })).finally(() => bar.clear());
  if (options.json) {
    await write(process.stdout, `${JSON.stringify({ direction: from === undefined ? 'upload' : 'download', ...result })}\n`);
    return;
  }
  await write(process.stdout, `${summary(result, from === undefined)}\n`);
  if (result.skipped.length > 0) await write(process.stderr, `cdk-agentcore: left out, as no files, folders or links that can be copied: ${named(result.skipped)}\n`);
}

function summary({ kind, files, bytes, resumedBytes, target, durationMillis }: TransferResult, intoSession: boolean): string {
  const what = kind === 'file' ? formatBytes(bytes) : `${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)},`;
  const resumed = resumedBytes > 0 ? ` (${formatBytes(resumedBytes)} of them earlier)` : '';
  return `copied ${what} to ${intoSession ? ':' : ''}${target} in ${(durationMillis / 1000).toFixed(1)} s${resumed}`;
}

function named(names: readonly string[]): string {
  const more = names.length - TOLD_NAMES;
  return names.slice(0, TOLD_NAMES).map((name) => JSON.stringify(name)).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
