import { ask, TransferContext } from './ask';
import { show, TransferError } from './errors';
import { parseRemotePath, word } from './remote-path';
import { TransferSession } from './session';
import { fault, script } from './shell';

/** Something in a directory of a session. */
export interface RemoteEntry {
  /** As it is; where it is not UTF-8, with replacement characters. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** In bytes. */
  readonly size: number;
  /** When its content changed last. */
  readonly modifiedAt: Date;
}

/** Types in the upper bits of a POSIX mode. */
const TYPES: Readonly<Record<number, RemoteEntry['type']>> = { 0x4: 'directory', 0x8: 'file', 0xa: 'link' };

/**
 * For each batch of entries, in lines: their number; their names, ended by null characters, in base64; `mode size time` of each. No name
 * stands in a line as it is, whatever characters it has.
 */
const BATCH = [
  'echo $#',
  'for f; do printf "%s\\0" "${f#./}"; done | base64 | tr -d "\\n"',
  'echo',
  'if stat -c %f . >/dev/null 2>&1; then see() { stat -c "%f %s %Y" -- "$@"; }; else see() { stat -f "%Xp %z %m" -- "$@"; }; fi',
  // where one has gone meanwhile, the others are still to be told in their order
  'if o=$(see "$@" 2>/dev/null); then echo "$o"; else for f; do see "$f" 2>/dev/null || echo gone; done; fi',
].join('\n');

function listScript(path: string | undefined): string {
  return script(
    'for t in find stat base64 tr; do command -v $t >/dev/null 2>&1 || { echo "fault:tools $t"; exit 3; }; done',
    ...(path === undefined ? ['p=.'] : [`p=${word(path)}`, `[ -e "$p" ] || [ -L "$p" ] || ${fault('missing')}`]),
    `if [ -d "$p" ]; then { [ -r "$p" ] && cd "$p"; } 2>/dev/null || ${fault('denied')}; find . ! -name . -prune -exec sh -c '${BATCH}' sh {} +`,
    `else sh -c '${BATCH}' sh "$p"; fi`,
  );
}

/**
 * What is in a directory of a session, in order of names; of a file, the file itself.
 *
 * @param path absolute; the directory that commands start in if left out
 * @throws TransferError where it is not there or may not be read
 */
export async function list(session: TransferSession, path?: string, options: Pick<TransferContext, 'signal' | 'clock'> = {}): Promise<RemoteEntry[]> {
  const remote = path === undefined ? undefined : parseRemotePath(path).path;
  const answer = await ask({ session, ...options }, listScript(remote), { path: remote ?? '.', doing: `list ${show(remote ?? 'the directory')}` });
  return parseList(answer).sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

export function parseList(answer: string): RemoteEntry[] {
  const lines = answer.split('\n');
  const entries: RemoteEntry[] = [];
  for (let at = 0; at < lines.length && lines[at] !== '';) {
    const count = Number(lines[at]);
    const names = Buffer.from(lines[at + 1] ?? '', 'base64').toString('utf8').split('\0').slice(0, -1);
    if (!Number.isInteger(count) || names.length !== count) throw notList(lines[at]);
    names.forEach((name, n) => {
      const line = lines[at + 2 + n];
      if (line === 'gone') return;
      const [, mode, size, time] = /^([0-9a-fA-F]+) (\d+) (-?\d+)$/.exec(line ?? '') ?? [];
      if (mode === undefined) throw notList(line);
      entries.push({ name, type: TYPES[Math.floor(parseInt(mode, 16) / 0x1000)] ?? 'other', size: Number(size), modifiedAt: new Date(Number(time) * 1000) });
    });
    at += 2 + count;
  }
  return entries;
}

function notList(line: string | undefined): TransferError {
  return new TransferError('failed', `the session answered ${show(line ?? '')} where a line of a directory's list was expected`);
}
