import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { ConnectionOptions, Credentials } from './api/connection';
import { InvalidInputError } from './api/errors';
import { describeError } from './errors';
import { proxied, Transport } from './proxy';
import { isLoopback } from '../service/loopback';

/** Names a local AgentCore instead of the service. */
export const ENDPOINT_VARIABLE = 'CDK_AGENTCORE_ENDPOINT';

const NODE_WARNING = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** What the SDK's clients are made of. */
export interface ClientConfig extends Transport {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: ConnectionOptions['credentials'];
}

/**
 * The configuration of a client; a local endpoint needs no account, so it gets credentials that mean nothing.
 *
 * @param localRegion of a local endpoint where neither the caller nor the environment says one
 * @throws InvalidInputError for an endpoint that is no URL
 */
export function clientConfig({ endpoint, region, credentials }: ConnectionOptions, localRegion?: string): ClientConfig {
  const isLocal = endpoint !== undefined && isLoopback(hostOf(endpoint));
  const local = isLocal ? { accessKeyId: 'local', secretAccessKey: 'local' } : undefined;
  const signing = typeof credentials === 'function' ? named(credentials) : credentials ?? local;
  return {
    region: region ?? (isLocal ? process.env.AWS_REGION ?? localRegion : undefined),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(signing === undefined ? {} : { credentials: signing }),
    ...proxied(),
  };
}

/** A client of the data plane; only what calls it knows when something may be sent again. */
export function dataClient(config: ClientConfig): BedrockAgentCoreClient {
  const { [NODE_WARNING]: before } = process.env;
  // the SDK is part of the bundle: what it says about Node.js versions is for those who build it, not for who runs it
  process.env[NODE_WARNING] = 'true';
  try {
    return new BedrockAgentCoreClient({ ...config, maxAttempts: 1 });
  } finally {
    if (before === undefined) delete process.env[NODE_WARNING];
    else process.env[NODE_WARNING] = before;
  }
}

/** That credentials could not be had proves that nothing was sent: the error says so by the name that the SDK's own providers use. */
function named(get: () => Promise<Credentials>): () => Promise<Credentials> {
  return async () => get().catch((cause) => {
    throw Object.assign(new Error(describeError(cause), { cause }), { name: 'CredentialsProviderError' });
  });
}

function hostOf(endpoint: string): string {
  if (!URL.canParse(endpoint)) throw new InvalidInputError([`endpoint ${JSON.stringify(endpoint)} is not a URL; give one like http://127.0.0.1:8585`]);
  return new URL(endpoint).hostname;
}
