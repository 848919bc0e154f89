import { CommandLine, composeScript, DEFAULT_SHELL, quote } from '../../service/command-line';

/**
 * Where a detached run keeps what it writes; it goes with the session's machine.
 *
 * @param token tells one run from every other one
 */
function directoryOf(token: string): string {
  return `"\${TMPDIR:-/tmp}/.agentcore-run-${token}"`;
}

/** What the bytes of one stream are cut into: base64 of it stays far below what one event of the service may hold. */
const PIECE_BYTES = 24_000;

/** Ends a process and, where it leads a group of its own, all that it started; `$1` is its id. */
const END = 'end() { kill -KILL -"$1" 2>/dev/null || kill -KILL "$1" 2>/dev/null; }';

/**
 * Starts a command that goes on when nobody listens any more; starting it a second time does nothing. Another exit code
 * than 0 says that nothing was started.
 *
 * Only one caller can make the directory, which is what makes the start happen once. `setsid`, where the image has it,
 * gives the command a process group of its own, so that its time-out ends all of it. The file `rc` appears last, in one
 * piece.
 */
export function startScript(token: string, line: CommandLine, timeoutSeconds: number): string {
  const directory = directoryOf(token);
  return [
    // that it is there already is no failure; that it cannot be made is one
    `mkdir ${directory} || { [ -d ${directory} ]; exit; }`,
    `cd ${directory} || exit 1`,
    ': > out; : > err',
    END,
    // a subshell and not a function: around a function, the shell would keep its own output open, and so the caller waiting
    '(',
    '  group=; ! command -v setsid >/dev/null || group=setsid',
    `  $group ${line.shell ?? DEFAULT_SHELL} -c ${quote(composeScript(line))} </dev/null >out 2>err &`,
    '  command=$!; echo $command > pid',
    `  $group ${DEFAULT_SHELL} -c '${END}; sleep ${timeoutSeconds}; : > timed-out; end $0' $command &`,
    '  clock=$!',
    '  wait $command; code=$?',
    '  end $clock',
    '  echo $code > rc.part; mv rc.part rc',
    ') </dev/null >/dev/null 2>&1 &',
  ].join('\n');
}

/** How far the output of a detached run has been read, in bytes. */
export interface ReadPosition {
  readonly stdout: number;
  readonly stderr: number;
}

/**
 * Prints what a detached run has written since a position, and goes on doing so for a while.
 *
 * One line each: `o` or `e` and a piece of stdout or stderr in base64, at the end `r` and the exit code or `t` after a
 * time-out; `gone` where the machine of the session knows nothing of the run. To read changes nothing, so it may be
 * repeated from any position.
 *
 * @param rounds how many times to look at most, a second apart, or at once after a whole piece
 */
export function followScript(token: string, from: ReadPosition, rounds: number): string {
  return [
    `cd ${directoryOf(token)} 2>/dev/null || { echo gone; exit 0; }`,
    `o=${from.stdout} e=${from.stderr} rounds=${rounds}`,
    // $1 the file, $2 how far it was read, $3 the letter; how much was read goes into `n`
    'piece() {',
    '  n=$(($(wc -c < $1) - $2))',
    `  [ $n -le ${PIECE_BYTES} ] || n=${PIECE_BYTES}`,
    '  [ $n -gt 0 ] || return 0',
    '  echo "$3 $(tail -c +$(($2 + 1)) $1 | head -c $n | base64 | tr -d "\\n")"',
    `  [ $n -lt ${PIECE_BYTES} ] || full=1`,
    '}',
    'while :; do',
    '  [ -e out ] || { echo gone; exit 0; }',
    // looked at before the output: what is written after it is there is none of the command's
    '  ended=; [ ! -e rc ] || ended=1',
    '  full=',
    '  piece out $o o; o=$((o + n)); more=$n',
    '  piece err $e e; e=$((e + n)); more=$((more + n))',
    '  if [ "$ended" ] && [ $more -eq 0 ]; then',
    '    if [ -e timed-out ]; then echo t; else echo "r $(cat rc)"; fi',
    '    exit 0',
    '  fi',
    '  rounds=$((rounds - 1))',
    '  [ $rounds -gt 0 ] || exit 0',
    '  [ "$ended$full" ] || sleep 1',
    'done',
  ].join('\n');
}

/**
 * Waits a while for the end of a detached run, and prints one line: `running`, `gone` where the machine of the session knows
 * nothing of the run, or `ended` and how many seconds ago.
 */
export function waitScript(token: string, seconds: number): string {
  return [
    `cd ${directoryOf(token)} 2>/dev/null || { echo gone; exit 0; }`,
    `left=${seconds} short=10`,
    'while [ ! -e rc ]; do',
    '  [ -e out ] || { echo gone; exit 0; }',
    '  [ $left -gt 0 ] || { echo running; exit 0; }',
    // most commands end at once, and not every `sleep` takes fractions
    '  if [ $short -gt 0 ]; then short=$((short - 1)); sleep 0.1 2>/dev/null || sleep 1',
    '  else left=$((left - 1)); sleep 1',
    '  fi',
    'done',
    'now=$(date +%s 2>/dev/null) && end=$(date -r rc +%s 2>/dev/null) || { now=0; end=0; }',
    'echo "ended $((now - end))"',
  ].join('\n');
}

/** Ends a detached run as its time-out would. */
export function endScript(token: string): string {
  return [
    `cd ${directoryOf(token)} 2>/dev/null || exit 0`,
    END,
    '[ -e rc ] || [ ! -e pid ] || { : > timed-out; end "$(cat pid)"; }',
  ].join('\n');
}

/** Removes what a detached run has left behind, and ends it where it has not ended; what it has written is gone then. */
export function removeScript(token: string): string {
  const directory = directoryOf(token);
  // what was ended a moment ago may still write its exit code
  return `${endScript(token)}\ncd /; rm -rf ${directory} 2>/dev/null && [ ! -e ${directory} ] || { sleep 1; rm -rf ${directory}; }`;
}
