import { basename, dirname } from 'node:path';

/** One step of building a session's root directory out of the host's; paths are the same on both sides. */
export type RootStep =
  /** The host's directory with a layer on top that takes all writes. */
  | { readonly kind: 'overlay'; readonly path: string; readonly foreign: boolean }
  /** An empty directory. */
  | { readonly kind: 'directory'; readonly path: string }
  /** Files and symbolic links, copied. */
  | { readonly kind: 'copy'; readonly path: string; readonly names: readonly string[] }
  /** The host's directory or file itself, read-only. */
  | { readonly kind: 'bind'; readonly path: string };

/** What the plan looks at on the host. */
export interface HostView {
  /** All mount points. */
  readonly mountPoints: readonly string[];
  /** Host files that have to be there even if they live in a directory that starts out fresh. */
  readonly keepFiles: readonly string[];
  /** The running Node. */
  readonly node: string;
  /** Whether one overlay can take the root directory as it is, without the file systems mounted below. */
  readonly overlaysRoot: boolean;
  /** Whether there is a directory, undefined where there is nothing. */
  isDirectory(path: string): boolean | undefined;
  /** The entries of a directory; undefined where it may not be read. */
  list(path: string): readonly HostEntry[] | undefined;
  /** Whether the directory belongs to someone who does not exist in the session. */
  isForeign(path: string): boolean;
}

export interface HostEntry {
  readonly name: string;
  readonly kind: 'directory' | 'file' | 'large-file' | 'link' | 'other';
}

/** Directories that a session does not share with the host: the set-up script makes them. */
export const FRESH_DIRECTORIES: readonly string[] = ['/proc', '/sys', '/dev', '/run', '/tmp', '/mnt'];

/** Stores of container engines: nothing in a session can use them, and each of their mounts would cost one of ours. */
const HIDDEN_DIRECTORIES: readonly string[] = ['/var/lib/docker', '/var/lib/containerd', '/var/lib/containers', '/var/lib/kubelet'];

/**
 * How to build the root of a session.
 *
 * One overlay takes one mount of the host, and inside of a user namespace not even that if there are other mounts below.
 * So there a directory with mounts below is taken apart, entry by entry, down to directories without; `/` is the first of them.
 */
export function planRoot(host: HostView, fresh = FRESH_DIRECTORIES): RootStep[] {
  return [...host.overlaysRoot ? overlayEach(host, fresh) : takeApart('/', host, fresh), ...keep(host, fresh)];
}

/** An overlay for the root and one for each file system mounted below; what is mounted on a file is copied. */
function overlayEach(host: HostView, fresh: readonly string[]): RootStep[] {
  const outside = [...fresh, ...HIDDEN_DIRECTORIES];
  const isSeen = (path: string) => path !== '/' && !outside.some((directory) => path === directory || isBelow(path, directory));
  const below = [...new Set(host.mountPoints)].filter(isSeen).sort();
  return [{ kind: 'overlay', path: '/', foreign: false } as const, ...below.flatMap((path): RootStep[] => {
    const isDirectory = host.isDirectory(path);
    if (isDirectory === undefined) return [];
    return [isDirectory ? { kind: 'overlay', path, foreign: false } : { kind: 'copy', path: dirname(path), names: [basename(path)] }];
  })];
}

function take(path: string, host: HostView, fresh: readonly string[]): RootStep[] {
  if (fresh.includes(path)) return [];
  if (HIDDEN_DIRECTORIES.includes(path) || host.list(path) === undefined) return [{ kind: 'directory', path }];
  if (host.mountPoints.some((mountPoint) => isBelow(mountPoint, path))) return takeApart(path, host, fresh);
  return [{ kind: 'overlay', path, foreign: host.isForeign(path) }];
}

function takeApart(path: string, host: HostView, fresh: readonly string[]): RootStep[] {
  const entries = host.list(path) ?? [];
  const named = (kind: HostEntry['kind']) => entries.filter((entry) => entry.kind === kind).map((entry) => entry.name);
  const inside = (name: string) => (path === '/' ? `/${name}` : `${path}/${name}`);
  const copied = [...named('link'), ...named('file')];
  return [
    ...(path === '/' ? [] : [{ kind: 'directory', path } as const]),
    ...(copied.length === 0 ? [] : [{ kind: 'copy', path, names: copied } as const]),
    ...named('large-file').map((name) => ({ kind: 'bind', path: inside(name) } as const)),
    ...named('directory').flatMap((name) => take(inside(name), host, fresh)),
  ];
}

/** What would be missed of the directories that start out fresh. */
function keep(host: HostView, fresh: readonly string[]): RootStep[] {
  const isHidden = (path: string) => fresh.some((directory) => isBelow(path, directory));
  const bin = dirname(host.node);
  const installation = bin.endsWith('/bin') && !fresh.includes(dirname(bin)) ? dirname(bin) : bin;
  return [
    ...host.keepFiles.filter(isHidden).map((path) => ({ kind: 'bind', path } as const)),
    ...(isHidden(host.node) ? [{ kind: 'bind', path: installation } as const] : []),
  ];
}

/** Whether a path is really inside of a directory. */
export function isBelow(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory === '/' ? '/' : `${directory}/`);
}
