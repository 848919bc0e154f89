import { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What the stand-in for jsii's Python runtime asks for. */
interface Request {
  readonly api: 'create' | 'invoke' | 'get' | 'set';
  /** An object; a class where there is a `type` instead. */
  readonly on?: unknown;
  readonly type?: string;
  readonly member?: string;
  readonly args?: unknown;
}

const RTTI = Symbol.for('jsii.rtti');

/** Holds the objects of a Python program and does with them what it asks for, until it ends. */
export class Kernel {
  private readonly objects: object[] = [];
  private readonly references = new Map<object, number>();

  /** @param load gives the module of a jsii assembly by its name */
  constructor(private readonly load: (assembly: string) => object) {}

  /** Answers a program that asks on its standard output; tells how the program ends. */
  public async serve(program: ChildProcess): Promise<number | null> {
    const ended = new Promise<number | null>((done, fail) => program.once('exit', done).once('error', fail));
    for await (const line of createInterface(program.stdout!)) program.stdin!.write(`${JSON.stringify(this.answer(JSON.parse(line)))}\n`);
    return ended;
  }

  private answer(request: Request): { readonly result?: unknown; readonly error?: string } {
    try {
      return { result: this.perform(request) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  private perform({ api, on, type, member = '', args = [] }: Request): unknown {
    const target: any = type === undefined ? this.received(on) : this.classOf(type);
    const values = this.received(args) as any[];
    switch (api) {
      case 'create': return this.reference(new target(...values));
      case 'invoke': return this.sent(target[member](...values));
      case 'get': return this.sent(target[member]);
      case 'set':
        [target[member]] = values;
        return null;
    }
  }

  private classOf(fqn: string): unknown {
    const [assembly, ...names] = fqn.split('.');
    return names.reduce((scope: any, name) => scope[name], this.load(assembly));
  }

  private received(value: any): unknown {
    if (Array.isArray(value)) return value.map((member) => this.received(member));
    // optional arguments that are left out
    if (value === null) return undefined;
    if (typeof value !== 'object') return value;
    if ('$ref' in value) return this.objects[value.$ref];
    if ('$enum' in value) return (this.classOf(value.$enum) as any)[value.member];
    return Object.fromEntries(Object.entries(value.$map).map(([name, member]) => [name, this.received(member)]));
  }

  private sent(value: any): unknown {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((member) => this.sent(member));
    const type = typeOf(value);
    const plain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
    if (!plain) return { $ref: this.reference(value), type };
    return { $map: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.sent(member)])) };
  }

  private reference(value: object): number {
    const known = this.references.get(value);
    if (known !== undefined) return known;
    this.references.set(value, this.objects.length);
    return this.objects.push(value) - 1;
  }
}

/** The nearest class of a value that jsii knows. */
function typeOf(value: object): string | undefined {
  for (let proto = Object.getPrototypeOf(value); proto; proto = Object.getPrototypeOf(proto)) {
    const known = Object.hasOwn(proto, 'constructor') && Object.hasOwn(proto.constructor, RTTI);
    if (known) return proto.constructor[RTTI].fqn;
  }
  return undefined;
}
