import { CapacityProviderInput } from '../../../service/capacity-provider';
import { FilesystemConfiguration } from '../../../service/filesystems';
import { Lifecycle } from '../../../service/lifecycle';
import { ResourceStatus } from '../../../service/status';

/** A way from one state to another that takes time; where it ends is settled when it begins. */
export interface Transition {
  readonly during: ResourceStatus;
  /** When it ends, in milliseconds since the epoch. */
  readonly until: number;
  /** `GONE` is no state of the service: the resource is not found any more. */
  readonly then: ResourceStatus | 'GONE';
  readonly failureReason?: string;
}

/** What a version is made of: the input of CreateAgentRuntime or UpdateAgentRuntime without what is not the version's. */
export interface RuntimeConfiguration {
  readonly agentRuntimeArtifact: {
    readonly containerConfiguration?: { readonly containerUri: string };
    readonly codeConfiguration?: {
      readonly code: { readonly s3: { readonly bucket: string; readonly prefix: string; readonly versionId?: string } };
      readonly runtime: string;
      readonly entryPoint: readonly string[];
    };
  };
  readonly roleArn: string;
  readonly description?: string;
  readonly networkConfiguration?: {
    readonly networkMode: string;
    readonly networkModeConfig?: {
      readonly requireServiceS3Endpoint?: boolean;
      readonly subnets?: readonly string[];
      readonly securityGroups?: readonly string[];
    };
  };
  readonly protocolConfiguration?: { readonly serverProtocol: 'HTTP' | 'MCP' | 'A2A' | 'AGUI' };
  readonly lifecycleConfiguration?: Lifecycle;
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly requestHeaderConfiguration?: { readonly requestHeaderAllowlist?: readonly string[] };
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[];
  readonly authorizerConfiguration?: object;
  readonly capacityProviderConfiguration?: { readonly capacityProviderArn: string };
  readonly platformVersion?: string;
}

export interface VersionRecord {
  readonly version: string;
  readonly createdAt: number;
  readonly configuration: RuntimeConfiguration;
  /** Set where the version could not be made. */
  readonly failed?: { readonly status: 'CREATE_FAILED' | 'UPDATE_FAILED'; readonly reason: string };
  /** Set where the version alone was deleted. */
  deletion?: Transition;
}

export interface EndpointRecord {
  readonly name: string;
  readonly id: string;
  readonly createdAt: number;
  lastUpdatedAt: number;
  description?: string;
  state: Transition;
  /** What runs until the transition ends; absent where nothing runs yet. */
  liveVersion?: string;
  /** What runs once the endpoint is READY. */
  targetVersion: string;
  tags: Readonly<Record<string, string>>;
  /** Its resource policy, as it was put. */
  policy?: string;
}

export interface RuntimeRecord {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly workloadIdentityArn: string;
  readonly createdAt: number;
  lastUpdatedAt: number;
  state: Transition;
  /** In the order of their numbers; the last one is the newest. */
  versions: VersionRecord[];
  endpoints: EndpointRecord[];
  tags: Readonly<Record<string, string>>;
  policy?: string;
}

/** What instances are launched from, were there any: of its configuration only the description can change. */
export interface CapacityProviderRecord extends Pick<CapacityProviderInput, 'permissionsConfiguration' | 'computeConfiguration'> {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  lastUpdatedAt: number;
  description?: string;
  state: Transition;
  tags: Readonly<Record<string, string>>;
}

/** A mutation that was answered, so that its repetition is answered alike. */
export interface TokenRecord {
  /** The operation and the resource. */
  readonly scope: string;
  readonly token: string;
  /** Over the input. */
  readonly digest: string;
  readonly output: object;
  readonly at: number;
}

/** All that the control plane knows. */
export interface ControlPlaneState {
  readonly format: 1;
  /** In the order in which they were created. */
  runtimes: RuntimeRecord[];
  /** In the order in which they were created. */
  capacityProviders: CapacityProviderRecord[];
  /** The oldest first. */
  tokens: TokenRecord[];
}
