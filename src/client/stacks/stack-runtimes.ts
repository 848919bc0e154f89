import { DeployedStack } from './stacks';
import { parseRuntimeArn } from '../../service/arn';
import { isRuntimeId } from '../../service/names';

/** The types that make a runtime: ours, and CloudFormation's own. */
const RUNTIME_TYPES: readonly string[] = ['Custom::AgentCoreRuntime', 'AWS::BedrockAgentCore::Runtime'];

export function isRuntimeType(type: string): boolean {
  return RUNTIME_TYPES.includes(type);
}

/** The construct that a nested stack is made by, from its logical id: the CDK puts `Name.NestedStack/Name.NestedStackResource` there. */
export function nestedStackName(logicalId: string): string {
  return /^(.+?)NestedStack.*NestedStackResource[0-9A-F]{8}$/.exec(logicalId)?.[1] ?? logicalId;
}

/** What a runtime of a stack can be called by. */
export interface RuntimeNames {
  /** Or the name of the output that holds its ARN. */
  readonly logicalId: string;
  /** The logical ids of the nested stacks that it is in, from the outermost. */
  readonly within?: readonly string[];
  /** The path of the construct, `Stack/Agent`, where that is known. */
  readonly path?: string;
}

/** A runtime that a stack makes or tells of. */
export interface StackRuntime extends RuntimeNames {
  /** Its id or ARN. */
  readonly physicalId: string;
}

/**
 * Whether a runtime is called by a name: its logical id, with or without the eight digits at its end, or its construct's path
 * or the end of that.
 */
export function isCalled({ logicalId, path }: RuntimeNames, name: string): boolean {
  const plain = name.replace(/^\/+|\/+$/g, '').replace(/\/Resource$/, '');
  return logicalId === plain || logicalId.replace(/[0-9A-F]{8}$/, '') === plain || path === plain || (path?.endsWith(`/${plain}`) ?? false);
}

/** The runtimes that a stack makes; where it makes none, those whose ARNs are among its outputs. */
export async function runtimesIn(deployed: DeployedStack): Promise<StackRuntime[]> {
  const made = deployed.resources
    // one that could not be made has another physical id
    .filter(({ type, physicalId }) => isRuntimeType(type) && (isRuntimeId(physicalId) || parseRuntimeArn(physicalId)));
  if (made.length > 0) return made.map(({ logicalId, within, physicalId }) => ({ logicalId, within, physicalId }));
  return Object.entries(await deployed.outputs())
    .filter(([, value]) => parseRuntimeArn(value)?.endpointName === undefined && parseRuntimeArn(value))
    .map(([name, value]) => ({ logicalId: name, physicalId: value }));
}
