/** A place on the grid of a picture, in cells. */
interface Area {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A box, a frame around boxes, or bare text. */
interface Shape extends Area {
  readonly kind: string;
  readonly lines: readonly string[];
}

interface Arrow {
  readonly from: Shape;
  readonly to: Shape;
  readonly lines: readonly string[];
}

interface Picture {
  readonly title: string;
  readonly alt: string;
  /** The size of a cell in pixels. */
  readonly cell: { readonly w: number; readonly h: number };
  readonly shapes: readonly Shape[];
  readonly arrows: readonly Arrow[];
}

/** The room between the edge of a cell and its box, and around the whole, in pixels. */
const GAP = 14;
const MARGIN = 12;
const TITLE = 34;
const LINE = 17;

const KINDS = ['plain', 'strong', 'good', 'bad', 'faint', 'frame', 'text'];

/**
 * The picture that a text describes, as SVG; the same text always gives the same bytes.
 *
 * One line is one thing, and `#` begins a comment:
 * `title TEXT`, `alt TEXT`, `cell WIDTH HEIGHT`, `KIND NAME X,Y WxH | line | line` with a kind of plain, strong, good, bad,
 * faint, frame and text, and `arrow NAME NAME | line`.
 *
 * @throws an error that names the line that cannot be read
 */
export function draw(text: string): string {
  return render(parse(text));
}

function parse(text: string): Picture {
  const named = new Map<string, Shape>();
  const arrows: Arrow[] = [];
  let [title, alt] = ['', ''];
  let cell = { w: 160, h: 80 };
  text.split('\n').forEach((line, i) => {
    const refuse = (why: string): never => {
      throw new Error(`line ${i + 1} ${JSON.stringify(line)}: ${why}`);
    };
    if (line.trim() === '' || line.startsWith('#')) return;
    const [head, ...lines] = line.split('|').map((part) => part.trim());
    const [word, ...rest] = head.split(/\s+/);
    const shape = (name: string) => named.get(name) ?? refuse(`nothing above it is named ${name}`);
    if (word === 'title') title = rest.join(' ');
    else if (word === 'alt') alt = rest.join(' ');
    else if (word === 'cell') cell = { w: Number(rest[0]), h: Number(rest[1]) };
    else if (word === 'arrow') arrows.push({ from: shape(rest[0]), to: shape(rest[1]), lines });
    else if (KINDS.includes(word)) {
      const [, x, y, w, h] = /^([\d.]+),([\d.]+) ([\d.]+)x([\d.]+)$/.exec(rest.slice(1).join(' ')) ?? refuse('the place is not X,Y WxH');
      if (named.has(rest[0])) refuse(`${rest[0]} is there already`);
      named.set(rest[0], { kind: word, x: Number(x), y: Number(y), w: Number(w), h: Number(h), lines });
    } else refuse(`${word} is none of title, alt, cell, arrow, ${KINDS.join(', ')}`);
  });
  return { title, alt, cell, shapes: [...named.values()], arrows };
}

/** Colours of both modes stand in the file itself, its background too: it is readable wherever it is shown. */
const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; text-anchor: middle; }
  .title { font-size: 16px; font-weight: 600; text-anchor: start; }
  .label { font-size: 12px; fill: #59636e; paint-order: stroke; stroke: #ffffff; stroke-width: 5px; }
  .paper { fill: #ffffff; }
  .plain, .good, .bad { fill: #f6f8fa; }
  .strong { fill: #ddf4ff; }
  .faint, .frame, .arrow { fill: none; }
  .plain, .strong, .faint, .frame, .arrow { stroke: #59636e; }
  .good { stroke: #1a7f37; stroke-width: 2; }
  .bad { stroke: #cf222e; stroke-width: 2; }
  .faint { stroke-dasharray: 4 3; }
  .frame { stroke-dasharray: 1 4; stroke-linecap: round; }
  .arrow { stroke-width: 1.5; marker-end: url(#head); }
  .head { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .label { fill: #9198a1; stroke: #0d1117; }
    .paper { fill: #0d1117; }
    .plain, .good, .bad { fill: #151b23; }
    .strong { fill: #12304f; }
    .plain, .strong, .faint, .frame, .arrow { stroke: #9198a1; }
    .good { stroke: #3fb950; }
    .bad { stroke: #f85149; }
    .head { fill: #9198a1; }
  }
`;

function render({ title, alt, cell, shapes, arrows }: Picture): string {
  const right = Math.max(...shapes.map(({ x, w }) => x + w)) * cell.w + 2 * MARGIN;
  const bottom = Math.max(...shapes.map(({ y, h }) => y + h)) * cell.h + 2 * MARGIN + TITLE;
  const box = (area: Area, gap = GAP): Area => ({
    x: MARGIN + area.x * cell.w + gap, y: MARGIN + TITLE + area.y * cell.h + gap, w: area.w * cell.w - 2 * gap, h: area.h * cell.h - 2 * gap,
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right} ${bottom}" width="${right}" height="${bottom}" role="img" aria-labelledby="title alt">`,
    `<title id="title">${escape(title)}</title>`,
    `<desc id="alt">${escape(alt)}</desc>`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect class="paper" width="${right}" height="${bottom}" rx="8"/>`,
    `<text class="title" x="${MARGIN + GAP}" y="${MARGIN + 20}">${escape(title)}</text>`,
    ...shapes.map((shape) => renderShape(shape, box(shape, shape.kind === 'frame' ? GAP / 3 : GAP))),
    ...arrows.map((arrow) => renderArrow(arrow, box(arrow.from), box(arrow.to))),
    '</svg>',
    '',
  ].join('\n');
}

function renderShape({ kind, lines }: Shape, { x, y, w, h }: Area): string {
  const middle = x + w / 2;
  if (kind === 'text') return texts('label', lines, middle, y + h / 2);
  const rectangle = `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(w)}" height="${round(h)}" rx="6"/>`;
  return rectangle + (kind === 'frame' ? texts('label', lines, middle, y + 11) : texts('', lines, middle, y + h / 2));
}

/** Straight where the boxes face each other, else with one corner: sideways first. */
function renderArrow({ lines }: Arrow, from: Area, to: Area): string {
  const shared = (start: 'x' | 'y', size: 'w' | 'h') => {
    const low = Math.max(from[start], to[start]);
    const high = Math.min(from[start] + from[size], to[start] + to[size]);
    return high > low ? (low + high) / 2 : undefined;
  };
  const [y, x] = [shared('y', 'h'), shared('x', 'w')];
  const edge = (area: Area, start: 'x' | 'y', size: 'w' | 'h', towards: Area) => area[start] + (towards[start] > area[start] ? area[size] : 0);
  if (y !== undefined) {
    const [begin, end] = [edge(from, 'x', 'w', to), edge(to, 'x', 'w', from)];
    return path(`M${round(begin)} ${round(y)}H${round(end)}`) + texts('label', lines, (begin + end) / 2, y - 4 - lines.length * LINE / 2);
  }
  if (x !== undefined) {
    const [begin, end] = [edge(from, 'y', 'h', to), edge(to, 'y', 'h', from)];
    return path(`M${round(x)} ${round(begin)}V${round(end)}`) + texts('label', lines, x, (begin + end) / 2 - 2);
  }
  const [begin, corner, end] = [edge(from, 'x', 'w', to), to.x + to.w / 2, edge(to, 'y', 'h', from)];
  const level = from.y + from.h / 2;
  return path(`M${round(begin)} ${round(level)}H${round(corner)}V${round(end)}`) + texts('label', lines, corner, (level + end) / 2 - 2);
}

function path(d: string): string {
  return `<path class="arrow" d="${d}"/>`;
}

/** Lines of text around a point. */
function texts(className: string, lines: readonly string[], x: number, y: number): string {
  const first = y - (lines.length - 1) * LINE / 2 + 4.5;
  const attribute = className && ` class="${className}"`;
  return lines.map((line, i) => `<text${attribute} x="${round(x)}" y="${round(first + i * LINE)}">${escape(line)}</text>`).join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
