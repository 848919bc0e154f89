import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Hands on a stream line by line as it comes, the last one also where it has no line end. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop()!;
    lines.forEach((line) => onLine(line.replace(/\r$/, '')));
  });
  stream.on('end', () => {
    rest += decoder.end();
    if (rest !== '') onLine(rest);
  });
}
