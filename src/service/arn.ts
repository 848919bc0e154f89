import { DEFAULT_ENDPOINT } from './names';

/** The parts of the ARN of a runtime or of one of its endpoints. */
export interface RuntimeArnParts {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly runtimeId: string;
  /** Absent in the ARN of a runtime. */
  readonly endpointName?: string;
}

const RUNTIME_ARN = /^arn:(aws(?:-[^:]+)?):bedrock-agentcore:([a-z0-9-]+):([0-9]{12}):runtime\/([a-zA-Z][a-zA-Z0-9_]{0,47}-[a-zA-Z0-9]{10})(?:\/runtime-endpoint\/([a-zA-Z][a-zA-Z0-9_]{0,47}))?$/;

/** The parts of an ARN, or undefined where it names neither a runtime nor an endpoint. */
export function parseRuntimeArn(arn: string): RuntimeArnParts | undefined {
  const match = RUNTIME_ARN.exec(arn);
  if (!match) return undefined;
  const [, partition, region, account, runtimeId, endpointName] = match;
  return { partition, region, account, runtimeId, endpointName };
}

export function formatRuntimeArn(parts: RuntimeArnParts): string {
  const arn = `arn:${parts.partition}:bedrock-agentcore:${parts.region}:${parts.account}:runtime/${parts.runtimeId}`;
  return parts.endpointName ? endpointArn(arn, parts.endpointName) : arn;
}

/** The ARN of an endpoint of a runtime; both may be tokens. */
export function endpointArn(runtimeArn: string, endpointName: string = DEFAULT_ENDPOINT): string {
  return `${runtimeArn}/runtime-endpoint/${endpointName}`;
}
