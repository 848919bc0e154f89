import { commandDetails, CommandOutput } from './command-parts';
import { html, Html } from './html';
import { layout, plural, time } from './layout';
import { stateOf } from './overview-page';
import { CommandView, SessionView } from './state-view';
import { Usage } from './storage-files';
import { formatBytes } from '../sizes';

/** What the page of a session shows; the same as JSON. */
export interface SessionDetails {
  readonly session: SessionView;
  readonly storage: readonly MountView[];
  /** The newest first. */
  readonly commands: readonly (CommandView & { readonly output: CommandOutput })[];
  /** The end of what its agent has printed. */
  readonly agentLog?: string;
}

export interface MountView extends Usage {
  readonly mountPath: string;
  /** Where its files are listed. */
  readonly href: string;
}

/** A session: its storage, its agent's log, and its commands with their output. */
export function sessionPage({ session, storage, commands, agentLog }: SessionDetails): Html {
  const { sessionId, runtimeId, endpointName, version, startedAt, lastUsed } = session;
  return layout(`${sessionId} · Local AgentCore`, html`
<nav class="trail" aria-label="Breadcrumb"><a href="/_local/">Overview</a> <span aria-hidden="true">/</span> <a href="/_local/#${runtimeId}">${runtimeId}</a></nav>
<h1 class="session">${sessionId} ${stateOf(session)}</h1>
<dl class="facts">
<div><dt>Endpoint</dt><dd>${endpointName}</dd></div>
<div><dt>Version</dt><dd>${version}</dd></div>
${startedAt === undefined ? undefined : html`<div><dt>Started</dt><dd>${time(startedAt)}</dd></div>`}
${lastUsed === undefined ? undefined : html`<div><dt>Last used</dt><dd>${time(lastUsed)}</dd></div>`}
</dl>
<section aria-labelledby="storage">
<h2 id="storage">Storage</h2>
${storage.length === 0 ? html`<p class="none">This session has no storage of its own.</p>` : html`
<ul class="mounts">${storage.map(({ mountPath, href, files, bytes, more }) => html`
<li><a href="${href}"><code>${mountPath}</code></a> <span class="dim">${more ? 'more than ' : ''}${plural(files, 'file')}, ${formatBytes(bytes)}</span></li>`)}</ul>`}
</section>
<section aria-labelledby="commands" data-session="${session.session}">
<h2 id="commands">Commands</h2>
${commands.length === 0 ? html`<p class="none">None has run since the server was started.</p>` : commands.map((command, n) =>
  commandDetails(command, command.output, n === 0 || command.status === 'RUNNING'))}
</section>
${agentLog === undefined ? undefined : html`
<section aria-labelledby="agent">
<h2 id="agent">Agent</h2>
<details id="agent-log"><summary>What it has printed last</summary><pre class="output" tabindex="0" aria-label="Output of the agent">${agentLog}</pre></details>
</section>`}`);
}
