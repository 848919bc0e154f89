import { timeScale, timeText } from './time-scale';
import { FleetSummary } from '../contract';

/** In milliseconds, of the sessions that tell how long their commands took. */
export interface Durations {
  readonly succeeded: readonly number[];
  readonly failed: readonly number[];
}

const WIDTH = 820;
const MARGIN = 24;
/** Of the plot, in pixels. */
const PLOT = { x: 60, y: 104, width: WIDTH - 60 - MARGIN, height: 170 } as const;
const BARS = 60;
/** The longest command takes so many times as long as those of the first bar, or less. */
const SHORTEST_PART = 200;
const ROW = 22;

/** How many rows a table has at most; what is rarer is added up in a last one. */
const ROWS = 8;

const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .label { font-size: 12px; fill: #59636e; }
  .middle { text-anchor: middle; }
  .end { text-anchor: end; }
  .paper { fill: #ffffff; }
  .line { stroke: #d1d9e0; }
  .good { fill: #2da44e; }
  .bad { fill: #cf222e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .label { fill: #9198a1; }
    .paper { fill: #0d1117; }
    .line { stroke: #3d444d; }
  }`;

/** The report of a fleet as SVG: how long its commands took, with which exit codes, and how its sessions ended. */
export function drawReport(summary: FleetSummary, durations: Durations): string {
  const { sessions, succeeded, failed, notStarted, elapsedMillis, durationMillis: d, errors, exitCodes } = summary;
  const counts = `${sessions} sessions: ${succeeded} succeeded, ${failed} failed${notStarted > 0 ? `, ${notStarted} not started` : ''}; in ${timeText(elapsedMillis)}`;
  const times = d ? `commands took ${timeText(d.shortest)} to ${timeText(d.longest)}, half of them up to ${timeText(d.median)}, 95 % up to ${timeText(d.percentile95)}`
    : 'no session tells how long its command took';
  const outcomes = rowsOf({ ...(succeeded > 0 ? { Succeeded: succeeded } : {}), ...errors, ...(notStarted > 0 ? { NotStarted: notStarted } : {}) });
  const codes = rowsOf(exitCodes);
  const top = PLOT.y + PLOT.height + 78;
  const height = top + ROW * Math.max(outcomes.length, codes.length, 1) + MARGIN;
  const title = `Fleet ${summary.execution.split(':').at(-1)!}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title alt">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="alt">${escaped(`${counts}; ${times}`)}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>`,
    text(MARGIN, 34, title, 'title'),
    text(MARGIN, 58, counts),
    text(MARGIN, 78, times, 'label'),
    ...(d ? histogram(durations, d.shortest, d.longest) : []),
    ...table(MARGIN, top, 'outcome', outcomes, sessions, (name) => name === 'Succeeded'),
    ...table(WIDTH / 2 + MARGIN, top, 'exit code', codes, sessions, (code) => code === '0'),
    '</svg>',
    '',
  ].join('\n');
}

/** The sessions by how long their commands took; those that failed on top of those that did not. */
function histogram({ succeeded, failed }: Durations, shortest: number, longest: number): string[] {
  // a time that is told to the second may be none: the first bar holds all that is far shorter than the longest
  const scale = timeScale(Math.max(shortest, longest / SHORTEST_PART), longest);
  const count = (times: readonly number[]) => {
    const bars = new Array<number>(BARS).fill(0);
    for (const time of times) bars[Math.min(BARS - 1, Math.floor(scale.position(time) * BARS))]++;
    return bars;
  };
  const [good, bad] = [count(succeeded), count(failed)];
  const most = Math.max(...good.map((n, i) => n + bad[i]));
  const bottom = PLOT.y + PLOT.height;
  const width = PLOT.width / BARS;
  const bar = (i: number, from: number, n: number, kind: string) => {
    const unit = PLOT.height / most;
    return n === 0 ? '' : `<rect class="${kind}" x="${px(PLOT.x + i * width)}" y="${px(bottom - (from + n) * unit)}" width="${px(width - 1)}" height="${px(n * unit)}"/>`;
  };
  return [
    ...[0, 0.5, 1].flatMap((part) => {
      const y = bottom - part * PLOT.height;
      return [`<path class="line" d="M${PLOT.x} ${px(y)}h${PLOT.width}"/>`, text(PLOT.x - 8, y + 4, String(Math.round(part * most)), 'label end')];
    }),
    ...good.flatMap((n, i) => [bar(i, 0, n, 'good'), bar(i, n, bad[i], 'bad')]).filter(Boolean),
    ...scale.marks.map((mark) => text(PLOT.x + scale.position(mark) * PLOT.width, bottom + 20, timeText(mark), 'label middle')),
    text(PLOT.x + PLOT.width / 2, bottom + 40, 'how long the command took', 'label middle'),
  ];
}

type Row = readonly [name: string, count: number];

function rowsOf(counts: Readonly<Record<string, number>>): Row[] {
  const rows = Object.entries(counts);
  if (rows.length <= ROWS) return rows;
  return [...rows.slice(0, ROWS - 1), ['others', rows.slice(ROWS - 1).reduce((sum, [, n]) => sum + n, 0)]];
}

function table(x: number, y: number, head: string, rows: readonly Row[], all: number, isGood: (name: string) => boolean): string[] {
  const bar = { x: x + 230, width: WIDTH / 2 - MARGIN * 2 - 230 };
  return [
    text(x, y, head, 'label'),
    ...rows.flatMap(([name, count], i) => {
      const baseline = y + ROW * (i + 1);
      return [
        text(x, baseline, name.length > 24 ? `${name.slice(0, 23)}…` : name),
        text(x + 218, baseline, String(count), 'end'),
        `<rect class="${isGood(name) ? 'good' : 'bad'}" x="${bar.x}" y="${baseline - 11}" width="${px(Math.max(1, count / all * bar.width))}" height="12"/>`,
      ];
    }),
  ];
}

function text(x: number, y: number, content: string, kind?: string): string {
  return `<text x="${px(x)}" y="${px(y)}"${kind ? ` class="${kind}"` : ''}>${escaped(content)}</text>`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '?');
}
