import { Mount } from '../driver';
import { FRESH_DIRECTORIES, isBelow, RootStep } from './root-plan';

export interface RootScriptInput {
  /** An empty directory of the host to build the root on; no character of its path means anything to a shell or to `mount`. */
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
  const isLate = ({ path }: RootStep) => FRESH_DIRECTORIES.some((directory) => isBelow(path, directory));
  const early = input.steps.filter((step) => !isLate(step));
  return [
    `base=${quote(input.base)}`,
    `overlay_options=${input.userNamespace ? ',userxattr' : ''}`,
    PRELUDE,
    layersFor(early),
    ...early.map(stepCall),
    fresh(input.base, input.mounts.filter(({ readOnly }) => !readOnly)),
    ...input.steps.filter(isLate).map(stepCall),
    ...input.masked.map((path) => `mask ${quote(path)} ${quote(field(path))}`),
    'mount_all "$last"',
    ...input.mounts.filter(({ readOnly }) => readOnly).map((mount) => `bind ${quote(mount.hostPath)} ${quote(mount.mountPath)}`),
    ENTER_AND_HOLD,
  ].join('\n');
}

/** Makes all that overlays need, by one program for all of them. */
function layersFor(steps: readonly RootStep[]): string {
  const overlays = steps.flatMap(({ kind }, n) => (kind === 'overlay' ? [`"$base"/layers/${n}/upper "$base"/layers/${n}/work`] : []));
  // what is pivoted to has to be a mount, which it is if one overlay takes it all
  const isMount = steps.some(({ kind, path }) => kind === 'overlay' && path === '/');
  return `mkdir -p "$root" ${overlays.join(' ')}${isMount ? '' : '\nmount --bind "$root" "$root"'}`;
}

function stepCall(step: RootStep, n: number): string {
  switch (step.kind) {
    case 'overlay': return `overlay ${n} ${quote(step.path)} ${step.foreign ? 'foreign' : 'own'}`;
    case 'directory': return `mkdir -p "$root"${quote(step.path)}`;
    case 'copy': return `copy ${quote(step.path)} ${step.names.map((name) => quote(`./${name}`)).join(' ')}`;
    case 'bind': return `bind ${quote(step.path)} ${quote(step.path)}`;
  }
}

function quote(word: string): string {
  return `'${word.replace(/'/g, "'\\''")}'`;
}

/** A path as a field of a table of mounts; of the blanks there are, only these end a field. */
function field(path: string): string {
  return path.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

const PRELUDE = `
set -eu
umask 022
# the host's /proc is still here, and in it this shell has the id by which the host knows it
read -r holder rest < /proc/self/stat

# all that is written ends on this file system, which dies with the namespace; no devices from it
mount -t tmpfs -o mode=755,nodev tmpfs "$base"
root=$base/root

overlay() { # layer, path, own|foreign
  upper=$base/layers/$1/upper
  work=$base/layers/$1/work
  shift
  [ -d "$root$1" ] || mkdir -p "$root$1"
  if [ "$2" = foreign ]; then
    # directories of users who do not exist in here could not be written to, not even by root: make the upper ones anew.
    # What may not be listed stays closed.
    (cd "$1" && find . -xdev -mindepth 1 -maxdepth 3 -type d -print0 2>/dev/null || true) | (cd "$upper" && xargs -0 mkdir -p -- .)
  fi
  # a relative path, because a colon in it would mean something
  if (cd "$1" && mount -t overlay -o "lowerdir=.,upperdir=$upper,workdir=$work$overlay_options" overlay "$root$1"); then return; fi
  # not every file system can lie under an overlay; one that is mounted somewhere below is shown as it is
  if is_mount_point "$1"; then bind "$1" "$1"; else return 1; fi
}

copy() { # directory, names
  into=$1
  shift
  mkdir -p "$root$into"
  (cd "$into" && cp -RP "$@" "$root$into/")
}

bind() { # path on the host, path inside, where it is read-only
  if [ -d "$1" ]; then
    mkdir -p "$root$2"
  else
    mkdir -p "$(dirname "$root$2")"
    : >> "$root$2"
  fi
  mount --rbind "$1" "$root$2"
  flags_of "$root$2"
  mount -o "remount,bind,ro,\${flags#r?,}" "$root$2"
}

mask() { # path, the same as a field of a table
  if [ -d "$root$1" ]; then
    last="$last
tmpfs $root$2 tmpfs ro,mode=555,size=4k 0 0"
  fi
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

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** Makes the directories that are not the host's, and begins the table of the last mounts, the given ones among them. */
function fresh(base: string, mounts: readonly Mount[]): string {
  return `
cd "$root"
mkdir -p mnt tmp run dev proc sys root .host
# one program for many mounts: starting programs is most of what the set-up takes
mount_all() {
  printf '%s\\n' "$1" > "$base/mounts"
  mount -a -T "$base/mounts"
}
mount_all "
proc $root/proc proc defaults 0 0
tmpfs $root/tmp tmpfs mode=1777 0 0
tmpfs $root/run tmpfs mode=755 0 0
tmpfs $root/mnt tmpfs mode=755 0 0
tmpfs $root/dev tmpfs mode=755 0 0"
# a user namespace may not mount the system's anew
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys 2>/dev/null || mount --rbind /sys sys
for device in ${DEVICES.join(' ')}; do : > "dev/$device"; done
mkdir -p run/lock dev/pts dev/shm ${mounts.map(({ mountPath }) => quote(`.${mountPath}`)).join(' ')}
ln -s pts/ptmx dev/ptmx
# the host's own links, where it has them
cp -P /dev/fd /dev/stdin /dev/stdout /dev/stderr dev 2>/dev/null || {
  ln -sfn /proc/self/fd dev/fd
  for stream in 0:stdin 1:stdout 2:stderr; do ln -sf "/proc/self/fd/\${stream%%:*}" "dev/\${stream#*:}"; done
}
cd /
last="
${DEVICES.map((device) => `/dev/${device} $root/dev/${device} none bind 0 0`).join('\n')}
devpts $root/dev/pts devpts newinstance,ptmxmode=0666,mode=620 0 0
tmpfs $root/dev/shm tmpfs mode=1777,nosuid,nodev 0 0"
last="$last"${quote(mounts.map(({ hostPath, mountPath }) => `\n${field(hostPath)} ${base}/root${field(mountPath)} none rbind 0 0`).join(''))}
`;
}

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
cd "$root"
pivot_root . .host
cd /
umount -l /.host
rmdir /.host
echo "ready $holder"
${HOLD}`;
