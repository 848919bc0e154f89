import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CommandEnd, endOfResult, endWithoutResult, notRun } from './command-end';
import { Command, parseCommand, parseOnDelete } from './command-properties';
import { CommandSession, runOf } from './command-session';
import { OnDeleteProperties } from './contract';
import { digest } from './digest';
import { Lifecycle, LifecycleContext, LifecycleOutcome, LifecycleRequest, ResourceFailure } from './lifecycle';
import { WatchState } from './long-command';
import { commandMetrics } from './metrics';
import { once } from './once';
import { isDue, runsInDoubt } from './run-policy';
import { WayBack } from './way-back';
import { describeError } from '../client/errors';

export interface CommandContext extends LifecycleContext {
  /** Where the output of commands can be read. */
  readonly logUrl: string;
}

/** A command that is run when its resource is created, changes as its policy says, or is deleted. */
export class CommandLifecycle implements Lifecycle {
  private readonly wayBack: WayBack;
  private readonly session: CommandSession;

  constructor(client: BedrockAgentCoreClient, private readonly context: CommandContext) {
    this.wayBack = new WayBack(context.ledger);
    this.session = new CommandSession(client, context);
  }

  /** Of a resource that was never created: by this id its Delete knows that there is nothing to run. */
  public fallbackId({ owner }: LifecycleRequest): string {
    return `command-${digest(owner.stackId, owner.logicalId)}-not-created`;
  }

  public async create(request: LifecycleRequest): Promise<LifecycleOutcome> {
    const command = parseCommand(request.properties);
    return once(request, this.context, async () => {
      try {
        const end = await this.run(command, request);
        if ('continuation' in end) return end;
        if (end.failure !== undefined && !command.warns) throw new ResourceFailure(end.failure);
        if (end.failure !== undefined) this.warn(request, end.failure);
        const success = { physicalId: physicalIdOf(request), attributes: end.attributes };
        await this.noting(this.wayBack.noteSuccess(request, success));
        return success;
      } catch (error) {
        await this.noting(this.wayBack.noteFailure(request));
        throw error;
      }
    });
  }

  public async update(request: LifecycleRequest): Promise<LifecycleOutcome> {
    const about = { command: request.owner.logicalId };
    const before = await this.wayBack.lastSuccess(request);
    if (before) {
      this.context.log('not running the command on the way back from its own failure', about);
      return { ...before, physicalId: request.physicalId ?? before.physicalId };
    }
    if (isDue(request)) return this.create(request);

    parseCommand(request.properties);
    const last = await this.wayBack.success(request);
    if (!last && runsInDoubt(request)) return this.create(request);
    this.context.log('not running the command, as its policy says', about);
    return { physicalId: physicalIdOf(request), attributes: last?.attributes ?? notRun(this.context.logUrl) };
  }

  public async remove(request: LifecycleRequest & { readonly physicalId: string }): Promise<LifecycleOutcome | void> {
    const { properties, physicalId } = request;
    if (properties.OnDelete === undefined || !wasCreated(physicalId)) return undefined;
    try {
      const command = parseOnDelete(properties)!;
      return await once(request, this.context, async () => {
        const end = await this.run(command, request);
        if ('continuation' in end) return end;
        if (end.failure !== undefined) throw new ResourceFailure(end.failure);
        return { physicalId, attributes: {} };
      });
    } catch (error) {
      if ((properties.OnDelete as OnDeleteProperties).OnFailure === 'FAIL') throw error;
      return this.warn(request, (error as Error).message);
    }
  }

  /** @returns how the command ended, whatever that was, or where the next call of the provider goes on */
  private async run(command: Command, request: LifecycleRequest): Promise<CommandEnd | { readonly continuation: WatchState }> {
    const { log, logUrl, clock } = this.context;
    const end = await this.session.run(command, request).then(
      (result) => ('exitCode' in result ? endOfResult(result, command, logUrl) : { continuation: result }),
      (error) => endWithoutResult(error, runOf(command, request).sessionId, logUrl),
    );
    if ('attributes' in end) log('metrics', commandMetrics(request.owner, end, clock.now()));
    return end;
  }

  private warn({ owner, requestId }: LifecycleRequest, reason: string): void {
    this.context.log('warning', { command: owner.logicalId, requestId, reason });
  }

  /** What is noted for later must not change how this request ends. */
  private async noting(note: Promise<void>): Promise<void> {
    await note.catch((error) => this.context.log('could not note the outcome', { error: describeError(error) }));
  }
}

/**
 * The id of a command, which stays with updates: another one would mean that it is replaced. One that runs on deletion is
 * replaced with its runtime, so that it runs in the old one before that goes.
 */
function physicalIdOf({ owner: { stackId, logicalId }, properties, oldProperties, physicalId }: LifecycleRequest): string {
  const { AgentRuntimeArn, OnDelete } = properties;
  if (physicalId !== undefined && oldProperties.AgentRuntimeArn === AgentRuntimeArn) return physicalId;
  return `command-${digest(stackId, logicalId, ...(OnDelete === undefined ? [] : [String(AgentRuntimeArn)]))}`;
}

/** Neither the id of a create that has failed nor one that CloudFormation invents for a create that has not answered. */
function wasCreated(physicalId: string): boolean {
  return /^command-[0-9a-f]{32}$/.test(physicalId);
}
