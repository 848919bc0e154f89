import { EventStreamCodec } from '@smithy/core/event-streams';
import { DATA_PLANE_SHAPES } from '../../../service/model/data-plane';

/** What a frame of a command's stream tells. */
export type StreamEvent = 'contentStart' | 'contentDelta' | 'contentStop' | 'exception';

const CODEC = new EventStreamCodec((bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'), (text) => Buffer.from(text, 'utf8'));

/** The frame of an event. */
export function chunk(event: object): Uint8Array {
  return frameOf({ ':message-type': 'event', ':event-type': 'chunk' }, event);
}

/** The frame of an error; of one that the stream's model does not know, as an internal one. */
export function exception(type: string, body: object): Uint8Array {
  const member = type[0].toLowerCase() + type.slice(1);
  const known = Object.hasOwn(DATA_PLANE_SHAPES.InvokeAgentRuntimeCommandStreamOutput.members!, member) && member !== 'chunk';
  return frameOf({ ':message-type': 'exception', ':exception-type': known ? member : 'internalServerException' }, body);
}

function frameOf(headers: Readonly<Record<string, string>>, body: object): Uint8Array {
  const typed = Object.entries({ ...headers, ':content-type': 'application/json' }).map(([name, value]) => [name, { type: 'string' as const, value }]);
  return CODEC.encode({ headers: Object.fromEntries(typed), body: Buffer.from(JSON.stringify(body)) });
}
