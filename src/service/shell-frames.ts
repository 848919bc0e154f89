import { SHELL_LIMITS } from './shell';

/** The first byte of a frame says what the others are, as in Kubernetes' `v5.channel.k8s.io`. */
export const SHELL_CHANNEL = {
  stdin: 0,
  stdout: 1,
  /** What the platform has to say; the shell's own errors come with its output. */
  stderr: 2,
  status: 3,
  resize: 4,
  heartbeat: 5,
  close: 255,
} as const;

export interface ShellFrame {
  readonly channel: number;
  readonly payload: Buffer;
}

/** What a frame of the status channel tells: that the connection stands, or how the shell ended. */
export type ShellStatus =
  | { readonly kind: 'connected'; readonly shellId: string; readonly reconnected: boolean; readonly bytesDropped: number }
  | { readonly kind: 'ended'; readonly exitCode: number | undefined; readonly message: string };

/** Undefined for an empty frame, which has no channel. */
export function decodeShellFrame(bytes: Uint8Array): ShellFrame | undefined {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return frame.length === 0 ? undefined : { channel: frame[0], payload: frame.subarray(1) };
}

export function encodeShellFrame(channel: number, payload: Uint8Array | string = ''): Buffer {
  return Buffer.concat([Buffer.of(channel), Buffer.from(payload as Uint8Array)]);
}

/** The frames that carry bytes, each as full as is allowed. */
export function shellFramesOf(channel: number, bytes: Uint8Array): Buffer[] {
  const room = SHELL_LIMITS.frameBytes - 1;
  return Array.from({ length: Math.ceil(bytes.length / room) }, (_, n) => encodeShellFrame(channel, bytes.subarray(n * room, (n + 1) * room)));
}

export function encodeResize(columns: number, rows: number): Buffer {
  return encodeShellFrame(SHELL_CHANNEL.resize, JSON.stringify({ width: columns, height: rows }));
}

/** Undefined for what is no size of a terminal. */
export function decodeResize(payload: Buffer): { readonly columns: number; readonly rows: number } | undefined {
  const { width, height } = parsed(payload) as { width?: unknown; height?: unknown };
  const isSize = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) <= 65_535;
  return isSize(width) && isSize(height) ? { columns: width, rows: height } : undefined;
}

export function encodeShellStatus(status: ShellStatus): Buffer {
  return encodeShellFrame(SHELL_CHANNEL.status, JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...bodyOf(status) }));
}

function bodyOf(status: ShellStatus): object {
  if (status.kind === 'connected') {
    const { shellId, reconnected, bytesDropped } = status;
    return { metadata: { shellId, reconnected, ...(bytesDropped > 0 ? { bytesDropped } : {}) }, status: 'Success' };
  }
  const { exitCode, message } = status;
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  if (exitCode === undefined) return { metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 };
  return { metadata: {}, status: 'Failure', reason: 'NonZeroExitCode', message, details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] } };
}

interface StatusBody {
  readonly metadata?: { readonly shellId?: unknown; readonly reconnected?: unknown; readonly bytesDropped?: unknown };
  readonly status?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: readonly { readonly reason?: unknown; readonly message?: unknown }[] };
}

/** Undefined for what is no status. */
export function decodeShellStatus(payload: Buffer): ShellStatus | undefined {
  const { metadata, status, message, details } = parsed(payload) as StatusBody;
  if (typeof metadata?.shellId === 'string') {
    return { kind: 'connected', shellId: metadata.shellId, reconnected: metadata.reconnected === true, bytesDropped: Number(metadata.bytesDropped) || 0 };
  }
  if (status === 'Success') return { kind: 'ended', exitCode: 0, message: '' };
  if (status !== 'Failure') return undefined;
  const causes = Array.isArray(details?.causes) ? details.causes : [];
  const code = causes.find((cause) => cause?.reason === 'ExitCode')?.message;
  const exitCode = /^[0-9]{1,3}$/.test(String(code)) ? Number(code) : undefined;
  return { kind: 'ended', exitCode, message: typeof message === 'string' ? message : '' };
}

/** An empty object for what is no JSON object. */
function parsed(payload: Buffer): object {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
