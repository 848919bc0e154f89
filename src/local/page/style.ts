/** The look of all pages, light or dark as the reader's system is. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #dfe3e8; --text: #1b2129; --dim: #5c6773; --link: #0b5cad; --focus: #0b5cad;
  --good: #0f6b3c; --good-ground: #e0f4e8; --bad: #a4161a; --bad-ground: #fde8e8; --busy: #7a4b00; --busy-ground: #fff1d6; --quiet-ground: #eceff3;
  --screen: #10161d; --screen-text: #d8dfe7; --screen-error: #ff9d95; --screen-dim: #8c98a5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161b; --card: #1a2027; --line: #2d3640; --text: #e4e9ee; --dim: #9aa6b2; --link: #7cb8ff; --focus: #7cb8ff;
    --good: #7ddba3; --good-ground: #143524; --bad: #ffa29c; --bad-ground: #43191b; --busy: #ffce7a; --busy-ground: #3d2d0d; --quiet-ground: #28303a;
    --screen: #0b0f13;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
h1, h2, h3, h4, p, ul, ol, dl, dd, pre { margin: 0; padding: 0; }
h1 { font-size: 20px; line-height: 1.3; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 28px 0 10px; }
h3 { font-size: 16px; display: inline; }
h4 { font-size: 12px; font-weight: 600; color: var(--dim); margin: 16px 0 4px; }
.top, main, .bottom { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
.top { display: flex; align-items: center; justify-content: space-between; height: 60px; }
.brand { display: inline-flex; align-items: center; gap: 10px; font-weight: 650; color: inherit; text-decoration: none; }
.live { font-size: 13px; color: var(--dim); }
.live.on::before, .live.off::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 7px; background: #22a565; }
.live.off::before { background: #d64545; }
.bottom { padding-top: 36px; padding-bottom: 36px; font-size: 13px; color: var(--dim); }
.skip, .sr { position: absolute; left: -9999px; }
.skip:focus { left: 12px; top: 12px; background: var(--card); padding: 8px 12px; z-index: 1; }
.dim, time, .none { color: var(--dim); }
.trail { font-size: 13px; margin-bottom: 10px; color: var(--dim); overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
h1 + .facts { margin-top: 14px; }
.facts > div { padding: 11px 18px; flex: 1 0 auto; }
.facts > div + div { border-left: 1px solid var(--line); }
dt { font-size: 12px; color: var(--dim); }
.facts dd time { color: inherit; }
.rows { list-style: none; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto minmax(0, 17em) 6em; gap: 14px; align-items: center; padding: 8px 18px; }
.row + .row { border-top: 1px solid var(--line); }
.row a { text-decoration: none; overflow: hidden; }
.row .badge { justify-self: end; }
.row time { text-align: right; font-size: 13px; }
.where { font-size: 13px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.line { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.badge { display: inline-block; font-size: 12px; font-weight: 600; line-height: 20px; padding: 0 9px; border-radius: 10px; white-space: nowrap; color: var(--dim); background: var(--quiet-ground); }
.badge.good { color: var(--good); background: var(--good-ground); }
.badge.bad { color: var(--bad); background: var(--bad-ground); }
.badge.busy { color: var(--busy); background: var(--busy-ground); }
h1 .badge { vertical-align: 3px; margin-left: 6px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; }
.card + .card { margin-top: 14px; }
.card .id { color: var(--dim); margin-left: 6px; }
.failure { margin-top: 8px; color: var(--bad); overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 36px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; font-weight: 400; padding: 5px 14px 5px 0; border-top: 1px solid var(--line); vertical-align: baseline; overflow-wrap: anywhere; }
thead th { font-size: 12px; color: var(--dim); border-top: 0; padding-bottom: 2px; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; padding-right: 36px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide time, .wide td { white-space: nowrap; }
.files { background: var(--card); border: 1px solid var(--line); border-radius: 10px; border-spacing: 0; border-collapse: separate; margin-top: 16px; overflow: hidden; }
.files th:first-child { padding-left: 18px; }
.files td:last-child, .files th:last-child { padding-right: 18px; }
.versions { list-style: none; }
.versions li { border-top: 1px solid var(--line); padding: 5px 0; }
.versions li:first-child { border-top: 0; }
.versions dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 14px; padding: 6px 0 4px 16px; }
.versions dt { line-height: 22px; }
.versions dd { overflow-wrap: anywhere; }
summary { cursor: pointer; }
.mounts { list-style: none; }
.mounts li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 18px; }
.mounts li + li { margin-top: 8px; }
.mounts .dim { margin-left: 10px; }
.command { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.command + .command { margin-top: 8px; }
.command summary { display: flex; align-items: center; gap: 12px; padding: 9px 18px; }
.command summary .line { flex: 1; min-width: 0; }
.command summary::before { content: "▸"; color: var(--dim); width: 10px; }
.command[open] summary::before { content: "▾"; }
.command summary::-webkit-details-marker { display: none; }
.command summary .dim { font-size: 13px; min-width: 4em; text-align: right; }
.command p { padding: 0 18px 10px 40px; font-size: 13px; }
.source, .hint { padding: 12px 18px; background: var(--quiet-ground); overflow: auto; max-height: 16em; }
.command .source { margin: 0 18px 10px 40px; border-radius: 8px; }
.hint { border-radius: 10px; margin-top: 8px; }
.output { background: var(--screen); color: var(--screen-text); padding: 12px 18px; max-height: 30em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: 0 0 9px 9px; }
.output:empty { display: none; }
.output .stderr { color: var(--screen-error); }
.output .gap { display: block; color: var(--screen-dim); border-block: 1px dashed var(--screen-dim); margin: 8px 0; padding: 4px 0; }
.output.file { border-radius: 10px; margin-top: 14px; max-height: none; }
#agent-log .output { border-radius: 10px; margin-top: 8px; }
@media (max-width: 720px) {
  .columns { grid-template-columns: 1fr; }
  .row { grid-template-columns: minmax(0, 1fr) auto; }
  .row .where { display: none; }
  .row time { grid-column: 1 / -1; text-align: left; }
  .facts > div + div { border-left: 0; }
  .top, main, .bottom { padding-left: 14px; padding-right: 14px; }
  .wide { display: block; overflow-x: auto; }
}
`;

/** A shell's prompt. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b5cad"/><path d="M9 10l6 6-6 6M17 22h7" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>
`;
