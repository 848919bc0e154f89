import { CANNOT_PACK } from './ask';
import { word } from './remote-path';
import { fault, needs, script, SUM } from './shell';

/** How much of the beginning tells whether compressing is worth it, in bytes. */
export const SAMPLE_BYTES = 256 * 1024;

/**
 * `emit`: the bytes that are copied: of a file, or of a folder as an archive that is the same each time as long as the folder is.
 * That packing failed is told on standard error, for the end of a pipe says nothing of its beginning.
 */
function emit(path: string, kind: 'file' | 'folder'): string {
  return kind === 'file'
    ? `p=${word(path)}; emit() { tail -c +$1 "$p"; }`
    : `p=${word(path)}; s=; tar --sort=name -cf /dev/null -T /dev/null 2>/dev/null && s=--sort=name; `
      + `emit() { { tar $s -cf - -C "$p" . || echo "${CANNOT_PACK}" >&2; } | tail -c +$1; }`;
}

/** Says what is at a path: `kind`, and `mode` as `ls` writes it. */
export function lookScript(path: string): string {
  return script(
    needs('base64', 'head', 'tail', 'wc', 'ls'),
    `p=${word(path)}`,
    // looked at through a directory that may not be entered, nothing is there
    `[ -e "$p" ] || ${fault('missing')}`,
    `if [ -f "$p" ]; then k=file; elif [ -d "$p" ]; then k=folder; else ${fault('special')}; fi`,
    `[ -r "$p" ] || ${fault('denied')}`,
    `[ $k = file ] || [ -x "$p" ] || ${fault('denied')}`,
    `[ $k = file ] || command -v tar >/dev/null 2>&1 || ${fault('tools', 'tar')}`,
    'l=$(ls -ldnL "$p") || exit 1',
    'echo "mode ${l%% *}"',
    'echo "kind $k"',
  );
}

/** Says what would be copied: `size` and `sum`, and with gzip in the image `sample`, how large the beginning is when it is compressed. */
export function describeScript(path: string, kind: 'file' | 'folder'): string {
  return script(
    SUM,
    emit(path, kind),
    `[ -e "$p" ] || ${fault('missing')}`,
    kind === 'file' ? 'echo "size $(wc -c < "$p")"' : 'echo "size $(emit 1 | wc -c)"',
    'echo "sum $(emit 1 2>/dev/null | sum)"',
    `! command -v gzip >/dev/null 2>&1 || echo "sample $(emit 1 2>/dev/null | head -c ${SAMPLE_BYTES} | gzip -1 -c | wc -c)"`,
  );
}

/** Says the checksum of the beginning: `sum`. */
export function beginningScript(path: string, kind: 'file' | 'folder', length: number): string {
  return script(SUM, emit(path, kind), `echo "sum $(emit 1 2>/dev/null | head -c ${length} | sum)"`);
}

/** Prints a stretch of the bytes in base64, each line of it of any length. */
export function readScript(path: string, kind: 'file' | 'folder', { from, length, gzip }: { readonly from: number; readonly length: number; readonly gzip: boolean }): string {
  return script(
    emit(path, kind),
    'w=; base64 -w 0 </dev/null >/dev/null 2>&1 && w="-w 0"',
    `emit ${from + 1} 2>/dev/null | head -c ${length} | ${gzip ? 'gzip -1 -c | ' : ''}base64 $w`,
  );
}
