import { html, Html } from './html';
import { layout, plural, time } from './layout';
import { SessionView } from './state-view';
import { FileEntry, Listing } from './storage-files';
import { formatBytes } from '../sizes';

/** Where in a session's storage a page is. */
export interface FilePlace {
  readonly session: SessionView;
  readonly mountPath: string;
  /** The path of the mount's listing. */
  readonly href: string;
  /** Below the mount. */
  readonly segments: readonly string[];
}

export interface FileView {
  readonly kind: 'file';
  readonly size: number;
  /** Its beginning; absent where it is not text. */
  readonly text?: string;
  readonly truncated: boolean;
}

const KINDS: Readonly<Record<FileEntry['kind'], string>> = { directory: 'Folder', file: 'File', link: 'Link', other: 'Special file' };

/** The entries of a directory. */
export function listingPage(place: FilePlace, { entries, more }: Listing): Html {
  return filesLayout(place, entries.length === 0 ? html`<p class="none">This folder is empty.</p>` : html`
<table class="wide files"><thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col" class="number">Size</th><th scope="col">Changed</th></tr></thead>
<tbody>${entries.map((entry) => html`
<tr><th scope="row">${nameOf(place, entry)}</th><td>${KINDS[entry.kind]}</td><td class="number">${entry.size === undefined ? '' : formatBytes(entry.size)}</td><td>${time(new Date(entry.modifiedAt).toISOString())}</td></tr>`)}
</tbody></table>
${more === 0 ? undefined : html`<p class="none">${plural(more, 'further entry', 'further entries')} not listed.</p>`}`);
}

/** A file as text, where it is text. */
export function filePage(place: FilePlace, { size, text, truncated }: FileView): Html {
  return filesLayout(place, html`
<p class="dim">${formatBytes(size)} · <a href="${hrefOf(place, place.segments)}?download" download>Download</a>${truncated ? ' · only the beginning is shown' : ''}</p>
${text === undefined ? html`<p class="none">This file is not text.</p>` : html`<pre class="output file" tabindex="0" aria-label="Content of the file">${text}</pre>`}`);
}

function filesLayout(place: FilePlace, content: Html): Html {
  const { session, mountPath, segments } = place;
  const parts = [mountPath, ...segments];
  return layout(`${parts.join('/')} · Local AgentCore`, html`
<nav class="trail" aria-label="Breadcrumb"><a href="/_local/">Overview</a> <span aria-hidden="true">/</span>
<a href="/_local/#${session.runtimeId}">${session.runtimeId}</a> <span aria-hidden="true">/</span>
<a href="/_local/sessions/${session.session}">${session.sessionId}</a></nav>
<h1 class="path">${parts.map((part, n) => html`${n === 0 ? undefined : html`<span class="dim">/</span>`}${n === parts.length - 1 ? part : html`<a href="${hrefOf(place, segments.slice(0, n))}">${part}</a>`}`)}</h1>
${content}`);
}

function nameOf(place: FilePlace, { name, kind, target }: FileEntry): Html {
  if (kind === 'link') return html`${name} <span class="dim">→ ${target}</span>`;
  if (kind === 'other') return html`${name}`;
  return html`<a href="${hrefOf(place, [...place.segments, name])}">${name}${kind === 'directory' ? '/' : ''}</a>`;
}

function hrefOf({ href }: FilePlace, segments: readonly string[]): string {
  return [href, ...segments.map(encodeURIComponent)].join('/');
}
