/**
 * Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`.
 *
 * @throws an error if the page does not have the two
 */
export function withMarked(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `\n<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page lacks ${begin.trim()} or ${end.trim()}`);
  return page.slice(0, from + begin.length) + text + page.slice(to);
}
