import { html, Html } from './html';

/** A page around its content; the script puts a new content in the place of the old one. */
export function layout(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/_local/page.svg" type="image/svg+xml">
<link rel="stylesheet" href="/_local/page.css">
<script src="/_local/page.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="/_local/"><img src="/_local/page.svg" alt="" width="22" height="22"> Local AgentCore</a>
<p id="live" class="live" role="status"></p>
</header>
<main id="content">
${content}
</main>
<footer class="bottom">A development tool, not a security boundary. Any client but a browser gets the same as JSON.</footer>
</body>
</html>
`;
}

/** Says what cannot be shown. */
export function errorPage(message: string): Html {
  return layout('Not here · Local AgentCore', html`
<h1>Not here</h1>
<p>${message}</p>
<p><a href="/_local/">Overview</a></p>`);
}

/** A status as a coloured word. */
export function badge(status: string): Html {
  return html`<span class="badge ${toneOf(status)}">${status}</span>`;
}

function toneOf(status: string): string {
  if (/FAILED|TIMED_OUT|^exit (?!0$)/.test(status)) return 'bad';
  if (/RUNNING|CREATING|UPDATING|DELETING/.test(status)) return 'busy';
  return /READY|running|^exit 0$/.test(status) ? 'good' : 'quiet';
}

/** A moment, for people and machines; the script turns it into the reader's time. */
export function time(iso: string | undefined): Html {
  return iso === undefined ? html`` : html`<time datetime="${iso}">${iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
