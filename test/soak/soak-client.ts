import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand, InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { AgentRuntimeArtifact, BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { LOCAL_ACCOUNT } from '../../src/local/identity';
import { SessionKey } from '../../src/local/sessions/contract';
import { formatRuntimeArn } from '../../src/service/arn';
import { zipOf } from '../local/server/support/zip';

const AGENT = `
import { createServer } from 'node:http';
createServer((request, response) => {
  request.resume();
  response.end(request.url === '/ping' ? '{"status":"Healthy"}' : 'hello');
}).listen(8080);
`;

const CODE: AgentRuntimeArtifact = {
  codeConfiguration: { code: { s3: { bucket: 'soak', prefix: 'agent.zip' } }, runtime: 'NODE_22', entryPoint: ['main.mjs'] },
};
const CONTAINER: AgentRuntimeArtifact = { containerConfiguration: { containerUri: `${LOCAL_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/soak:1` } };

/** Calls one life of the server, each call once. */
export class SoakClient {
  private readonly data: BedrockAgentCoreClient;
  private readonly control: BedrockAgentCoreControlClient;

  constructor(private readonly endpoint: string) {
    const config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 };
    this.data = new BedrockAgentCoreClient(config);
    this.control = new BedrockAgentCoreControlClient(config);
  }

  /** Makes a runtime with session storage; returns its id. */
  public async createRuntime(name: string, withAgent: boolean): Promise<string> {
    if (withAgent) {
      const response = await fetch(`${this.endpoint}/_local/objects/soak/agent.zip`, {
        method: 'PUT', body: new Uint8Array(await zipOf([{ name: 'main.mjs', content: AGENT }])),
      });
      if (!response.ok) throw new Error(await response.text());
      await response.body?.cancel();
    }
    const { agentRuntimeId } = await this.control.send(new CreateAgentRuntimeCommand({
      agentRuntimeName: name,
      agentRuntimeArtifact: withAgent ? CODE : CONTAINER,
      roleArn: `arn:aws:iam::${LOCAL_ACCOUNT}:role/soak`,
      networkConfiguration: { networkMode: 'PUBLIC' },
      filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
    }));
    return agentRuntimeId!;
  }

  /**
   * Runs a command to its end.
   *
   * @param cut given what was printed so far, whether to go away
   */
  public async run(key: SessionKey, command: string, cut: (stdout: string) => boolean = () => false) {
    const away = new AbortController();
    const answer = await this.data.send(new InvokeAgentRuntimeCommandCommand({ ...placeOf(key), body: { command } }), { abortSignal: away.signal });
    let stdout = '';
    let stderr = '';
    let exitCode: number | undefined;
    // to its very end: leaving the loop early would not even close the connection
    for await (const { chunk } of answer.stream!) {
      stdout += chunk?.contentDelta?.stdout ?? '';
      stderr += chunk?.contentDelta?.stderr ?? '';
      exitCode ??= chunk?.contentStop?.exitCode;
      if (!chunk?.contentStop && cut(stdout)) {
        away.abort();
        return { stdout, stderr, exitCode };
      }
    }
    if (exitCode === undefined) throw new Error(`the stream of ${JSON.stringify(command)} ended without an exit code`);
    return { stdout, stderr, exitCode };
  }

  /** The agent's answer. */
  public async invoke(key: SessionKey): Promise<string> {
    const { response } = await this.data.send(new InvokeAgentRuntimeCommand({ ...placeOf(key), payload: '{}' }));
    return response!.transformToString();
  }

  public async stop(key: SessionKey): Promise<void> {
    await this.data.send(new StopRuntimeSessionCommand(placeOf(key)));
  }

  public destroy(): void {
    this.data.destroy();
    this.control.destroy();
  }
}

function placeOf({ runtimeId, endpointName, sessionId }: SessionKey) {
  const agentRuntimeArn = formatRuntimeArn({ partition: 'aws', region: 'us-east-1', account: LOCAL_ACCOUNT, runtimeId });
  return { agentRuntimeArn, qualifier: endpointName, runtimeSessionId: sessionId };
}
