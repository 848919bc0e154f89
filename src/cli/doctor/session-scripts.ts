import { quote } from '../../service/command-line';

/** What commands, copying and detached runs take in the image of a session. */
export const SESSION_TOOLS = ['sh', 'base64', 'cat', 'head', 'mkdir', 'mv', 'rm', 'sleep', 'tail', 'tr', 'wc'];

/** Prints which of the tools are missing, separated by spaces. */
export function missingToolsScript(): string {
  return `for tool in ${SESSION_TOOLS.join(' ')}; do command -v "$tool" >/dev/null 2>&1 || printf '%s ' "$tool"; done`;
}

/**
 * Takes an advisory lock on a file of a directory, and prints `locked`; `unknown` where the image has no program for it. Fails,
 * and says why, where the lock is refused.
 */
export function lockScript(directory: string): string {
  return [
    `probe=${quote(directory)}/.cdk-agentcore-lock.$$`,
    ': > "$probe" || exit 1',
    'trap \'rm -f "$probe"\' EXIT',
    'if command -v flock >/dev/null 2>&1; then flock -n -x "$probe" true || exit 1',
    'elif command -v python3 >/dev/null 2>&1; then python3 -c \'import fcntl,sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)\' "$probe" || exit 1',
    'elif command -v perl >/dev/null 2>&1; then perl -e \'open(F,">",$ARGV[0]) && flock(F,6) or die "$!\\n"\' "$probe" || exit 1',
    'else echo unknown; exit 0; fi',
    'echo locked',
  ].join('\n');
}
