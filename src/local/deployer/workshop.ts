import { join } from 'node:path';
import { FileAsset } from './assembly/assets';
import { StackEngine } from './engine/engine';
import { HandlerLookup } from './engine/handler';
import { StateStore } from './engine/state-store';
import { CodeStore } from './lambda/code-store';
import { FunctionDirectory } from './lambda/directory';
import { LambdaRunner } from './lambda/runner';
import { DeployOptions, DestroyOptions } from './options';
import { CustomResourceClient, CustomResourceClientOptions } from './protocol/client';
import { AllowStubs, handlerRegistry } from './resources/registry';
import { Clock, SYSTEM_CLOCK } from '../../client/clock';

/** What tests and fault plans put in the place of the real thing. */
export interface DeployerParts extends Pick<CustomResourceClientOptions, 'delivery' | 'behaviour'> {
  readonly clock?: Clock;
}

/** Everything that works on stacks, put together. */
export class Workshop {
  public readonly store: StateStore;
  private readonly clock: Clock;
  private readonly code: CodeStore;
  private readonly customResources: CustomResourceClient;

  constructor(private readonly options: DeployOptions | DestroyOptions, private readonly endpoint: string, parts: DeployerParts) {
    const { clock = SYSTEM_CLOCK, ...seams } = parts;
    this.clock = clock;
    this.store = new StateStore(options.stateDir);
    this.code = new CodeStore(join(options.stateDir, 'code'));
    const invoker = new LambdaRunner({ endpoint, clock, onLog: options.onLog });
    this.customResources = new CustomResourceClient({ invoker, clock, ...seams });
  }

  /** @param assets by `bucket/key` */
  public handlers(region: string, assets: ReadonlyMap<string, FileAsset>, allowStubs: AllowStubs): HandlerLookup {
    return handlerRegistry({
      endpoint: this.endpoint,
      region,
      clock: this.clock,
      code: this.code,
      assets: ({ bucket, key }) => assets.get(`${bucket}/${key}`),
      functions: new FunctionDirectory(this.store, this.code),
      customResources: this.customResources,
      allowStubs,
    });
  }

  public engine(handlers: HandlerLookup): StackEngine {
    return new StackEngine({ store: this.store, handlers, clock: this.clock, onEvent: this.options.onEvent });
  }

  /** Waits for functions that still run; to be called at the end, whatever that is. */
  public async close(): Promise<void> {
    await this.customResources.drain();
    if (this.store.all().length === 0) await this.code.clear();
  }
}
