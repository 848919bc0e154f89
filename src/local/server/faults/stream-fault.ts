import { StreamServiceFault } from '../../faults/service-faults';
import { chunk, exception, StreamEvent } from '../data/event-frames';

/** What is sent in place of a frame, and how the stream goes on. */
export interface Meeting {
  readonly frames: readonly Uint8Array[];
  readonly then: 'goOn' | 'end' | 'cut';
}

/** What a client would take for a good end that does not look closely. */
const GOOD_END = chunk({ contentStop: { exitCode: 0, status: 'COMPLETED' } });

/** What goes wrong with one command's stream. */
export class StreamFault {
  private deltas = 0;

  constructor(private readonly fault: StreamServiceFault, private readonly message: string) {}

  /** Whether a command that still runs is left alone. */
  public get leavesCommandRunning(): boolean {
    return this.fault.kind !== 'timedOut' && this.fault.command !== 'ends';
  }

  /** Meets the next frame on its way to the client; not to be called any more once the stream is over. */
  public meet(event: StreamEvent, frame: Uint8Array): Meeting {
    // the command has failed on its own
    if (event === 'exception') return { frames: [frame], then: 'goOn' };
    if (event === 'contentStop') return this.strike(frame);
    if (event === 'contentDelta') this.deltas++;
    if (this.deltas !== this.fault.afterDeltas) return { frames: [frame], then: 'goOn' };
    const { frames, then } = this.strike(GOOD_END);
    return { frames: [frame, ...frames], then };
  }

  private strike(stop: Uint8Array): Meeting {
    switch (this.fault.kind) {
      case 'cutStream': return { frames: [], then: 'cut' };
      case 'endStream': return { frames: [], then: 'end' };
      case 'halfFrame': return { frames: [stop.subarray(0, stop.length / 2)], then: 'cut' };
      case 'damagedFrame': return { frames: [damaged(stop)], then: 'end' };
      case 'timedOut': return { frames: [chunk({ contentStop: { exitCode: -1, status: 'TIMED_OUT' } })], then: 'end' };
      case 'streamException': return { frames: [exception(this.fault.error!, { message: this.message })], then: 'end' };
    }
  }
}

/** A frame whose last checksum is wrong. */
function damaged(frame: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(frame);
  bytes[bytes.length - 1] = 255 - bytes[bytes.length - 1];
  return bytes;
}
