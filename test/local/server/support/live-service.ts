import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BedrockAgentCoreClient, InvokeAgentRuntimeCommand, InvokeAgentRuntimeCommandCommand, StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, CreateAgentRuntimeCommandInput, UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { codeArtifact, containerInput } from './harness';
import { zipOf } from './zip';
import { RunningLocal, startLocal, StartLocalOptions } from '../../../../src/local';
import { composeCommandLine } from '../../../../src/service/command-line';

export const SESSION = 'a-session-id-of-at-least-33-characters';

/** One made runtime, as the data plane names it. */
export interface Made {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeId: string;
}

export interface RunOptions {
  /** The command as it is sent, in place of shell text. */
  readonly raw?: boolean;
  readonly session?: string;
  readonly qualifier?: string;
  readonly timeout?: number;
  /** Is called with all of the standard output that has come so far. */
  readonly onOutput?: (stdout: string) => void;
}

export interface Ran {
  readonly events: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly status: string;
}

/** A local AgentCore with real sessions, called by the AWS SDK. */
export class LiveService {
  public static async start(options: Partial<StartLocalOptions> = {}): Promise<LiveService> {
    const stateDir = await mkdtemp(join(tmpdir(), 'agentcore-live-'));
    const logged: string[] = [];
    return new LiveService(await startLocal({ port: 0, stateDir, log: (line) => logged.push(line), ...options }), stateDir, logged);
  }

  public readonly control: BedrockAgentCoreControlClient;
  public readonly data: BedrockAgentCoreClient;
  private made = 0;

  private constructor(public readonly local: RunningLocal, public readonly stateDir: string, public readonly logged: string[]) {
    const config = { endpoint: local.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 };
    this.control = new BedrockAgentCoreControlClient(config);
    this.data = new BedrockAgentCoreClient(config);
  }

  public async end(): Promise<void> {
    this.control.destroy();
    this.data.destroy();
    await this.local.close();
    await rm(this.stateDir, { recursive: true });
  }

  /** Makes a runtime, of a container image that is not here unless an agent's code is given. */
  public async create(agent?: string, more: Partial<CreateAgentRuntimeCommandInput> = {}): Promise<Made> {
    const name = `runtime_${++this.made}`;
    if (agent !== undefined) await this.upload(`${name}.zip`, agent);
    const artifact = agent === undefined ? {} : { agentRuntimeArtifact: codeArtifact('assets', `${name}.zip`) };
    const { agentRuntimeArn, agentRuntimeId } = await this.control.send(
      new CreateAgentRuntimeCommand({ ...containerInput(name), ...artifact, ...more }),
    );
    return { agentRuntimeArn: agentRuntimeArn!, agentRuntimeId: agentRuntimeId! };
  }

  /** Makes a new version. */
  public async update({ agentRuntimeId }: Made, more: Partial<CreateAgentRuntimeCommandInput> = {}): Promise<void> {
    const { agentRuntimeName, ...input } = containerInput('any', more);
    await this.control.send(new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId }));
  }

  public async upload(key: string, main: string): Promise<void> {
    const body = await zipOf([{ name: 'main.mjs', content: main }]) as any;
    const { status } = await fetch(`${this.local.endpoint}/_local/objects/assets/${key}`, { method: 'PUT', body });
    if (status !== 200) throw new Error(`upload was answered with ${status}`);
  }

  public async run({ agentRuntimeArn }: Made, command: string, options: RunOptions = {}): Promise<Ran> {
    const { raw = false, session = SESSION, qualifier, timeout = 60, onOutput } = options;
    const body = { command: raw ? command : composeCommandLine({ command }), timeout };
    const { stream } = await this.data.send(new InvokeAgentRuntimeCommandCommand({ agentRuntimeArn, runtimeSessionId: session, qualifier, body }));
    const events: string[] = [];
    const out = { stdout: '', stderr: '' };
    let stop: { exitCode?: number; status?: string } | undefined;
    for await (const { chunk } of stream!) {
      events.push(Object.keys(chunk!)[0]);
      out.stdout += chunk?.contentDelta?.stdout ?? '';
      out.stderr += chunk?.contentDelta?.stderr ?? '';
      stop = chunk?.contentStop ?? stop;
      if (chunk?.contentDelta?.stdout !== undefined) onOutput?.(out.stdout);
    }
    if (stop === undefined) throw new Error('stream ended without contentStop');
    return { events, ...out, exitCode: stop.exitCode!, status: stop.status! };
  }

  /** The standard output of a command that has to end well. */
  public async output(on: Made, command: string, options: RunOptions = {}): Promise<string> {
    const { stdout, stderr, exitCode, status } = await this.run(on, command, options);
    if (exitCode !== 0) throw new Error(`command ended with ${status} ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Runs a command that goes on; resolves once it has said the text. */
  public async begin(on: Made, command: string, text: string, options: RunOptions = {}): Promise<{ readonly ended: Promise<Ran> }> {
    let said!: () => void;
    const saying = new Promise<void>((resolve) => { said = resolve; });
    const ended = this.run(on, command, { ...options, onOutput: (stdout) => { if (stdout.includes(text)) said(); } });
    // whoever asks for its end is told of its failure
    ended.catch(() => undefined);
    await Promise.race([saying, ended.then(() => { throw new Error(`command ended without saying ${text}`); })]);
    return { ended };
  }

  public async invoke({ agentRuntimeArn }: Made, payload = '{}', session = SESSION): Promise<string> {
    const { response } = await this.data.send(
      new InvokeAgentRuntimeCommand({ agentRuntimeArn, runtimeSessionId: session, payload: Buffer.from(payload) }),
    );
    return response!.transformToString();
  }

  public async stop({ agentRuntimeArn }: Made, session = SESSION, qualifier?: string) {
    return this.data.send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId: session, qualifier }));
  }

  /** Moves the clock on. */
  public async advance(seconds: number): Promise<void> {
    await this.admin('clock', { method: 'POST', body: JSON.stringify({ advanceSeconds: seconds }) });
  }

  public async setFaults(...service: object[]): Promise<void> {
    await this.admin('faults', { method: 'PUT', body: JSON.stringify({ version: 1, service }) });
  }

  /** What `/_local/` answers. */
  public async admin(path: string, init: RequestInit = {}): Promise<any> {
    const response = await fetch(`${this.local.endpoint}/_local/${path}`, init);
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }
}
