/** Where AWS documents a permission. */
export const SOURCES = {
  /** Actions, resource types and condition keys. */
  authorization: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockagentcore.html',
  /** "The role used to call" CreateAgentRuntime and UpdateAgentRuntime reads the code. */
  codeDeployment: 'https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-code-deploy-common-issues.html',
  linkedRoles: 'https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/service-linked-roles.html',
  fullAccess: 'https://docs.aws.amazon.com/aws-managed-policy/latest/reference/BedrockAgentCoreFullAccess.html',
  /** Commands, invocations and stops are asked on the runtime and on the endpoint. */
  resourcePolicies: 'https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html',
  logs: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html',
  lambda: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html',
  s3: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html',
  s3Encryption: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html',
  states: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html',
  /** What a state machine needs that runs another one and waits for it. */
  nestedStates: 'https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html',
  events: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html',
} as const;
