import { referencesIn } from './intrinsics';
import { COMMAND_RESOURCE_TYPE, RUNTIME_RESOURCE_TYPE } from '../provider/contract';

/** A resource as it stands in a template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The types that declare a runtime: CloudFormation's own and ours; both have the same properties. */
const RUNTIME_TYPES = ['AWS::BedrockAgentCore::Runtime', RUNTIME_RESOURCE_TYPE];

/** CloudFormation's own type of a named endpoint. */
export const ENDPOINT_TYPE = 'AWS::BedrockAgentCore::RuntimeEndpoint';

interface TemplateBody {
  readonly Resources?: Readonly<Record<string, { readonly Type?: unknown; readonly Properties?: unknown }>>;
  readonly Parameters?: object;
}

/** A template, as far as rules look into it. */
export class Template {
  public readonly resources: readonly TemplateResource[];
  private readonly parameters: Readonly<Record<string, { readonly NoEcho?: unknown }>>;

  /**
   * @param body the parsed template
   * @param region where its stack is deployed; undefined where only the deployment tells
   */
  constructor(body: unknown, public readonly region?: string) {
    const { Resources = {}, Parameters = {} } = (body ?? {}) as TemplateBody;
    this.resources = Object.entries(Resources).map(([logicalId, { Type, Properties }]) => ({
      logicalId, type: String(Type), properties: (Properties ?? {}) as Record<string, unknown>,
    }));
    this.parameters = Parameters as Record<string, object>;
  }

  /** The resources of this template that a value refers to. */
  public referredTo(value: unknown): TemplateResource[] {
    const targets = new Set(referencesIn(value).map(({ target }) => target));
    return this.resources.filter(({ logicalId }) => targets.has(logicalId));
  }

  /** The parameters that a value refers to and that are not to be shown. */
  public hiddenParametersIn(value: unknown): string[] {
    return referencesIn(value).map(({ target }) => target).filter((name) => String(this.parameters[name]?.NoEcho) === 'true');
  }

  /** The named endpoints of a runtime that this template declares. */
  public endpointsOf(runtime: TemplateResource): TemplateResource[] {
    return this.resources.filter(({ type, properties }) => type === ENDPOINT_TYPE && this.referredTo(properties.AgentRuntimeId).includes(runtime));
  }
}

export function isRuntime({ type }: TemplateResource): boolean {
  return RUNTIME_TYPES.includes(type);
}

/** Whether the provider of this library provisions the runtime. */
export function isCustomRuntime({ type }: TemplateResource): boolean {
  return type === RUNTIME_RESOURCE_TYPE;
}

export function isCommand({ type }: TemplateResource): boolean {
  return type === COMMAND_RESOURCE_TYPE;
}

export function isEndpoint({ type }: TemplateResource): boolean {
  return type === ENDPOINT_TYPE;
}
