import { ALIGNMENT, Piece } from './pieces';
import { joinRemote, RemotePath, word } from './remote-path';
import { fault, needs, script, SUM } from './shell';

/** Where an upload goes, once the session has said whether that is a directory. */
export interface UploadPlace {
  /** What it is called in the end. */
  readonly target: string;
  /** What its partial files begin with; beside the target, so that renaming them is one step. */
  readonly partial: string;
}

export interface PlaceOptions {
  readonly remote: RemotePath;
  /** Under which name it comes into a directory; `.` where its content is meant. */
  readonly name: string;
  readonly key: string;
  /** Begins the names of all partial files for one target. */
  readonly prefixOf: (name: string) => string;
}

/** The place where the path is that of the copy, and the place where it is the directory that takes the copy in. */
export function places({ remote, name, key, prefixOf }: PlaceOptions): { readonly as: UploadPlace; readonly into: UploadPlace } {
  const place = (directory: string, target: string, own: string) => ({ target, partial: joinRemote(directory, `${prefixOf(own)}${key}`) });
  const as = place(remote.directory, remote.path, remote.name);
  return { as, into: name === '.' ? as : place(remote.path, joinRemote(remote.path, name), name) };
}

/** Where the parts of one upload lie: those of segment n, and the folder that they become. */
export function partOf({ partial }: UploadPlace, segment: number): string {
  return `${partial}.${segment}.part`;
}

export function treeOf({ partial }: UploadPlace): string {
  return `${partial}.tree`;
}

/**
 * Looks at the target, removes what earlier copies of other content have left, and says how far this one has come: `at as` or
 * `at into`, `part` with the number of a segment and the bytes that are there, `df` with the file system's line, `gzip` where it is there.
 */
export function prepareScript(options: PlaceOptions, kind: 'file' | 'folder'): string {
  const { remote, key, name, prefixOf } = options;
  const { as, into } = places(options);
  const choice = ({ target, partial }: UploadPlace, directory: string, own: string) =>
    `t=${word(target)}; d=${word(directory)}; b=${word(partial)}; x=${word(joinRemote(directory, prefixOf(own)))}`;
  return script(
    needs('base64', 'dd', 'head', 'tail', 'wc', 'mkdir', 'mv', 'rm', 'chmod', ...(kind === 'folder' ? ['tar'] : [])),
    `if [ -d ${word(remote.path)} ]; then ${choice(into, name === '.' ? remote.directory : remote.path, name === '.' ? remote.name : name)}; echo at into; `
    + `else ${choice(as, remote.directory, remote.name)}; echo at as; ${remote.meansDirectory ? fault('notdirectory') : ':'}; fi`,
    `[ -d "$d" ] || ${fault('noparent', '$d')}`,
    `[ -w "$d" ] && [ -x "$d" ] || ${fault('denied')}`,
    kind === 'file' ? `[ ! -d "$t" ] || ${fault('isdirectory')}` : `[ -d "$t" ] || { [ ! -e "$t" ] && [ ! -L "$t" ]; } || ${fault('notdirectory')}`,
    kind === 'file' ? `[ ! -e "$t" ] || [ -f "$t" ] || ${fault('special')}` : ':',
    // only this one: two copies of equal content to one place do not disturb each other
    `for f in "$x"*; do case $f in *${key}.*) ;; *) rm -rf "$f" ;; esac; done`,
    'n=-1',
    'for f in "$b".*.part; do [ -e "$f" ] || continue; m=${f%.part}; m=${m##*.}; [ "$m" -le "$n" ] || n=$m; done',
    ...(kind === 'folder' ? ['[ -d "$b.tree" ] || { rm -f "$b".*.part; n=-1; }'] : []),
    `[ "$n" -ge 0 ] || { n=0; ${kind === 'folder' ? 'mkdir "$b.tree" && ' : ''}: > "$b.0.part" || exit 1; }`,
    'echo "part $n $(wc -c < "$b.$n.part")"',
    'echo "df $(df -Pk "$d" 2>/dev/null | tail -n 1)"',
    '! command -v gzip >/dev/null 2>&1 || echo gzip yes',
  );
}

/** Says the checksum of the beginning of a part: `sum`. */
export function prefixScript(part: string, length: number): string {
  return script(SUM, `[ -f ${word(part)} ] || ${fault('gone')}`, `echo "sum $(head -c ${length} ${word(part)} | sum)"`);
}

/** Begins a part anew. */
export function emptyScript(part: string): string {
  return script(`: > ${word(part)}`);
}

