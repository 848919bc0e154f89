/** What the browser runs: keeps the page as it would be if it were fetched anew. Without it, the pages are plain HTML. */
export const SCRIPT = String.raw`'use strict';

const content = document.getElementById('content');
const live = document.getElementById('live');
const MIN_MILLIS_BETWEEN_FETCHES = 500;
const MAX_OUTPUT_CHARACTERS = 200000;

// --- times in the reader's own zone

function localize(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll('time')) {
    const moment = new Date(time.dateTime);
    time.title = time.dateTime;
    time.textContent = moment.toDateString() === today ? moment.toLocaleTimeString() : moment.toLocaleString();
  }
}

// --- a new content in the place of the old one; what is the same in both is not touched

function morph(old, next) {
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  }
  for (const { name, value } of [...next.attributes]) {
    // what is open is the reader's choice
    if (name !== 'open' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let cursor = old.firstChild;
  for (const child of [...next.childNodes]) {
    const same = child.id ? named.get(child.id) : cursor && !cursor.id && cursor.nodeName === child.nodeName ? cursor : undefined;
    if (!same) {
      old.insertBefore(child, cursor);
      continue;
    }
    if (same === cursor) cursor = cursor.nextSibling;
    else old.insertBefore(same, cursor);
    if (same.nodeType === Node.ELEMENT_NODE) {
      if (!same.isEqualNode(child)) morph(same, child);
    } else if (same.nodeValue !== child.nodeValue) {
      same.nodeValue = child.nodeValue;
    }
  }
  while (cursor) {
    const rest = cursor.nextSibling;
    cursor.remove();
    cursor = rest;
  }
}

function isAtEnd(element) {
  return element.scrollHeight - element.scrollTop - element.clientHeight < 24;
}

/** Does something to the page; outputs that were scrolled to their end are there afterwards too. */
function keepingEnds(change) {
  const atEnd = [...document.querySelectorAll('pre.output')].filter(isAtEnd);
  change();
  for (const output of atEnd) output.scrollTop = output.scrollHeight;
}

let fetching = false;
let wanted = false;

async function refresh() {
  wanted = true;
  if (fetching) return;
  fetching = true;
  while (wanted) {
    wanted = false;
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      localize(page);
      document.title = page.title;
      keepingEnds(() => morph(content, page.getElementById('content')));
    } catch {
      // the server has gone; the stream of events tells when it is there again
    }
    await new Promise((resolve) => setTimeout(resolve, MIN_MILLIS_BETWEEN_FETCHES));
  }
  fetching = false;
}

// --- output while it comes

function append({ id, from, to, text }) {
  const output = document.querySelector('[data-command="' + Number(id) + '"] pre.output');
  if (!output) return refresh();
  const have = Number(output.dataset.bytes);
  if (to <= have) return undefined;
  if (from !== have || output.textContent.length > MAX_OUTPUT_CHARACTERS) return refresh();
  output.dataset.bytes = to;
  keepingEnds(() => {
    for (const piece of text) {
      const last = output.lastElementChild;
      if (last && last === output.lastChild && last.className === piece.stream) {
        last.append(piece.text);
        last.normalize();
        continue;
      }
      const span = document.createElement('span');
      span.className = piece.stream;
      span.textContent = piece.text;
      output.append(span);
    }
  });
  return undefined;
}

function listen() {
  const session = document.querySelector('[data-session]');
  const events = new EventSource('/_local/events' + (session ? '?session=' + session.dataset.session : ''));
  events.addEventListener('open', () => { live.textContent = 'Live'; live.className = 'live on'; });
  events.addEventListener('error', () => { live.textContent = 'Not connected'; live.className = 'live off'; });
  events.addEventListener('change', () => refresh());
  events.addEventListener('output', ({ data }) => append(JSON.parse(data)));
}

function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target && target.nodeName === 'DETAILS') {
    target.open = true;
    target.scrollIntoView();
  }
}

localize(document);
for (const output of document.querySelectorAll('details[data-command] pre.output')) output.scrollTop = output.scrollHeight;
addEventListener('hashchange', openTarget);
openTarget();
listen();
`;
