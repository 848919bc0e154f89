/** A shape of an AWS service model: its type and what it allows. */
export interface Shape {
  readonly type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'long' | 'double' | 'float' | 'boolean' | 'timestamp' | 'blob';
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, MemberRef>>;
  /** Exactly one member may be set. */
  readonly union?: boolean;
  readonly member?: ShapeRef;
  readonly key?: ShapeRef;
  readonly value?: ShapeRef;
  readonly min?: number;
  readonly max?: number;
  /** Matches the whole value. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** The member that is the whole HTTP body. */
  readonly payload?: string;
  readonly sensitive?: boolean;
  readonly eventstream?: boolean;
  readonly exception?: boolean;
  readonly error?: { readonly httpStatusCode: number; readonly senderFault?: boolean };
}

export interface ShapeRef {
  readonly shape: string;
}

export interface MemberRef extends ShapeRef {
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly locationName?: string;
  readonly idempotencyToken?: boolean;
}

export interface Operation {
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode: number };
  readonly input: ShapeRef;
  readonly output?: ShapeRef;
  readonly errors?: readonly ShapeRef[];
  readonly idempotent?: boolean;
}

export type Shapes = Readonly<Record<string, Shape>>;
export type Operations = Readonly<Record<string, Operation>>;