/** Writes a piece to its place in a part; doing it again changes nothing. */
export function pieceScript(part: string, { offset, base64, gzip }: Pick<Piece, 'offset' | 'base64' | 'gzip'>): string {
  return script(
    `p=${word(part)}`,
    // a machine that has been replaced would begin a file with a hole
    `[ -f "$p" ] || ${fault('gone')}`,
    `echo ${base64} | base64 -d | ${gzip ? 'gzip -dc | ' : ''}dd of="$p" ibs=65536 obs=${ALIGNMENT} seek=${offset / ALIGNMENT} conv=notrunc`,
  );
}

export interface PlaceFile {
  readonly part: string;
  readonly target: string;
  readonly sum: string;
  readonly mode: number;
}

/** Puts a part that is complete under its name; again, it finds its work done. */
export function placeFileScript({ part, target, sum, mode }: PlaceFile): string {
  return script(
    SUM,
    `p=${word(part)}; t=${word(target)}`,
    `there() { [ ! -f "$p" ] && [ -f "$t" ] && [ "$(sum < "$t")" = ${sum} ]; }`,
    `[ -f "$p" ] || { there && exit 0; ${fault('gone')}; }`,
    verify(sum, 'there && exit 0; '),
    `[ ! -d "$t" ] || ${fault('isdirectory')}`,
    // another copy of the same content may put it there at this very moment
    `chmod ${mode.toString(8)} "$p" && mv -f "$p" "$t" || there`,
  );
}

export interface AddSegment {
  readonly place: UploadPlace;
  readonly index: number;
  readonly kind: 'file' | 'archive';
  readonly sum: string;
  readonly name: string;
  readonly mode: number;
}

/** Adds a part that is complete to the folder that is being made, and begins the next one; again, it finds its work done. */
export function addSegmentScript({ place, index, kind, sum, name, mode }: AddSegment): string {
  const add = kind === 'archive'
    // m, as without it every file would be as old as the archive says: 1970
    ? 'tar -xmpf "$p" -C "$t"'
    : `chmod ${mode.toString(8)} "$p" && mv -f "$p" ${word(joinRemote(treeOf(place), name))}`;
  return script(
    SUM,
    `p=${word(partOf(place, index))}; q=${word(partOf(place, index + 1))}; t=${word(treeOf(place))}`,
    '[ -f "$p" ] || { [ -f "$q" ] && exit 0; }',
    // put into the folder already, and then interrupted
    ...(kind === 'archive' ? [] : [`f=${word(joinRemote(treeOf(place), name))}; [ -f "$p" ] || { [ -f "$f" ] && [ "$(sum < "$f")" = ${sum} ] && : > "$q" && exit 0; }`]),
    `[ -f "$p" ] && [ -d "$t" ] || ${fault('gone')}`,
    verify(sum),
    `${add} && : > "$q" && rm -f "$p"`,
  );
}

function verify(sum: string, unless = ''): string {
  return `[ "$(sum < "$p")" = ${sum} ] || { ${unless}rm -f "$p"; echo fault:damaged; exit 3; }`;
}

/**
 * `merge act from to` moves all that is in a directory into another one, where act is `move`; with `look`, it only says what stands in
 * the way. Each call has a shell of its own, whose variables the calls within it do not change.
 */
const MERGE = 'merge() { for f in "$2"/* "$2"/.[!.]* "$2"/..?*; do [ -e "$f" ] || [ -L "$f" ] || continue; o="$3/${f##*/}"; '
  + 'if [ -d "$f" ] && [ ! -L "$f" ]; then if [ -d "$o" ]; then ( merge "$1" "$f" "$o" ) || exit $?; continue; fi; '
  + '[ ! -e "$o" ] && [ ! -L "$o" ] || { echo "fault:conflict $o"; exit 3; }; '
  + 'elif [ -d "$o" ] && [ ! -L "$o" ]; then echo "fault:conflict $o"; exit 3; fi; '
  + '[ "$1" = look ] || { [ ! -L "$o" ] || rm -f "$o"; mv -f "$f" "$o" || exit 1; }; done; }';

/** Puts the folder that was made under its name, in one step where nothing is there, else file by file; again, it finds its work done. */
export function placeFolderScript(place: UploadPlace): string {
  return script(
    `b=${word(place.partial)}; t=${word(place.target)}`,
    MERGE,
    `if [ ! -d "$b.tree" ]; then [ -d "$t" ] || ${fault('gone')}`,
    'elif [ -d "$t" ]; then ( merge look "$b.tree" "$t" ) || exit $?; ( merge move "$b.tree" "$t" ) || exit $?; rm -rf "$b.tree"',
    'else mv "$b.tree" "$t" || exit 1; fi',
    'rm -f "$b".*.part',
  );
}

/** Removes all that an upload has left. */
export function discardScript({ partial }: UploadPlace): string {
  return script(`b=${word(partial)}`, 'rm -rf "$b".*.part "$b.tree"');
}
