/** How one piece of a line looks. */
interface Look {
  readonly color?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

interface Piece extends Look {
  readonly text: string;
  readonly column: number;
}

/** A cell of the terminal and the room around the whole, in pixels. */
const CELL = { w: 8.4, h: 19 };
const MARGIN = 18;
const BAR = 30;

/** The colours 0 to 7 of terminals, on dark paper. */
const COLORS = ['#6e7681', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#f0f6fc'];

/**
 * What a terminal showed, as SVG; the same text always gives the same bytes.
 *
 * @param capture text with the escape sequences of colours, as `tmux capture-pane -e` writes it
 * @param title what the picture shows, for those who do not see it
 */
export function drawTerminal(capture: string, title: string): string {
  const lines = capture.replace(/\s+$/, '').split('\n').map(piecesOf);
  const columns = Math.max(60, ...lines.map((pieces) => Math.max(0, ...pieces.map(({ column, text }) => column + text.length))));
  const width = Math.ceil(columns * CELL.w + 2 * MARGIN);
  const height = Math.ceil(lines.length * CELL.h + BAR + MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escape(title)}</title>`,
    '<style>text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace; fill: #c9d1d9; }</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...['#ff5f56', '#ffbd2e', '#27c93f'].map((color, n) => `<circle cx="${MARGIN + n * 18}" cy="16" r="5.5" fill="${color}"/>`),
    ...lines.flatMap((pieces, n) => pieces.map((piece) => drawPiece(piece, n))),
    '</svg>',
    '',
  ].join('\n');
}

function drawPiece({ text, column, color, bold, dim }: Piece, line: number): string {
  const x = (MARGIN + column * CELL.w).toFixed(1);
  const style = [
    ...(color === undefined ? [] : [`fill:${COLORS[color]}`]), ...(bold ? ['font-weight:700'] : []), ...(dim ? ['opacity:0.6'] : []),
  ].join(';');
  // the length keeps columns in line whatever font is there
  const length = (text.length * CELL.w).toFixed(1);
  return `<text x="${x}" y="${BAR + line * CELL.h + 13}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style && ` style="${style}"`}>${escape(text)}</text>`;
}

/** The pieces of a line that look the same, without those that are blank. */
function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let look: Look = {};
  let column = 0;
  for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) {
      look = codes.split(';').map(Number).reduce(changed, look);
      continue;
    }
    // several blanks would be shown as one by some
    for (const { 0: word, index } of text.matchAll(/\S+(?: \S+)*/g)) pieces.push({ ...look, text: word, column: column + index });
    column += text.length;
  }
  return pieces;
}

function changed(look: Look, code: number): Look {
  if (code === 0) return {};
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 39) return { ...look, color: undefined };
  return code >= 30 && code <= 37 ? { ...look, color: code - 30 } : look;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
