/**
 * Cuts a text into pieces whose JSON form has a limited size, never within a character.
 *
 * @param maxBytes of each piece as a JSON string in UTF-8, quotes included; at least 16
 */
export function textPieces(text: string, maxBytes: number): string[] {
  if (text === '') return [];
  if (text.length <= 1 || Buffer.byteLength(JSON.stringify(text)) <= maxBytes) return [text];
  const half = Math.ceil(text.length / 2);
  // not between the two halves of a surrogate pair
  const middle = /^[\uDC00-\uDFFF]/.test(text.slice(half, half + 1)) && /[\uD800-\uDBFF]$/.test(text.slice(half - 1, half)) ? half + 1 : half;
  if (middle >= text.length) return [text];
  return [...textPieces(text.slice(0, middle), maxBytes), ...textPieces(text.slice(middle), maxBytes)];
}
