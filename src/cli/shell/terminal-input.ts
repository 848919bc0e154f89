import { EscapeKeys } from './escape';
import { AgentShell } from '../../client/api/shell';

/** What ends the input of a program on a terminal: Ctrl-D. */
const END_OF_INPUT = '\x04';

/** How often that is typed, in milliseconds: a shell does not see it while it is about to read keys instead of lines. */
const END_OF_INPUT_MILLIS = 250;

/**
 * Hands on what is typed, key by key, or what comes through a pipe, whose end is told as Ctrl-D until the shell ends.
 *
 * @returns takes the hands off again
 */
export function connectInput(stdin: NodeJS.ReadStream, shell: AgentShell): () => void {
  const keys = stdin.isTTY ? new EscapeKeys() : undefined;
  let endsLine = true;
  const type = (bytes: Buffer) => {
    stdin.pause();
    // how it ended is told by `ended`
    void shell.write(bytes).catch(() => undefined).then(() => stdin.resume());
  };
  const onData = (chunk: Buffer) => {
    const { bytes, leaves } = keys?.take(chunk) ?? { bytes: chunk, leaves: false };
    if (bytes.length > 0) {
      endsLine = bytes[bytes.length - 1] === 0x0a;
      type(bytes);
    }
    if (leaves) void shell.leave();
  };
  let ending: NodeJS.Timeout | undefined;
  const onEnd = () => {
    // within a line it would not be the end
    type(Buffer.from(endsLine ? END_OF_INPUT : `\n${END_OF_INPUT}`));
    ending = setInterval(() => type(Buffer.from(END_OF_INPUT)), END_OF_INPUT_MILLIS);
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', onData).on('end', onEnd);
  return () => {
    clearInterval(ending);
    stdin.off('data', onData).off('end', onEnd);
    if (stdin.isTTY) stdin.setRawMode(false);
    // the process may end though more could be typed
    stdin.pause();
    stdin.unref?.();
  };
}
