import { html, Html } from './html';
import { badge, time } from './layout';
import { OutputText } from './recorded-output';
import { CommandView } from './state-view';
import { formatBytes } from '../sizes';

/** A command's output as it is shown. */
export interface CommandOutput {
  readonly head: readonly OutputText[];
  /** What of the middle is not kept, in bytes. */
  readonly omittedBytes: number;
  readonly tail: readonly OutputText[];
}

/** A command in one line, with a way to its output. */
export function commandRow(command: CommandView): Html {
  return html`
<li class="row"><a href="/_local/sessions/${command.session}#command-${command.id}"><code class="line">${oneLine(command.command)}</code></a>
${badge(outcomeOf(command))} <span class="dim where" title="${command.runtimeId}">${command.sessionId}</span> ${time(command.startedAt)}</li>`;
}

/** A command with its output; open while it runs, and where it is the newest one. */
export function commandDetails(command: CommandView, output: CommandOutput, open: boolean): Html {
  return html`
<details class="command" id="command-${command.id}" data-command="${command.id}"${open ? new Html(' open') : undefined}>
<summary><code class="line">${oneLine(command.command)}</code> ${badge(outcomeOf(command))} <span class="dim">${tookOf(command)}</span></summary>
${oneLine(command.command) === command.command ? undefined : html`<pre class="source">${command.command}</pre>`}
<p class="dim">Started ${time(command.startedAt)}, ${command.workingDirectory === undefined ? undefined : html`in <code>${command.workingDirectory}</code>, `}${formatBytes(command.outputBytes)} of output${command.error === undefined ? '' : `; ${command.error}`}</p>
<pre class="output" tabindex="0" aria-label="Output of the command" data-bytes="${command.outputBytes}">${output.head.map(textOf)}${output.omittedBytes === 0 ? undefined : html`
<span class="gap">${formatBytes(output.omittedBytes)} in between are not kept</span>
`}${output.tail.map(textOf)}</pre>
</details>`;
}

function textOf({ stream, text }: OutputText): Html {
  return html`<span class="${stream}">${text}</span>`;
}

function outcomeOf({ status, exitCode }: CommandView): string {
  return status === 'COMPLETED' ? `exit ${exitCode}` : status;
}

function tookOf({ startedAt, endedAt }: CommandView): string {
  return endedAt === undefined ? '' : `${((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000).toFixed(1)} s`;
}

function oneLine(command: string): string {
  const [first] = command.split('\n');
  const short = first.length > 200 ? first.slice(0, 200) : first;
  return short === command ? command : `${short} …`;
}
