import { join } from 'node:path';

/** What a program of its own needs in its environment to use a local AgentCore, and nothing of the machine's AWS. */
export function clientEnvironment(endpoint: string, directory: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: endpoint,
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_CONFIG_FILE: join(directory, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
