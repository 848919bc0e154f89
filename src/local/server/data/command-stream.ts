import { ServerResponse } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { DATA_PLANE_SHAPES } from '../../../service/model/data-plane';
import { CommandEnd, CommandSink } from '../../sessions/contract';
import { answerTo } from '../http-error';
import { textPieces } from './text-pieces';

/** The most that one event may hold, in bytes. */
const MAX_EVENT_BYTES = 64 * 1024;
// for the frame's headers and the JSON around the text
const FRAME_BYTES = 512;

const CODEC = new EventStreamCodec((bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'), (text) => Buffer.from(text, 'utf8'));

/** A command's output on its way to the client, as binary event stream. */
export class CommandStream implements CommandSink {
  private readonly stdout = new StringDecoder('utf8');
  private readonly stderr = new StringDecoder('utf8');
  private draining: Promise<void> | undefined;

  /** @param headers of the response, besides its content type */
  constructor(private readonly response: ServerResponse, private readonly headers: Readonly<Record<string, string>>) {}

  /** Whether the client has got its first byte, so that an error can only be told within the stream. */
  public get started(): boolean {
    return this.response.headersSent;
  }

  public onStart(): void {
    if (this.started) return;
    this.response.writeHead(200, { ...this.headers, 'content-type': 'application/vnd.amazon.eventstream' });
    this.write(chunk({ contentStart: {} }));
  }

  public async onStdout(bytes: Buffer): Promise<void> {
    return this.delta('stdout', this.stdout.write(bytes));
  }

  public async onStderr(bytes: Buffer): Promise<void> {
    return this.delta('stderr', this.stderr.write(bytes));
  }

  /** Tells how the command ended, as the last event. */
  public async stop({ exitCode, status }: CommandEnd): Promise<void> {
    this.onStart();
    await this.delta('stdout', this.stdout.end());
    await this.delta('stderr', this.stderr.end());
    this.write(chunk({ contentStop: { exitCode, status } }));
    this.response.end();
  }

  /** Ends the stream with an error. */
  public fail(error: unknown, requestId: string): void {
    const { type, body } = answerTo(error, requestId);
    this.write(exception(type, body));
    this.response.end();
  }

  private async delta(stream: 'stdout' | 'stderr', text: string): Promise<void> {
    this.onStart();
    for (const piece of textPieces(text, MAX_EVENT_BYTES - FRAME_BYTES)) this.write(chunk({ contentDelta: { [stream]: piece } }));
    await this.draining;
  }

  private write(frame: Uint8Array): void {
    if (this.response.destroyed || this.response.write(frame)) return;
    this.draining ??= new Promise((resolve) => {
      const done = () => {
        this.response.off('drain', done).off('close', done);
        this.draining = undefined;
        resolve();
      };
      this.response.on('drain', done).on('close', done);
    });
  }
}

function chunk(event: object): Uint8Array {
  return frameOf({ ':message-type': 'event', ':event-type': 'chunk' }, event);
}

/** The errors that the stream's model knows; any other one goes as an internal one. */
function exception(type: string, body: object): Uint8Array {
  const member = type[0].toLowerCase() + type.slice(1);
  const known = Object.hasOwn(DATA_PLANE_SHAPES.InvokeAgentRuntimeCommandStreamOutput.members!, member) && member !== 'chunk';
  return frameOf({ ':message-type': 'exception', ':exception-type': known ? member : 'internalServerException' }, body);
}

function frameOf(headers: Readonly<Record<string, string>>, body: object): Uint8Array {
  const typed = Object.entries({ ...headers, ':content-type': 'application/json' }).map(([name, value]) => [name, { type: 'string' as const, value }]);
  return CODEC.encode({ headers: Object.fromEntries(typed), body: Buffer.from(JSON.stringify(body)) });
}
