import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { RunningLocal, startLocal } from '../../../src/local';
import { removeTree } from '../../../src/local/sessions/remove-tree';
import { digestOf } from '../../../src/local/sessions/storage';
import { containerInput } from '../server/support/harness';

export const SESSION = 'a-session-id-of-at-least-33-characters';

/** A local AgentCore with real sessions and one runtime, whose page is looked at. */
export class Watched {
  public static async start(): Promise<Watched> {
    const stateDir = mkdtempSync(join(realpathSync(tmpdir()), 'page-test-'));
    const local = await startLocal({ port: 0, stateDir, driver: 'process', tokenizer: 'shell', log: () => {} });
    const watched = new Watched(local, stateDir);
    const made = await watched.control.send(new CreateAgentRuntimeCommand(containerInput('agent', { environmentVariables: { API_KEY: 'hunter2' } })));
    return Object.assign(watched, { arn: made.agentRuntimeArn!, runtimeId: made.agentRuntimeId! });
  }

  public readonly arn!: string;
  public readonly runtimeId!: string;
  public readonly control: BedrockAgentCoreControlClient;
  private readonly data: BedrockAgentCoreClient;

  private constructor(private readonly local: RunningLocal, public readonly stateDir: string) {
    const config = { endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    this.control = new BedrockAgentCoreControlClient(config);
    this.data = new BedrockAgentCoreClient(config);
  }

  public get endpoint(): string {
    return this.local.endpoint;
  }

  /** The path of a session's page. */
  public pathOf(sessionId = SESSION): string {
    return `/_local/sessions/${digestOf({ runtimeId: this.runtimeId, endpointName: 'DEFAULT', sessionId })}`;
  }

  /** Runs a command to its end; returns what it printed. */
  public async run(command: string, runtimeSessionId = SESSION): Promise<string> {
    let stdout = '';
    for await (const text of await this.begin(command, runtimeSessionId)) stdout += text;
    return stdout;
  }

  /** Starts a command; returns what it prints, as it comes. */
  public async begin(command: string, runtimeSessionId = SESSION): Promise<AsyncGenerator<string>> {
    const { stream } = await this.data.send(new InvokeAgentRuntimeCommandCommand({ agentRuntimeArn: this.arn, runtimeSessionId, body: { command } }));
    return (async function* () {
      for await (const { chunk } of stream!) yield chunk?.contentDelta?.stdout ?? '';
    })();
  }

  public async stopSession(runtimeSessionId = SESSION): Promise<void> {
    await this.data.send(new StopRuntimeSessionCommand({ agentRuntimeArn: this.arn, runtimeSessionId }));
  }

  public async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.endpoint + path, { headers, redirect: 'manual' });
  }

  /** What a path says to clients that are no browsers. */
  public async json(path: string): Promise<any> {
    return (await this.get(path)).json();
  }

  /** What a path says to browsers. */
  public async html(path: string): Promise<string> {
    return (await this.get(path, { accept: 'text/html' })).text();
  }

  public async end(): Promise<void> {
    this.control.destroy();
    this.data.destroy();
    await this.local.close();
    removeTree(this.stateDir);
  }
}
