import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { AgentCoreRuntime, AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AgentRuntime } from '../../../src';
import { RunningLocal, startLocal, StartLocalOptions } from '../../../src/local';
import { deploy, destroy } from '../../../src/local/deployer';
import { execute, ExecuteOptions, ExecutionEvent, ExecutionResult, SentEvent } from '../../../src/local/workflow';
import { commandLines } from '../../util/processes';

/** A stack on a local AgentCore, whose state machines are run. */
export class LocalStack {
  public readonly home = mkdtempSync(join(tmpdir(), 'workflow-'));
  public local!: RunningLocal;
  public outputs: Readonly<Record<string, string>> = {};
  public readonly sent: SentEvent[] = [];
  public readonly events: ExecutionEvent[] = [];

  public async deploy(declare: (stack: Stack, agent: AgentRuntime) => void, options: Partial<StartLocalOptions> = {}): Promise<this> {
    this.local = await startLocal({ port: 0, stateDir: join(this.home, 'agentcore'), log: () => {}, ...options });
    const app = new App({
      outdir: join(this.home, 'cdk.out'), analyticsReporting: false, context: { '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true },
    });
    const stack = new Stack(app, 'Stack');
    declare(stack, new AgentRuntime(stack, 'Agent', {
      runtimeName: 'agent',
      agentRuntimeArtifact: AgentRuntimeArtifact.fromCodeAsset({ path: join(__dirname, 'agent'), runtime: AgentCoreRuntime.NODE_22, entrypoint: ['main.js'] }),
    }));
    app.synth();
    const { succeeded, stacks } = await deploy({ ...this.where, assemblyDirectory: app.outdir, onEvent: () => {}, onLog: () => {} });
    if (!succeeded) throw new Error(JSON.stringify(stacks));
    this.outputs = stacks[0].outputs;
    return this;
  }

  public async execute(stateMachine: string, input: any, more: Partial<ExecuteOptions> = {}): Promise<ExecutionResult> {
    this.events.length = 0;
    this.sent.length = 0;
    return execute({
      ...this.where, stateMachine, input, onSent: (event) => this.sent.push(event), onEvent: (event) => this.events.push(event), ...more,
    });
  }

  /** The names of the states that were entered, in their order. */
  public get entered(): string[] {
    return this.events.filter(({ type }) => type === 'entered').map(({ state }) => state);
  }

  /** How many processes of sessions there are on this machine that hold a word in their command line. */
  public processes(word: string): number {
    return commandLines().filter((line) => line.includes(word)).length;
  }

  public async end(): Promise<void> {
    if (this.local) {
      await destroy({ ...this.where, onEvent: () => {}, onLog: () => {} });
      await this.local.close();
    }
    rmSync(this.home, { recursive: true, force: true });
  }

  private get where() {
    return { endpoint: this.local.endpoint, stateDir: join(this.home, 'stacks') };
  }
}
