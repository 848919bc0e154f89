import { AssetLookup } from './assembly/locations';
import { templateAt } from './assembly/template-url';
import { ReachableAgentCore } from './endpoint';
import { StackEngine } from './engine/engine';
import { StackEvent } from './engine/events';
import { HandlerLookup } from './engine/handler';
import { lockStack } from './engine/lock';
import { NestedStacks } from './engine/nested';
import { EngineOptions } from './engine/session';
import { StateStore } from './engine/state-store';
import { Invoker } from './lambda/asynchronous';
import { CodeStore } from './lambda/code-store';
import { FunctionDirectory } from './lambda/directory';
import { FunctionLogLine } from './lambda/function';
import { InvokeServer } from './lambda/invoke-server';
import { LambdaRunner } from './lambda/runner';
import { LocalIam } from './local-iam';
import { DeployOptions, DestroyOptions } from './options';
import { CustomResourceClient, CustomResourceClientOptions } from './protocol/client';
import { AllowStubs, handlerRegistry } from './resources/registry';
import { StateDirectory } from './state-directory';
import { Clock, SYSTEM_CLOCK } from '../../client/clock';

/** What tests and fault plans put in the place of the real thing, or around it. */
export interface DeployerParts
  extends Pick<CustomResourceClientOptions, 'delivery' | 'behaviour' | 'giveUp' | 'onAnswer'>, Pick<EngineOptions, 'failure'> {
  readonly clock?: Clock;
  readonly invoker?: (runner: Invoker) => Invoker;
  readonly handlers?: (lookup: HandlerLookup) => HandlerLookup;
  /** See what happens before the user does. */
  readonly onEvent?: (event: StackEvent) => void;
  readonly onLog?: (line: FunctionLogLine) => void;
  /** Called when the work on stacks is over, before the functions that still run are waited for. */
  readonly onClose?: () => void;
}

/** Everything that works on stacks, put together. */
export class Workshop {
  public readonly store: StateStore;
  private readonly endpoint: string;
  private readonly directory: StateDirectory;
  private readonly clock: Clock;
  private readonly code: CodeStore;
  private readonly functions: FunctionDirectory;
  private readonly iam: LocalIam;
  private readonly lambda: InvokeServer;
  private readonly customResources: CustomResourceClient;

  constructor(
    private readonly options: DeployOptions | DestroyOptions, agentCore: ReachableAgentCore, private readonly parts: DeployerParts,
  ) {
    const { address: endpoint, id } = agentCore;
    const { clock = SYSTEM_CLOCK, delivery, behaviour, giveUp, onAnswer } = parts;
    this.clock = clock;
    this.endpoint = endpoint;
    this.directory = new StateDirectory(options.stateDir, id);
    this.store = new StateStore(this.directory.stacks);
    this.code = new CodeStore(this.directory.code);
    this.functions = new FunctionDirectory(this.store, this.code);
    this.iam = new LocalIam(agentCore, { isOn: options.iam ?? true, onNotice: options.onNotice });
    this.lambda = new InvokeServer({
      find: (reference, region) => this.functions.findNamed(reference, region),
      denialOf: async (accessKeyId, functionArn, region) => this.iam.denialOf({ accessKeyId }, { operation: 'lambda:Invoke', names: { functionArn }, region }),
      invoke: (target, event, requestId) => this.customResources.invoke(target, event, requestId),
    });
    const runner = new LambdaRunner({
      endpoint,
      lambdaEndpoint: () => this.lambda.url(),
      accessKeyOf: async (target) => this.iam.accessKeyOf(target),
      clock,
      onLog: (line) => {
        parts.onLog?.(line);
        options.onLog(line);
      },
    });
    const invoker = parts.invoker?.(runner) ?? runner;
    this.customResources = new CustomResourceClient({ invoker, clock, delivery, behaviour, giveUp, onAnswer });
  }

  public handlers(region: string, assets: AssetLookup, allowStubs: AllowStubs): HandlerLookup {
    const registry = handlerRegistry({
      endpoint: this.endpoint,
      region,
      clock: this.clock,
      code: this.code,
      assets,
      templates: (url) => templateAt(url, assets)?.template,
      nestedStacks: () => nestedStacks,
      functions: this.functions,
      customResources: this.customResources,
      iam: this.iam,
      allowStubs,
    });
    const handlers = this.parts.handlers?.(registry) ?? registry;
    const nestedStacks = new NestedStacks(this.engineOptions(handlers));
    return handlers;
  }

  public engine(handlers: HandlerLookup): StackEngine {
    return new StackEngine(this.engineOptions(handlers));
  }

  /** Keeps other deployments off a stack until the returned function is called. */
  public begin(stackName: string): () => void {
    this.tellOfNamesake(stackName);
    return lockStack(this.store.directory, stackName);
  }

  /** Tells the user of a stack of that name that another local AgentCore has, where this one has none. */
  public tellOfNamesake(stackName: string): void {
    const [other] = this.directory.elsewhere(stackName);
    if (other !== undefined && !this.store.load(stackName)) {
      this.options.onNotice?.(`stack ${stackName}: this local AgentCore does not have it; ${other} records a stack of this name that belongs to another local AgentCore, or to this one before it was emptied, and stays as it is`);
    }
  }

  /** Waits for functions that still run; to be called at the end, whatever that is. */
  public async close(): Promise<void> {
    this.parts.onClose?.();
    await this.customResources.drain();
    await this.lambda.close();
    if (await this.directory.tidy()) await this.code.clear();
  }

  private engineOptions(handlers: HandlerLookup): EngineOptions {
    const { onEvent, failure } = this.parts;
    return {
      store: this.store,
      handlers,
      clock: this.clock,
      failure,
      onEvent: (event) => {
        onEvent?.(event);
        this.options.onEvent(event);
      },
    };
  }
}
