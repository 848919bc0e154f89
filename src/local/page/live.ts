import { ServerResponse } from 'node:http';
import { CommandHistory, RecordedCommand } from './command-history';
import { decoded, OutputPiece } from './recorded-output';

/** How often an open page is told what is new. */
const TICK_MILLIS = 200;
/** Output of one command in one tick above which the page fetches what is kept of it instead. */
const MAX_OUTPUT_BYTES = 64 * 1024;
/** Ticks without news after which a comment keeps the connection open. */
const QUIET_TICKS = 75;

interface Pending {
  /** Of the output, how much the page had before. */
  readonly from: number;
  readonly pieces: OutputPiece[];
  bytes: number;
}

export interface LiveOptions {
  readonly history: CommandHistory;
  /** Looks the same as long as nothing changes that is not in the history. */
  readonly fingerprint: () => string;
  /** The session whose output is wanted. */
  readonly session?: string;
}

/**
 * Tells an open page what is new until it goes away, as Server-Sent Events: `change` says that it should fetch itself
 * again, `output` is a part of a running command's output.
 */
export async function tellLive(response: ServerResponse, { history, fingerprint, session }: LiveOptions): Promise<void> {
  const pending = new Map<number, Pending>();
  let seen = fingerprint();
  let changed = false;
  let quiet = 0;
  const onChange = () => { changed = true; };
  const onOutput = ({ id, session: of, output }: RecordedCommand, stream: OutputPiece['stream'], bytes: Buffer) => {
    if (of !== session) return;
    const news = pending.get(id) ?? { from: output.total - bytes.length, pieces: [], bytes: 0 };
    news.bytes += bytes.length;
    // too much to show is dropped at once, not when the page is told
    if (news.bytes <= MAX_OUTPUT_BYTES) news.pieces.push({ stream, bytes });
    else news.pieces.length = 0;
    pending.set(id, news);
  };
  const tick = () => {
    const now = fingerprint();
    if (now !== seen) changed = true;
    seen = now;
    // a page that does not keep up is told less often
    if (response.writableNeedDrain) return;
    const events = [...pending].map(([id, news]) => outputEvent(id, news));
    if (changed || events.includes(undefined)) events.push('event: change\ndata:\n\n');
    pending.clear();
    changed = false;
    quiet = events.length > 0 ? 0 : quiet + 1;
    if (events.length > 0) response.write(events.join(''));
    else if (quiet % QUIET_TICKS === 0) response.write(':\n\n');
  };
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // at once, for the page to know that it is connected; `change` because it may have missed something since it was made
  response.write('retry: 1000\nevent: change\ndata:\n\n');
  history.on('change', onChange).on('output', onOutput);
  const timer = setInterval(tick, TICK_MILLIS);
  try {
    await new Promise<void>((resolve) => response.once('close', resolve));
  } finally {
    clearInterval(timer);
    history.off('change', onChange).off('output', onOutput);
  }
}

/** Undefined where it is too much. */
function outputEvent(id: number, { from, pieces, bytes }: Pending): string | undefined {
  if (bytes > MAX_OUTPUT_BYTES) return undefined;
  return `event: output\ndata: ${JSON.stringify({ id, from, to: from + bytes, text: decoded(pieces) })}\n\n`;
}
