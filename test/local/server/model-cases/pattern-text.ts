import { AST, RegExpParser } from '@eslint-community/regexpp';

/** The characters that stand for a class, the plainest first. */
const CHARACTERS = ['a', '1', 'A', '-', '/', ':', '_', '.', '!', ' '];

/** How long the texts are that match something. */
interface Span {
  readonly min: number;
  readonly max: number;
}

/** Texts of a wanted length that match a pattern as a whole. */
export class PatternText {
  private readonly root: AST.Pattern;
  private readonly whole: RegExp;

  constructor(pattern: string) {
    this.root = new RegExpParser().parsePattern(pattern);
    this.whole = new RegExp(`^(?:${pattern})$`);
  }

  /** How long the shortest and the longest matching text are. */
  public get span(): Span {
    return spanOfAlternatives(this.root.alternatives);
  }

  public matches(text: string): boolean {
    return this.whole.test(text);
  }

  /** A matching text of so many characters; throws where none is found. */
  public ofLength(length: number): string {
    const text = ofAlternatives(this.root.alternatives, length);
    if (text.length !== length || !this.matches(text)) throw new Error(`no text of ${length} characters found that matches ${this.root.raw}`);
    return text;
  }
}

function spanOfAlternatives(alternatives: readonly AST.Alternative[]): Span {
  const spans = alternatives.map(({ elements }) => sum(elements.map(spanOf)));
  return { min: Math.min(...spans.map(({ min }) => min)), max: Math.max(...spans.map(({ max }) => max)) };
}

function spanOf(element: AST.Element): Span {
  switch (element.type) {
    case 'Assertion': return { min: 0, max: 0 };
    case 'Group':
    case 'CapturingGroup': return spanOfAlternatives(element.alternatives);
    case 'Quantifier': {
      const { min, max } = spanOf(element.element);
      return { min: min * element.min, max: element.max === 0 ? 0 : max * element.max };
    }
    case 'Character':
    case 'CharacterClass':
    case 'CharacterSet': return { min: 1, max: 1 };
    default: throw new Error(`patterns with a ${element.type} are not known here`);
  }
}

function sum(spans: readonly Span[]): Span {
  return { min: spans.reduce((total, { min }) => total + min, 0), max: spans.reduce((total, { max }) => total + max, 0) };
}

function ofAlternatives(alternatives: readonly AST.Alternative[], length: number): string {
  const fitting = alternatives.find(({ elements }) => {
    const { min, max } = sum(elements.map(spanOf));
    return min <= length && length <= max;
  });
  if (!fitting) return '';
  return inTurn(fitting.elements.map((element) => ({ span: spanOf(element), make: (share: number) => ofElement(element, share) })), length);
}

function ofElement(element: AST.Element, length: number): string {
  switch (element.type) {
    case 'Assertion': return '';
    case 'Group':
    case 'CapturingGroup': return ofAlternatives(element.alternatives, length);
    case 'Quantifier': {
      const span = spanOf(element.element);
      // as many as there can be, each as short as it can be
      const count = Math.min(element.max, length === 0 ? element.min : Math.floor(length / Math.max(span.min, 1)));
      return inTurn(Array.from({ length: count }, () => ({ span, make: (share: number) => ofElement(element.element, share) })), length);
    }
    case 'Character': return String.fromCodePoint(element.value);
    default: {
      const one = new RegExp(`^(?:${element.raw})$`);
      return CHARACTERS.find((character) => one.test(character)) ?? '';
    }
  }
}

/** Gives each part as little as it needs, and what is left to the first ones that take it. */
function inTurn(parts: readonly { readonly span: Span; readonly make: (share: number) => string }[], length: number): string {
  let left = length - sum(parts.map(({ span }) => span)).min;
  return parts.map(({ span, make }) => {
    const more = Math.max(0, Math.min(left, span.max - span.min));
    left -= more;
    return make(span.min + more);
  }).join('');
}
