/** How many links one path may lead through. */
const MAX_LINKS = 40;

/**
 * Whether a symbolic link leads to a place outside of its tree, by itself or through other links of the tree; where it leads
 * to inside need not be there.
 *
 * @param name of the link within the tree, with slashes
 * @param targets of all links of the tree, by their names
 */
export function leadsOut(name: string, targets: ReadonlyMap<string, string>): boolean {
  const target = targets.get(name)!;
  const at = name.split('/').slice(0, -1);
  const ahead = target.split('/');
  if (target.startsWith('/') || target === '') return true;
  for (let links = 0; ahead.length > 0;) {
    const step = ahead.shift()!;
    if (step === '' || step === '.') continue;
    if (step === '..') {
      if (at.length === 0) return true;
      at.pop();
      continue;
    }
    at.push(step);
    const further = targets.get(at.join('/'));
    if (further === undefined) continue;
    if (further.startsWith('/') || ++links > MAX_LINKS) return true;
    at.pop();
    ahead.unshift(...further.split('/'));
  }
  return false;
}
