import { ServerResponse } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { COMMAND_EVENT_BYTES } from '../../../service/quotas';
import { CommandEnd, CommandSink } from '../../sessions/contract';
import { StreamFault } from '../faults/stream-fault';
import { answerTo } from '../http-error';
import { chunk, exception, StreamEvent } from './event-frames';
import { textPieces } from './text-pieces';

// for the frame's headers and the JSON around the text
const FRAME_BYTES = 512;

/** A command's output on its way to the client, as binary event stream. */
export class CommandStream implements CommandSink {
  private readonly stdout = new StringDecoder('utf8');
  private readonly stderr = new StringDecoder('utf8');
  private draining: Promise<void> | undefined;
  private ended = false;

  /**
   * @param headers of the response, besides its content type
   * @param fault what goes wrong with it
   */
  constructor(
    private readonly response: ServerResponse, private readonly headers: Readonly<Record<string, string>>, private readonly fault?: StreamFault,
  ) {}

  /** Whether the command goes on although its client does not hear of it any more. */
  public get abandoned(): boolean {
    return this.ended && (this.fault?.leavesCommandRunning ?? false);
  }

  /** Whether the client has got its first byte, so that an error can only be told within the stream. */
  public get started(): boolean {
    return this.response.headersSent;
  }

  public onStart(): void {
    if (this.started) return;
    this.response.writeHead(200, { ...this.headers, 'content-type': 'application/vnd.amazon.eventstream' });
    this.send('contentStart', chunk({ contentStart: {} }));
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
    this.send('contentStop', chunk({ contentStop: { exitCode, status } }));
    this.end();
  }

  /** Ends the stream with an error. */
  public fail(error: unknown, requestId: string): void {
    const { type, body } = answerTo(error, requestId);
    this.send('exception', exception(type, body));
    this.end();
  }

  private async delta(stream: 'stdout' | 'stderr', text: string): Promise<void> {
    this.onStart();
    for (const piece of textPieces(text, COMMAND_EVENT_BYTES - FRAME_BYTES)) {
      this.send('contentDelta', chunk({ contentDelta: { [stream]: piece } }));
    }
    await this.draining;
  }

  private send(event: StreamEvent, frame: Uint8Array): void {
    if (this.ended) return;
    const { frames, then } = this.fault?.meet(event, frame) ?? { frames: [frame], then: 'goOn' };
    frames.forEach((bytes) => this.write(bytes));
    if (then === 'end') this.end();
    if (then === 'cut') this.cut();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.response.end();
  }

  /** Closes the connection in the middle of the body, once all before has been handed over. */
  private cut(): void {
    this.ended = true;
    this.response.socket?.destroySoon();
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
