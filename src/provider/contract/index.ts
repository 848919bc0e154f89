/**
 * What the constructs write into a template and the provider reads back. Both sides import these names; they may never
 * change, because a stack deployed with an old version is updated and deleted by a new one.
 */

/** The property of a `Custom::AgentCoreRuntime` by which it takes over a runtime, and leaves it as it is when it goes. */
export const ADOPTED_RUNTIME_ID = 'AdoptedAgentRuntimeId';

/** The CloudFormation types of our custom resources. */
export const RUNTIME_RESOURCE_TYPE = 'Custom::AgentCoreRuntime';
export const COMMAND_RESOURCE_TYPE = 'Custom::AgentCoreCommand';
export const PROMOTION_RESOURCE_TYPE = 'Custom::AgentCorePromotion';

/**
 * The properties of a `Custom::AgentCoreCommand`, as CloudFormation delivers them: scalars are strings.
 *
 * The properties of a `Custom::AgentCoreRuntime` are those of `AWS::BedrockAgentCore::Runtime`.
 */
export interface CommandProperties {
  readonly AgentRuntimeArn: string;
  /** The endpoint to run on. */
  readonly Qualifier: string;
  /** The version that the runtime has reached; a new one runs the command again, unless the policy says otherwise. */
  readonly AgentRuntimeVersion?: string;
  /** Shell text; one of this and `Arguments`. */
  readonly Command?: string;
  /** The words of one program's call; one of this and `Command`. */
  readonly Arguments?: readonly string[];
  readonly WorkingDirectory?: string;
  readonly Environment?: Readonly<Record<string, string>>;
  /** In seconds. */
  readonly Timeout: string;
  /** `true` where the command may be run again when the outcome of a run is unknown. */
  readonly Idempotent?: string;
  /** `ON_RUNTIME_VERSION`, `ONCE`, `EVERY_DEPLOYMENT`; else on change. */
  readonly RunPolicy?: string;
  /** Another one in each template, where every deployment is to run the command. */
  readonly Nonce?: string;
  /** A change of one of them runs the command again. */
  readonly Triggers?: Readonly<Record<string, string>>;
  /** Those that count as success; 0 unless told. */
  readonly ExpectedExitCodes?: readonly string[];
  /** `WARN` where the deployment goes on after a failure. */
  readonly OnFailure?: string;
  /** The session to run in; one of its own unless told. */
  readonly SessionId?: string;
  /** `true` or `false`; unless told, a session of its own is stopped after the run, and no other. */
  readonly StopSession?: string;
  /** What to run before the resource goes. */
  readonly OnDelete?: OnDeleteProperties;
}

/** What a command runs in the end, where and as it runs itself. */
export interface OnDeleteProperties {
  readonly Command?: string;
  readonly Arguments?: readonly string[];
  /** In seconds; that of the command itself unless told. */
  readonly Timeout?: string;
  /** `FAIL` where a failure is to fail the deletion. */
  readonly OnFailure?: string;
}

/** The properties of a `Custom::AgentCorePromotion`: an endpoint, and the version that its runtime has reached. */
export interface PromotionProperties {
  readonly AgentRuntimeId: string;
  readonly EndpointName: string;
  readonly AgentRuntimeVersion: string;
}

/** The property of a runtime that says what an update that would make a new version does: `FAIL`, or nothing. */
export const ON_VERSION_CHANGE = 'OnVersionChange';

/**
 * What `Fn::GetAtt` finds on a runtime: the attributes of `AWS::BedrockAgentCore::Runtime`, and the names of the members
 * that made the last update a new version.
 */
export const RUNTIME_ATTRIBUTES = [
  'AgentRuntimeArn', 'AgentRuntimeId', 'AgentRuntimeVersion', 'Status', 'CreatedAt', 'LastUpdatedAt', 'FailureReason',
  'WorkloadIdentityDetails.WorkloadIdentityArn', 'ChangedProperties',
] as const;

/** What `Fn::GetAtt` finds on a command; all are strings, empty where there is nothing to tell. */
export const COMMAND_ATTRIBUTES = [
  'ExitCode', 'Status', 'Stdout', 'Stderr', 'Truncated', 'DurationMillis', 'SessionId', 'LogUrl',
] as const;

/** What `Fn::GetAtt` finds on a promotion: the version that the endpoint is to be on. */
export const PROMOTION_ATTRIBUTES = ['AgentRuntimeVersion'] as const;

export type RuntimeAttribute = (typeof RUNTIME_ATTRIBUTES)[number];
export type CommandAttribute = (typeof COMMAND_ATTRIBUTES)[number];
export type PromotionAttribute = (typeof PROMOTION_ATTRIBUTES)[number];

/** How long one call of the provider may take, in seconds: the most that Lambda allows. */
export const PROVIDER_TIMEOUT_SECONDS = 900;

/** How long CloudFormation waits for an answer, in seconds: a little longer than the provider can take. */
export const SERVICE_TIMEOUT_SECONDS = 960;

/**
 * The longest time-out of a command that one call of the provider can watch, in seconds. A longer one goes on detached,
 * and the function calls itself to go on watching.
 */
export const MAX_WATCHED_COMMAND_SECONDS = 840;

/**
 * How long CloudFormation waits for the answer of a long command, in seconds: the most that it can.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
 */
export const LONG_SERVICE_TIMEOUT_SECONDS = 3_600;

/** Where the provider puts the metrics of commands, their names, and the one dimension by which commands are told apart. */
export const METRICS_NAMESPACE = 'CdkAgentCoreRuntime';
export const COMMAND_METRICS = { duration: 'Duration', failures: 'Failures', timeouts: 'Timeouts' } as const;
export const COMMAND_DIMENSION = 'CommandName';

/** By what the metrics of a command are found: unique within account and region, and free of the command's text. */
export function commandName(stackName: string, logicalId: string): string {
  return `${stackName}/${logicalId}`;
}
