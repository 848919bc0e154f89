/**
 * A POSIX shell script that measures a mount and tells it as one line of JSON: `mounted`, `writable`, `type` of file system,
 * `sizeBytes` and `freeBytes`, each `null` where the image has no means to tell.
 *
 * It fails, and says why, where the directory is not there, is no mount, or cannot be written to. The local AgentCore may have
 * a plain directory in the place of the mount, which it tells by a variable: then `mounted` is false, and that is no failure.
 */
export function measuringScript(mountPath: string): string {
  return `path='${mountPath}'\n${MEASURE}`;
}

// no tool but df: everything else is the shell's own; df -P is the form that every df has
const MEASURE = String.raw`
fail() { printf '%s: %s\n' "$path" "$1" >&2; exit 1; }

[ -d "$path" ] || fail 'there is no such directory in the session, so the filesystem is not mounted'
real=$(cd "$path" && pwd -P) || fail "the directory cannot be entered as user $(id -u)"

mounted=false
type=null
if [ -r /proc/self/mounts ]; then
  while read -r device point kind rest; do
    if [ "$point" = "$real" ]; then mounted=true type="\"$kind\""; fi
  done < /proc/self/mounts
fi

number() { case "$1" in '' | *[!0-9]*) echo null ;; *) echo "$(($1 * 1024))" ;; esac; }
size=null
free=null
table=$(df -P -k "$real" 2>/dev/null) || table=
if [ -n "$table" ]; then
  while read -r device blocks used available capacity point; do
    size=$(number "$blocks")
    free=$(number "$available")
    if [ "$point" = "$real" ]; then mounted=true; fi
  done << END
$table
END
fi

if [ "$mounted" = false ] && [ -z "$AGENTCORE_LOCAL_MOUNT_0" ]; then
  fail 'the directory is there, but nothing is mounted on it: what is written there is lost with the session'
fi

probe=$real/.cdk-agentcore-probe.$$
if (umask 077 && echo probe > "$probe") 2>/dev/null && read -r found < "$probe" && [ "$found" = probe ] && rm -f "$probe"; then
  :
else
  rm -f "$probe"
  fail "it is mounted, but user $(id -u) cannot write to it"
fi
printf '{"mounted":%s,"writable":true,"type":%s,"sizeBytes":%s,"freeBytes":%s}' "$mounted" "$type" "$size" "$free"
`;
