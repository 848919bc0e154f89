/** Writes and waits until the text is out, so that memory stays flat; rejects where nobody reads any more. */
export async function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())));
}

/** Whether an error says that the reader of our output, such as `head`, has gone. */
export function isBrokenPipe(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPIPE';
}
