/** What a detached run takes in the image of its session. */
const DETACHED_TOOLS = 'sh, base64, cat, head, mkdir, mv, rm, sleep, tail, tr and wc';

/** What one line of `followScript` says. */
export type FollowLine =
  | { readonly kind: 'stdout' | 'stderr'; readonly bytes: Buffer }
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'timed out' }
  | { readonly kind: 'gone' };

/** @throws for a line that `followScript` does not write */
export function parseFollowLine(line: string): FollowLine {
  const [letter, rest = ''] = line.split(' ');
  if (letter === 'o') return { kind: 'stdout', bytes: Buffer.from(rest, 'base64') };
  if (letter === 'e') return { kind: 'stderr', bytes: Buffer.from(rest, 'base64') };
  if (letter === 'r' && /^\d+$/.test(rest)) return { kind: 'ended', exitCode: Number(rest) };
  if (letter === 't') return { kind: 'timed out' };
  if (letter === 'gone') return { kind: 'gone' };
  throw new Error(`the session answered ${JSON.stringify(line.slice(0, 80))} where a line of a run's output was expected; the image needs ${DETACHED_TOOLS}`);
}
