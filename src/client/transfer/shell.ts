/*
 * Pieces of shell text for images of any POSIX kind: GNU, busybox and BSD programs. Without single quotes, backslashes and
 * newlines, so that the text travels as it is.
 */

/** Messages in English and bytes as characters. */
export const PREAMBLE = 'LC_ALL=C; export LC_ALL';

/** `sum`: the SHA-256 of standard input, in hexadecimal digits. */
export const SUM = 'sum() { if command -v sha256sum >/dev/null; then sha256sum; elif command -v shasum >/dev/null; then shasum -a 256; '
  + 'else openssl dgst -sha256 -r; fi | { read -r h rest; echo "$h"; }; }';

/** Says `fault:tools` and ends where a program is missing. */
export function needs(...programs: readonly string[]): string {
  return `no=; for t in ${programs.join(' ')}; do command -v $t >/dev/null 2>&1 || no="$no $t"; done; `
    + 'command -v sha256sum >/dev/null 2>&1 || command -v shasum >/dev/null 2>&1 || command -v openssl >/dev/null 2>&1 || no="$no sha256sum"; '
    + '[ -z "$no" ] || { echo "fault:tools$no"; exit 3; }';
}

/** Says which fault and ends. */
export function fault(name: string, rest = ''): string {
  return `{ echo "fault:${name}${rest && ` ${rest}`}"; exit 3; }`;
}

export function script(...lines: readonly string[]): string {
  return [PREAMBLE, ...lines].join('; ');
}
