import { PatternText } from './pattern-text';
import { Shape, Shapes } from '../../../../src/service/model/model';

/** A value at an edge of what a shape allows, or just beyond it. */
export interface Edge {
  readonly constraint: string;
  readonly value: unknown;
}

/** What one shape allows by itself, at its edges, and what it does not. */
export interface Edges {
  readonly met: readonly Edge[];
  readonly violated: readonly Edge[];
}

/** Values that fit the world in which the cases run, by shape or by the path of the member. */
export interface Pins {
  readonly [shapeOrPath: string]: unknown;
}

/** Makes values that the shapes of a service model allow. */
export class Values {
  private readonly patterns = new Map<string, PatternText>();

  constructor(public readonly shapes: Shapes, private readonly pins: Pins) {}

  /** The smallest value that is of use: required members only, one item, one entry. */
  public plain(shapeName: string, path = ''): unknown {
    const pinned = this.pins[path] ?? this.pins[shapeName];
    if (pinned !== undefined) return pinned;
    const shape = this.shapes[shapeName];
    switch (shape.type) {
      case 'structure': return this.plainStructure(shape, path);
      case 'list': return this.list(shapeName, Math.max(shape.min ?? 0, 1), path);
      case 'map': return this.map(shapeName, Math.max(shape.min ?? 0, 1));
      case 'string': return shape.enum?.[0] ?? this.text(shape, Math.max(this.spanOf(shape).min, 1));
      case 'integer': return shape.min ?? 1;
      case 'boolean': return true;
      case 'blob': return Buffer.from('{}');
      default: throw new Error(`inputs with a ${shape.type} are not known here`);
    }
  }

  public list(shapeName: string, length: number, path = ''): unknown[] {
    const { member } = this.shapes[shapeName];
    const several = this.pins[`${shapeName}[]`] as readonly unknown[] | undefined;
    return Array.from({ length }, (_, i) => several?.[i % several.length] ?? this.plain(member!.shape, `${path}[]`));
  }

  public map(shapeName: string, size: number): Record<string, unknown> {
    const { value } = this.shapes[shapeName];
    return Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, this.plain(value!.shape)]));
  }

  /** The edges of a shape, without those of what is in it. */
  public edges(shapeName: string): Edges {
    const shape = this.shapes[shapeName];
    const { min, max } = shape;
    const sized = (make: (size: number) => unknown, unit: string): Edges => ({
      met: [...(min === undefined ? [] : [{ constraint: `min ${min} ${unit}`, value: make(min) }]), ...(max === undefined ? [] : [{ constraint: `max ${max} ${unit}`, value: make(max) }])],
      violated: [
        ...(min === undefined || min === 0 ? [] : [{ constraint: `min ${min} ${unit}`, value: make(min - 1) }]),
        ...(max === undefined ? [] : [{ constraint: `max ${max} ${unit}`, value: make(max + 1) }]),
      ],
    });
    switch (shape.type) {
      case 'list': return sized((size) => this.list(shapeName, size), 'members');
      case 'map': return sized((size) => this.map(shapeName, size), 'entries');
      case 'integer': return {
        met: [...(min === undefined ? [] : [{ constraint: `min ${min}`, value: min }]), ...(max === undefined ? [] : [{ constraint: `max ${max}`, value: max }])],
        violated: [...(min === undefined ? [] : [{ constraint: `min ${min}`, value: min - 1 }]), ...(max === undefined ? [] : [{ constraint: `max ${max}`, value: max + 1 }])],
      };
      case 'boolean': return { met: [true, false].map((value) => ({ constraint: `boolean ${value}`, value })), violated: [] };
      case 'string': return shape.enum ? edgesOfEnum(shape.enum) : this.edgesOfText(shape);
      default: return { met: [], violated: [] };
    }
  }

  private plainStructure(shape: Shape, path: string): Record<string, unknown> {
    const members = shape.members ?? {};
    const names = shape.union ? Object.keys(members).slice(0, 1) : shape.required ?? [];
    return Object.fromEntries(names.map((name) => [name, this.plain(members[name].shape, path ? `${path}.${name}` : name)]));
  }

  private edgesOfText(shape: Shape): Edges {
    const { min: shortest, max: longest } = this.spanOf(shape);
    const pattern = this.patternOf(shape);
    const tooShort = shortest > 0 ? this.anyText(shape, shortest - 1) : undefined;
    const tooLong = longest < Infinity ? this.anyText(shape, longest + 1) : undefined;
    const outside = pattern ? textsOutside(pattern, shape) : [];
    const unnamed = shape.min === undefined && shape.max === undefined && !pattern;
    return {
      met: unnamed ? [] : [
        ...(shortest > 0 || shape.min !== undefined ? [{ constraint: `at least ${shortest} characters`, value: this.text(shape, shortest) }] : []),
        ...(longest < Infinity ? [{ constraint: `at most ${longest} characters`, value: this.text(shape, longest) }] : []),
      ],
      violated: [
        ...(tooShort !== undefined && !this.fits(shape, tooShort) ? [{ constraint: `at least ${shortest} characters`, value: tooShort }] : []),
        ...(tooLong !== undefined && !this.fits(shape, tooLong) ? [{ constraint: `at most ${longest} characters`, value: tooLong }] : []),
        ...outside.map((value) => ({ constraint: `pattern ${shape.pattern}`, value })),
      ],
    };
  }

  /** How many characters a text may have, by the shape's own limits and by its pattern. */
  private spanOf(shape: Shape): { readonly min: number; readonly max: number } {
    const { min, max } = this.patternOf(shape)?.span ?? { min: 0, max: Infinity };
    return { min: Math.max(min, shape.min ?? 0), max: Math.min(max, shape.max ?? Infinity) };
  }

  private text(shape: Shape, length: number): string {
    return this.patternOf(shape)?.ofLength(length) ?? 'a'.repeat(length);
  }

  /** A text of a length that comes as close to the shape as it can. */
  private anyText(shape: Shape, length: number): string {
    const pattern = this.patternOf(shape);
    if (!pattern) return 'a'.repeat(length);
    const { min, max } = pattern.span;
    if (length < min) return pattern.ofLength(min).slice(0, length);
    return length > max ? `${pattern.ofLength(max)}${'a'.repeat(length - max)}` : pattern.ofLength(length);
  }

  private fits(shape: Shape, text: string): boolean {
    const { min = 0, max = Infinity } = shape;
    return text.length >= min && text.length <= max && (this.patternOf(shape)?.matches(text) ?? true);
  }

  private patternOf({ pattern }: Shape): PatternText | undefined {
    if (pattern === undefined) return undefined;
    const known = this.patterns.get(pattern) ?? new PatternText(pattern);
    this.patterns.set(pattern, known);
    return known;
  }
}

function edgesOfEnum(values: readonly string[]): Edges {
  return {
    met: values.map((value) => ({ constraint: `enum ${value}`, value })),
    violated: ['', 'NONE_OF_THEM', ` ${values[0]}`].map((value) => ({ constraint: 'enum', value })),
  };
}

/** Texts of an allowed length that do not match: of other characters, and with a line break at the end. */
function textsOutside(pattern: PatternText, { min = 0, max = Infinity }: Shape): string[] {
  const length = Math.min(Math.max(min, pattern.span.min, 1), max);
  const foreign = ['!', ' ', '~', '\t'].map((character) => character.repeat(length)).find((text) => !pattern.matches(text));
  const broken = `${pattern.ofLength(length)}\n`;
  return [...(foreign === undefined ? [] : [foreign]), ...(broken.length <= max && !pattern.matches(broken) ? [broken] : [])];
}
