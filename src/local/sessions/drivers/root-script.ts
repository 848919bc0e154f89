import { Mount } from '../driver';
import { RootStep } from './root-plan';

export interface RootScriptInput {
  /** An empty directory of the host to build the root on. */
  readonly base: string;
  readonly steps: readonly RootStep[];
  readonly mounts: readonly Mount[];
  /** Host directories that are empty inside. */
  readonly masked: readonly string[];
  readonly userNamespace: boolean;
}

/**
 * The program of a session's first process: builds the root directory, moves into it, tells `ready <pid on the host>`,
 * and then holds the namespaces until its standard input ends, which is when our process stops or dies.
 */
export function rootScript(input: RootScriptInput): string {
  return [
    `base=${quote(input.base)}`,
    `overlay_options=${input.userNamespace ? ',userxattr' : ''}`,
    PRELUDE,
    ...input.steps.map(stepCall),
    FRESH,
    ...input.masked.map((path) => `mask ${quote(path)}`),
    ...input.mounts.map((mount) => `bind ${quote(mount.hostPath)} ${quote(mount.mountPath)} ${mount.readOnly ? 'ro' : 'rw'}`),
    ENTER_AND_HOLD,
  ].join('\n');
}

function stepCall(step: RootStep): string {
  switch (step.kind) {
    case 'overlay': return `overlay ${quote(step.path)} ${step.foreign ? 'foreign' : 'own'}`;
    case 'directory': return `mkdir -p "$root"${quote(step.path)}`;
    case 'copy': return `copy ${quote(step.path)} ${step.names.map((name) => quote(`./${name}`)).join(' ')}`;
    case 'bind': return `bind ${quote(step.path)} ${quote(step.path)} ro`;
  }
}

function quote(word: string): string {
  return `'${word.replace(/'/g, "'\\''")}'`;
}

const PRELUDE = `
set -eu
umask 022
# the host's /proc is still here, and in it this shell has the id by which the host knows it
read -r holder rest < /proc/self/stat

# all that is written ends on this file system, which dies with the namespace; no devices from it
mount -t tmpfs -o mode=755,nodev tmpfs "$base"
root=$base/root
mkdir "$root" "$base/layers"
mount --bind "$root" "$root"
layer=0

overlay() { # path, own|foreign
  layer=$((layer + 1))
  upper=$base/layers/$layer/upper
  work=$base/layers/$layer/work
  mkdir -p "$upper" "$work" "$root$1"
  if [ "$2" = foreign ]; then
    # directories of users who do not exist in here could not be written to, not even by root: make the upper ones anew.
    # What may not be listed stays closed.
    (cd "$1" && find . -xdev -mindepth 1 -maxdepth 3 -type d -print0 2>/dev/null || true) | (cd "$upper" && xargs -0 mkdir -p -- .)
  fi
  # a relative path, because a colon in it would mean something
  if (cd "$1" && mount -t overlay -o "lowerdir=.,upperdir=$upper,workdir=$work$overlay_options" overlay "$root$1"); then return; fi
  # not every file system can lie under an overlay; one that is mounted somewhere below is shown as it is
  if is_mount_point "$1"; then bind "$1" "$1" ro; else return 1; fi
}

copy() { # directory, names
  into=$1
  shift
  mkdir -p "$root$into"
  (cd "$into" && cp -RP "$@" "$root$into/")
}

bind() { # path on the host, path inside, ro|rw
  if [ -d "$1" ]; then
    mkdir -p "$root$2"
  else
    mkdir -p "$(dirname "$root$2")"
    : >> "$root$2"
  fi
  mount --rbind "$1" "$root$2"
  if [ "$3" = ro ]; then
    flags_of "$root$2"
    mount -o "remount,bind,ro,\${flags#r?,}" "$root$2"
  fi
}

mask() { # path
  if [ -d "$root$1" ]; then mount -t tmpfs -o ro,mode=555,size=4k tmpfs "$root$1"; fi
}

flags_of() { # mount point; a user namespace may not drop the flags that are there
  flags=
  while read -r id parent device source point options rest; do
    if [ "$point" = "$1" ]; then flags=$options; fi
  done < /proc/self/mountinfo
}

is_mount_point() {
  flags_of "$1"
  [ -n "$flags" ]
}`;

const FRESH = `
for directory in mnt tmp run dev proc sys; do mkdir -p "$root/$directory"; done
chmod 1777 "$root/tmp"
mkdir -p "$root/run/lock"
mount -t proc proc "$root/proc"
# a user namespace may not mount the system's anew
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${stream%%:*}" "$root/dev/\${stream#*:}"; done
`;

/** The end of a holder's program: waits, and reaps, until its standard input ends. */
export const HOLD = `exec 3<&0 </dev/null >/dev/null 2>&1
# waiting reaps whatever loses its parent; the reader ends when our process does, and is started again should a command kill it
while :; do
  (read -r line) <&3 &
  status=0
  wait $! || status=$?
  if [ "$status" -le 128 ]; then exit; fi
done`;

const ENTER_AND_HOLD = `
# a name that every host file knows; only root may write it where the command is missing
hostname localhost 2>/dev/null || echo localhost > /proc/sys/kernel/hostname
mkdir -p "$root/root" "$root/.host"
cd "$root"
pivot_root . .host
cd /
umount -l /.host
rmdir /.host
echo "ready $holder"
${HOLD}`;
