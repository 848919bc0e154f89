import { commandRow } from './command-parts';
import { html, Html } from './html';
import { badge, layout, plural, time } from './layout';
import { CommandView, RuntimeView, SessionView } from './state-view';

/** What the overview shows; the same as JSON. */
export interface Overview {
  readonly service: object;
  readonly runtimes: readonly RuntimeView[];
  readonly sessions: readonly SessionView[];
  readonly sessionCount: number;
  readonly commands: readonly CommandView[];
}

interface Service {
  readonly driver: string;
  readonly driverNotes: readonly string[];
  readonly tokenizer: string;
  readonly region: string;
}

/** Runtimes with their versions, endpoints and sessions, and what ran last. */
export function overviewPage(overview: Overview, endpoint: string): Html {
  const { runtimes, sessions, sessionCount, commands } = overview;
  const { driver, driverNotes, tokenizer, region } = overview.service as Service;
  const running = sessions.filter(({ startedAt }) => startedAt !== undefined).length;
  return layout('Local AgentCore', html`
<h1 class="sr">Overview</h1>
<dl class="facts">
<div><dt>Endpoint</dt><dd><code>${endpoint}</code></dd></div>
<div><dt>Runtimes</dt><dd>${runtimes.length}</dd></div>
<div><dt>Sessions</dt><dd>${running} running, ${sessionCount - running} stopped</dd></div>
<div><dt>Driver</dt><dd><span title="${driverNotes.join('; ')}">${driver}</span></dd></div>
<div><dt>Tokenizer</dt><dd>${tokenizer}</dd></div>
<div><dt>Region</dt><dd>${region}</dd></div>
</dl>
<section aria-labelledby="commands">
<h2 id="commands">Commands</h2>
${commands.length === 0 ? html`<p class="none">None has run since the server was started.</p>` : html`<ol class="rows">${commands.map((command) => commandRow(command))}</ol>`}
</section>
<section aria-labelledby="runtimes">
<h2 id="runtimes">Runtimes</h2>
${runtimes.length === 0 ? noRuntimes(endpoint) : runtimes.map((runtime) => runtimeCard(runtime, sessions))}
${sessionCount > sessions.length ? html`<p class="none">${plural(sessionCount - sessions.length, 'session')} that ran longer ago are not listed.</p>` : undefined}
</section>`);
}

function noRuntimes(endpoint: string): Html {
  return html`<p class="none">None yet. Deploy an app to this AgentCore:</p>
<pre class="hint">npx cdk synth
npx cdk-agentcore local deploy cdk.out --endpoint ${endpoint}</pre>`;
}

function runtimeCard(runtime: RuntimeView, all: readonly SessionView[]): Html {
  const sessions = all.filter(({ runtimeId }) => runtimeId === runtime.id);
  return html`
<article class="card" id="${runtime.id}" aria-labelledby="name-${runtime.id}">
<header><h3 id="name-${runtime.id}">${runtime.name}</h3> ${badge(runtime.status)} <code class="id">${runtime.id}</code></header>
${runtime.failureReason === undefined ? undefined : html`<p class="failure">${runtime.failureReason}</p>`}
<div class="columns">
<div><h4>Endpoints</h4>
<table><thead><tr><th scope="col">Name</th><th scope="col">Version</th><th scope="col">Status</th></tr></thead>
<tbody>${runtime.endpoints.map(({ name, liveVersion, targetVersion, status, failureReason }) => html`
<tr><th scope="row">${name}</th><td>${liveVersion ?? 'none'}${targetVersion === liveVersion ? undefined : html` → ${targetVersion}`}</td><td title="${failureReason}">${badge(status)}</td></tr>`)}
</tbody></table></div>
<div><h4>Versions</h4>
<ul class="versions">${runtime.versions.map((version, n) => html`
<li><details id="version-${runtime.id}-${version.version}"><summary>Version ${version.version}${n === 0 ? ', the newest' : ''} ${version.status === 'READY' ? undefined : badge(version.status)}</summary>
<dl><dt>Made</dt><dd>${time(version.createdAt)}</dd><dt>Artifact</dt><dd><code>${version.artifact}</code></dd>
<dt>Session storage</dt><dd>${version.mountPaths.length === 0 ? 'none' : html`<code>${version.mountPaths.join(', ')}</code>`}</dd>
<dt>Variables</dt><dd>${version.environmentVariables.length === 0 ? 'none' : html`<code>${version.environmentVariables.join(', ')}</code> <span class="dim">(values are not shown)</span>`}</dd></dl>
</details></li>`)}</ul></div>
</div>
<h4>Sessions</h4>
${sessions.length === 0 ? html`<p class="none">None. The first command or invocation with a session id starts one.</p>` : html`
<table class="wide"><thead><tr><th scope="col">Session</th><th scope="col">Endpoint</th><th scope="col">Version</th><th scope="col">State</th><th scope="col">Last used</th></tr></thead>
<tbody>${sessions.map((session) => html`
<tr><th scope="row"><a href="/_local/sessions/${session.session}">${session.sessionId}</a></th><td>${session.endpointName}</td><td>${session.version}</td><td>${stateOf(session)}</td><td>${time(session.lastUsed)}</td></tr>`)}
</tbody></table>`}
</article>`;
}

/** Whether a session runs. */
export function stateOf({ startedAt }: SessionView): Html {
  return badge(startedAt === undefined ? 'stopped' : 'running');
}
