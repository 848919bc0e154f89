import { LocalFunction } from './function';

/** Where a function finds the services that are here. */
export interface FunctionEndpoints {
  readonly agentCore: string;
  readonly lambda: string;
}

/** What a process has of its own. */
export interface InvocationPlace {
  readonly requestId: string;
  readonly taskRoot: string;
  readonly logStreamName: string;
  /** By which the local AgentCore knows whose calls the process makes. */
  readonly accessKeyId: string;
}

/**
 * The whole environment of a function's process: what Lambda sets, the function's own variables, and the way to the local
 * AgentCore and to the local Lambda. Nothing else of the deployer's own environment reaches it.
 */
export function functionEnvironment(
  target: LocalFunction, endpoints: FunctionEndpoints, { requestId, taskRoot, logStreamName, accessKeyId }: InvocationPlace,
): Record<string, string> {
  return {
    ...target.environment,
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    AWS_REGION: target.region,
    AWS_DEFAULT_REGION: target.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    // no signature is checked, yet the SDK wants something to sign with
    AWS_SECRET_ACCESS_KEY: 'local',
    // comes back with each signed request, which tells for which request of CloudFormation a function calls another one
    AWS_SESSION_TOKEN: requestId,
    AWS_LAMBDA_FUNCTION_NAME: target.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(target.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: target.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_EXECUTION_ENV: `AWS_Lambda_${target.runtime}`,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: endpoints.agentCore,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: endpoints.agentCore,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoints.agentCore,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_S3: `${endpoints.agentCore}/_local/objects`,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: target.handler,
  };
}
