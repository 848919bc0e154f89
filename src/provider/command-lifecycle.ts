import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { CommandEnd, endOfResult, endWithoutResult, notRun } from './command-end';
import { Command, parseCommand, parseOnDelete } from './command-properties';
import { CommandSession, runOf } from './command-session';
import { OnDeleteProperties } from './contract';
import { digest } from './digest';
import { Lifecycle, LifecycleOutcome, LifecycleRequest, LifecycleResult, ResourceFailure } from './lifecycle';
import { isLong, WatchState } from './long-command';
import { commandMetrics } from './metrics';
import { once, OnceContext, Work } from './once';
import { isDue, runsInDoubt } from './run-policy';
import { Intent, WayBack } from './way-back';
import { CommandOutcomeUnknownError, describeError } from '../client/errors';

/** Of a run that another call of the provider has listened to. */
const NO_OUTPUT = { stdout: '', stderr: '' };

export interface CommandContext extends OnceContext {
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
    // before anything can be refused: the way back of what was refused runs nothing either
    await this.noting(this.wayBack.noteAttempt(request, 'run'));
    const command = parseCommand(request.properties);
    return once(request, this.context, this.work(command, request, async (end) => {
      if (end.failure !== undefined && !command.warns) throw new ResourceFailure(end.failure);
      if (end.failure !== undefined) this.warn(request, end.failure);
      const success = { physicalId: physicalIdOf(request), attributes: end.attributes };
      await this.noting(this.wayBack.noteSuccess(request, success));
      return success;
    }));
  }

  public async update(request: LifecycleRequest): Promise<LifecycleOutcome> {
    const about = { command: request.owner.logicalId };
    // only what was begun goes on
    if (request.continuation !== undefined) return this.create(request);
    if (await this.wayBack.takesBack(request)) {
      this.context.log('not running the command on the way back from an update that came to nothing here', about);
      return this.answerKept(request, 'take back', request.physicalId!);
    }
    if (isDue(request)) return this.create(request);

    parseCommand(request.properties);
    if (runsInDoubt(request) && !await this.wayBack.success(request)) return this.create(request);
    this.context.log('not running the command, as its policy says', about);
    return this.answerKept(request, 'nothing', physicalIdOf(request));
  }

  public async remove(request: LifecycleRequest & { readonly physicalId: string }): Promise<LifecycleOutcome | void> {
    const { properties, physicalId } = request;
    // what CloudFormation has cancelled and still runs must not count any more
    await this.noting(this.wayBack.noteAttempt(request, 'nothing'));
    if (properties.OnDelete === undefined || !wasCreated(physicalId)) return undefined;
    try {
      const command = parseOnDelete(properties)!;
      return await once(request, this.context, this.work(command, request, async ({ failure }) => {
        if (failure !== undefined) throw new ResourceFailure(failure);
        return { physicalId, attributes: {} };
      }));
    } catch (error) {
      if ((properties.OnDelete as OnDeleteProperties).OnFailure === 'FAIL') throw error;
      return this.warn(request, (error as Error).message);
    }
  }

  private async answerKept(request: LifecycleRequest, intent: Intent, physicalId: string): Promise<LifecycleOutcome> {
    const last = await this.wayBack.success(request);
    await this.noting(this.wayBack.noteAttempt(request, intent));
    return { physicalId, attributes: last?.attributes ?? notRun(this.context.logUrl) };
  }

  /** @param finish makes the result of an end, or throws */
  private work(command: Command, request: LifecycleRequest, finish: (end: CommandEnd) => Promise<LifecycleResult>): Work {
    const { sessionId } = runOf(command, request);
    const giveUp = async (why: string) => finish(this.ended(
      request, endWithoutResult(new CommandOutcomeUnknownError(sessionId, NO_OUTPUT, why), sessionId, this.context.logUrl),
    ));
    return {
      run: async (continuation) => {
        const end = await this.run(command, { ...request, continuation });
        if (!('continuation' in end)) return finish(end);
        return await this.isOver(request) ? giveUp('CloudFormation has gone on without this request') : end;
      },
      resume: (begunAt) => (isLong(command) ? { begunAt } : undefined),
      giveUp,
      end: async () => this.session.end(command, request),
    };
  }

  /** @returns how the command ended, whatever that was, or where the next call of the provider goes on */
  private async run(command: Command, request: LifecycleRequest): Promise<CommandEnd | { readonly continuation: WatchState }> {
    const { logUrl } = this.context;
    return this.session.run(command, request).then(
      (result) => ('exitCode' in result ? this.ended(request, endOfResult(result, command, logUrl)) : { continuation: result }),
      (error) => this.ended(request, endWithoutResult(error, runOf(command, request).sessionId, logUrl)),
    );
  }

  private ended({ owner }: LifecycleRequest, end: CommandEnd): CommandEnd {
    this.context.log('metrics', commandMetrics(owner, end, this.context.clock.now()));
    return end;
  }

  private async isOver(request: LifecycleRequest): Promise<boolean> {
    return this.wayBack.isOver(request).catch((error) => {
      this.context.log('could not learn whether this is the newest request', { error: describeError(error) });
      return false;
    });
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
