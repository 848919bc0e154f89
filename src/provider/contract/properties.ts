import { ADOPTED_RUNTIME_ID, ON_VERSION_CHANGE } from '.';
import { FilesystemConfiguration } from '../../service/filesystems';
import { AGENT_RUNTIME_SHAPES } from '../../service/model/agent-runtime';
import { Shape } from '../../service/model/model';
import { UNKNOWN } from '../../service/model/validate';
import { runtimeInputViolations } from '../../service/runtime-input';

/** The input of CreateAgentRuntime, without what only one call needs. */
export interface RuntimeConfiguration {
  readonly agentRuntimeName: string;
  readonly roleArn: string;
  readonly agentRuntimeArtifact: object;
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** Properties that are not the service's: CloudFormation's own, and those that tell the provider what to do. */
const NOT_THE_SERVICES = new Set(['ServiceToken', 'ServiceTimeout', ON_VERSION_CHANGE, ADOPTED_RUNTIME_ID]);

/** Thrown with everything that is wrong with the properties of a resource. */
export class InvalidPropertiesError extends Error {
  public readonly name = 'InvalidPropertiesError';

  constructor(faults: readonly string[]) {
    super(faults.join('; '));
  }
}

/**
 * Turns properties in the shape of `AWS::BedrockAgentCore::Runtime` into the API's.
 *
 * Names become the API's; scalars, which custom resources receive as strings, take the type that the service's model
 * gives; structures without any member are dropped, as an empty `LifecycleConfiguration` must not be sent.
 *
 * @throws InvalidPropertiesError for unknown properties, values of the wrong type, and all that the service would refuse
 */
export function toRuntimeConfiguration(properties: Readonly<Record<string, unknown>>): RuntimeConfiguration {
  const { input, unknown, mistyped } = readRuntimeProperties(properties);
  const faults = [...unknown, ...mistyped];
  if (faults.length === 0) {
    faults.push(...runtimeInputViolations(input).map(({ path, message }) => `${path || 'properties'}: ${message}`));
  }
  if (faults.length > 0) throw new InvalidPropertiesError(faults);
  return input;
}

/** Properties in the shape of the API, with what could not be taken over. */
export interface ReadProperties {
  readonly input: RuntimeConfiguration;
  /** Properties that the service's model does not know. */
  readonly unknown: string[];
  readonly mistyped: string[];
}

/** The same without a judgement on the values, which may be `UNKNOWN`. */
export function readRuntimeProperties(properties: Readonly<Record<string, unknown>>): ReadProperties {
  const faults: Faults = { unknown: [], mistyped: [] };
  const own = Object.fromEntries(Object.entries(properties).filter(([name]) => !NOT_THE_SERVICES.has(name)));
  return { input: (convert('CreateAgentRuntimeRequest', own, '', faults) ?? {}) as RuntimeConfiguration, ...faults };
}

type Faults = Omit<ReadProperties, 'input'>;

function convert(shapeName: string, value: unknown, path: string, faults: Faults): unknown {
  if (value === UNKNOWN) return value;
  const shape = AGENT_RUNTIME_SHAPES[shapeName];
  // CloudFormation has the protocol as a plain string where the API has a structure around it
  if (shapeName === 'ProtocolConfiguration' && typeof value === 'string') return { serverProtocol: value };
  switch (shape.type) {
    case 'structure': return convertStructure(shape, value, path, faults);
    case 'list':
      if (!Array.isArray(value)) return wrongType(value, 'a list', path, faults);
      return value.map((item, i) => convert(shape.member!.shape, item, `${path}[${i}]`, faults));
    case 'map':
      if (!isRecord(value)) return wrongType(value, 'a map', path, faults);
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(shape.value!.shape, item, `${path}.${key}`, faults)]));
    case 'integer':
    case 'long':
      return /^-?\d+$/.test(String(value)) ? Number(value) : wrongType(value, 'a whole number', path, faults);
    case 'boolean':
      return ['true', 'false'].includes(String(value)) ? String(value) === 'true' : wrongType(value, 'true or false', path, faults);
    default:
      return typeof value === 'object' ? wrongType(value, 'a string', path, faults) : String(value);
  }
}

function convertStructure(shape: Shape, value: unknown, path: string, faults: Faults): unknown {
  if (!isRecord(value)) return wrongType(value, 'a structure', path, faults);
  const members = membersOf(shape);
  const converted: Record<string, unknown> = {};
  for (const [property, item] of Object.entries(value)) {
    const at = path ? `${path}.${property}` : property;
    const member = members.get(property);
    if (!member) {
      faults.unknown.push(`${at} is not a property that this version knows; it knows ${[...members.keys()].join(', ')}`);
    } else {
      const inner = convert(member.shape, item, at, faults);
      if (inner !== undefined) converted[member.name] = inner;
    }
  }
  return Object.keys(converted).length > 0 ? converted : undefined;
}

const membersByProperty = new WeakMap<Shape, Map<string, { readonly name: string; readonly shape: string }>>();

/** The members of a structure by CloudFormation's names for them. */
function membersOf(shape: Shape) {
  const members = membersByProperty.get(shape)
    ?? new Map(Object.entries(shape.members ?? {}).map(([name, ref]) => [propertyName(name), { name, shape: ref.shape }]));
  membersByProperty.set(shape, members);
  return members;
}

/** CloudFormation's name of a member of the API. */
function propertyName(member: string): string {
  return member[0].toUpperCase() + member.slice(1);
}

function wrongType(value: unknown, wanted: string, path: string, faults: Faults): undefined {
  // the kind of value and not the value, which may be a secret
  faults.mistyped.push(`${path} is ${kindOf(value)} where ${wanted} is needed`);
  return undefined;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return isRecord(value) ? 'a structure' : `a ${typeof value}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
