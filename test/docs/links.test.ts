import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT, pages, proseOf } from './pages';

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string) => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');

const PAGES = pages();
const ANCHORS = new Map(PAGES.map((page) => [page.name, [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading))]));

test.each(PAGES.map((page) => [page.name, page] as const))('the relative links of %s lead somewhere', (name, page) => {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^[a-z]+:/.test(link));
  const broken = links.filter((link) => {
    const [path, anchor] = link.split('#');
    const target = path === '' ? name : posix.join(posix.dirname(name), path);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !ANCHORS.get(target)?.includes(anchor);
  });
  expect(broken).toEqual([]);
});
