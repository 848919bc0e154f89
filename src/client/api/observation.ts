import { CommandResult } from './command';

export interface ObservationOptions {
  /**
   * The most that the text may have, in characters; 500 or more.
   * @default 8000
   */
  readonly maxCharacters?: number;
}

/** What the lines around the output may take; the rest is for the output. */
const FRAME_CHARACTERS = 300;
const LEAST_CHARACTERS = 500;

/** Sequences by which programs colour, move the cursor and set titles: CSI, then OSC and the like with their text, then the short ones. */
const ESCAPES = /(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)|\x1b[ -/]{0,8}[0-~]?/g;

/** Controls but tab and line feed; those that turn the direction of text; halves of characters. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/**
 * What a model is told of a command's end: exit code first, then stderr and stdout, without control characters, each with its
 * beginning and its end and how many characters are missing in between. Never longer than `maxCharacters`.
 */
export function toObservation(result: CommandResult, options: ObservationOptions = {}): string {
  const limit = Math.max(LEAST_CHARACTERS, options.maxCharacters ?? 8_000);
  const [stderr, stdout] = (['stderr', 'stdout'] as const).map((stream) => sidesOf(result, stream));
  const room = limit - FRAME_CHARACTERS;
  // what one stream does not need is the other's
  const half = Math.floor(room / 2);
  const stderrRoom = Math.max(half, room - lengthOf(stdout));
  const stdoutRoom = room - Math.min(lengthOf(stderr), stderrRoom);
  return [describeEnd(result), ...section('stderr', stderr, stderrRoom), ...section('stdout', stdout, stdoutRoom)].join('\n');
}

function describeEnd({ exitCode, timedOut, durationMillis }: CommandResult): string {
  const took = `${(durationMillis / 1_000).toFixed(1)} s`;
  if (timedOut) return `exit code: none, the command timed out after ${took}`;
  return exitCode === undefined ? `exit code: none, the platform ended the command after ${took}` : `exit code: ${exitCode} (after ${took})`;
}

/** What is left of a stream: its beginning and its end, with a gap where something is missing already. */
interface Sides {
  readonly head: string;
  readonly tail: string;
  /** Characters that are missing between the two. */
  readonly gap: number;
}

function sidesOf(result: CommandResult, stream: 'stdout' | 'stderr'): Sides {
  const kept = result[stream];
  const missing = result.characters[stream] - kept.length;
  if (missing <= 0) return { head: '', tail: clean(kept), gap: 0 };
  const head = result.head[stream].slice(0, missing);
  return { head: clean(head), tail: clean(kept), gap: missing - head.length };
}

function lengthOf({ head, tail }: Sides): number {
  return head.length + tail.length;
}

function section(name: string, sides: Sides, room: number): string[] {
  if (lengthOf(sides) === 0 && sides.gap === 0) return [`${name}: empty`];
  return [`${name}:`, shorten(sides, room).replace(/\n+$/, '')];
}

/** The end says more than the beginning, so that it gets two thirds of the room. */
function shorten(sides: Sides, room: number): string {
  const { head, tail, gap } = sides;
  if (gap === 0 && lengthOf(sides) <= room) return head + tail;
  const whole = gap === 0;
  const first = whole ? head + tail : head;
  const shownHead = first.slice(0, Math.floor(room / 3)).replace(/[\ud800-\udbff]$/, '');
  const shownTail = tail.slice(-(room - shownHead.length)).replace(/^[\udc00-\udfff]/, '');
  const omitted = (whole ? first.length : lengthOf(sides) + gap) - shownHead.length - shownTail.length;
  return [...(shownHead ? [shownHead] : []), `[... ${omitted} characters omitted ...]`, shownTail].join('\n');
}

/** Text as it would be seen on a terminal in the end, line by line. */
function clean(text: string): string {
  return text
    .replace(ESCAPES, '')
    .split('\n')
    .map(lastOverwritten)
    .join('\n')
    .replace(CONTROLS, (character) => (/\p{Surrogate}/u.test(character) ? '\ufffd' : ''));
}

/** A progress bar overwrites its line: what it said last counts. */
function lastOverwritten(line: string): string {
  const end = line.endsWith('\r') ? line.replace(/\r+$/, '') : line;
  return end.slice(end.lastIndexOf('\r') + 1);
}
