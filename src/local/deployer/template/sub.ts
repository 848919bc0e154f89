/** A piece of the text of `Fn::Sub`: as it stands, or the name of what stands there. */
export type SubPart = { readonly text: string } | { readonly reference: string };

/** The pieces of a text of `Fn::Sub`; `${!Name}` stands for `${Name}` itself. */
export function parseSub(text: string): SubPart[] {
  const parts: SubPart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{(!?)([^{}]*)\}/g)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push(match[1] ? { text: `\${${match[2]}}` } : { reference: match[2].trim() });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
