import { FakeClock } from './fake-clock';
import { ScriptedService } from './scripted-service';
import { CommandLifecycle } from '../../src/provider/command-lifecycle';
import { MemoryLedger } from '../../src/provider/ledger';
import { LifecycleRequest, LifecycleResult } from '../../src/provider/lifecycle';

type Properties = Readonly<Record<string, unknown>>;
type Existing = LifecycleRequest & { readonly physicalId: string };

/** The properties of a command, as every version of the library has rendered them. */
export const COMMAND_PROPERTIES = {
  ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:provider',
  ServiceTimeout: '960',
  AgentRuntimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-0123456789',
  AgentRuntimeVersion: '1',
  Qualifier: 'DEFAULT',
  Command: 'npm test',
  Timeout: '60',
};

/** One command of a stack, as CloudFormation goes on with it: it remembers what was deployed last. */
export class CommandTrial {
  public readonly service = new ScriptedService();
  public readonly clock = new FakeClock();
  public readonly ledger = new MemoryLedger(this.clock);
  public readonly logged: Properties[] = [];
  /** From where the provider was called again to go on. */
  public readonly continuations: unknown[] = [];
  public lifecycle!: CommandLifecycle;
  public properties: Properties = COMMAND_PROPERTIES;
  public physicalId?: string;
  private readonly watchers: (() => void)[] = [];
  private requests = 0;

  public async open(): Promise<this> {
    await this.service.open();
    const { clock, ledger } = this;
    this.lifecycle = new CommandLifecycle(this.service.client, {
      clock,
      ledger,
      logUrl: 'https://logs',
      callAgain: async (continuation) => { this.continuations.push(JSON.parse(JSON.stringify(continuation))); },
      log: (notice, fields) => {
        this.logged.push({ notice, ...fields });
        this.watchers.splice(0).forEach((look) => look());
      },
    });
    return this;
  }

  public async create(properties: Properties): Promise<LifecycleResult> {
    const request = this.request({ ...COMMAND_PROPERTIES, ...properties });
    return this.deployed(request, await this.lifecycle.create(request) as LifecycleResult);
  }

  /** With the properties that were deployed last, and these changes. */
  public async update(changes: Properties): Promise<LifecycleResult> {
    const request = this.request({ ...this.properties, ...changes });
    const existing = { ...request, oldProperties: this.properties, physicalId: this.physicalId! };
    return this.deployed(request, await this.lifecycle.update(existing) as LifecycleResult);
  }

  /** The update by which CloudFormation takes another one back, which had failed with these properties. */
  public async takeBack(failed: Properties): Promise<LifecycleResult> {
    const existing = { ...this.request(this.properties), oldProperties: { ...this.properties, ...failed }, physicalId: this.physicalId! };
    return await this.lifecycle.update(existing) as LifecycleResult;
  }

  public async remove(more: Partial<Existing> = {}) {
    return this.lifecycle.remove({ ...this.request(this.properties), physicalId: this.physicalId!, ...more });
  }

  public request(properties: Properties): LifecycleRequest {
    this.clock.sleep(1_000).catch(() => {});
    return {
      owner: { stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Demo/1b2c3d4e', logicalId: 'Check' },
      requestId: `request-${this.requests++}`,
      properties,
      oldProperties: {},
      signal: new AbortController().signal,
      deadline: this.clock.now() + 880_000,
    };
  }

  /** The texts that were sent as commands, without what wraps them. */
  public get ran(): string[] {
    return this.service.seen.filter(({ path }) => path.includes('/commands')).map(({ body }) => /<\/dev\/null; (.*)'$/s.exec(body.command)?.[1] ?? body.command);
  }

  public get stopped(): (string | undefined)[] {
    return this.service.seen.filter(({ path }) => path.includes('/stopruntimesession')).map(({ sessionId }) => sessionId);
  }

  public get warnings(): unknown[] {
    return this.logged.filter(({ notice }) => notice === 'warning').map(({ reason }) => reason);
  }

  /** Waits until something of that kind is logged. */
  public async reached(notice: string): Promise<void> {
    while (!this.logged.some((line) => line.notice === notice)) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  private deployed(request: LifecycleRequest, result: LifecycleResult): LifecycleResult {
    this.properties = request.properties;
    this.physicalId = result.physicalId;
    return result;
  }
}
