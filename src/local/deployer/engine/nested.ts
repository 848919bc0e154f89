import { applyTemplate, failedTo, removedFrom } from './apply';
import { cleanUp } from './clean-up';
import { deleteStack } from './delete';
import { refuseWhileImported } from './exports';
import { nestedStacksOf } from './family';
import { ResourceFailure } from './handler';
import { EngineOptions, StackSession } from './session';
import { DeleteCause, newState, StackState } from './state';
import { refuseOtherTypes } from './type-changes';
import { Failure } from './walk';
import { OutputValue, PreparedTemplate } from '../template/prepared';
import { StackIdentity } from '../template/pseudo';
import { Template } from '../template/template';

/** What a nested stack is to become. */
export interface NestedTarget {
  readonly templateUrl: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Creates, updates and deletes stacks as resources of other stacks. Each has a state of its own; when it fails, its parent's
 * rollback brings it back, and what an update has replaced or removed stays until the clean-up of the root.
 */
export class NestedStacks {
  constructor(private readonly options: EngineOptions) {}

  /** @throws ResourceFailure with CloudFormation's reason; what was made is there until the stack is deleted */
  public async create(stackId: string, parent: StackIdentity, target: NestedTarget): Promise<readonly OutputValue[]> {
    const { templateUrl, template, parameters, tags } = target;
    const identity = { ...parent, stackName: nameOf(stackId), stackId };
    const prepared = this.prepare(target, identity);
    const state = newState(identity, { template, parameters, tags }, { stackId: parent.stackId, templateUrl, earlier: {} });
    const session = new StackSession(state, this.options);
    session.enter('CREATE_IN_PROGRESS', 'User Initiated');
    const failures = await applyTemplate(session, prepared, false);
    if (failures.length > 0) {
      const reason = reasonOf(session.state, 'create', failures);
      session.enter('CREATE_FAILED', reason);
      throw new ResourceFailure(`Embedded stack ${stackId} was not successfully created: ${reason}`, stackId);
    }
    session.enter('CREATE_COMPLETE');
    return session.state.outputs;
  }

  /**
   * Brings a stack to another template or other parameters; its clean-up has to follow.
   *
   * @param goingBack whether the parent is rolled back
   */
  public async update(stackId: string, target: NestedTarget, goingBack: boolean): Promise<readonly OutputValue[]> {
    const state = this.load(stackId);
    if (!state) throw new Error(`nested stack ${stackId} is not there any more; destroy the stack that it belongs to, and deploy it again`);
    const { templateUrl, template, parameters, tags } = target;
    const prepared = this.prepare(target, state);
    if (!goingBack) refuseOtherTypes(state, prepared);
    const session = new StackSession(state, this.options);
    if (!goingBack) session.enter('UPDATE_IN_PROGRESS', 'User Initiated');
    // it is in this status already if it was this stack that failed
    else if (state.status !== 'UPDATE_ROLLBACK_IN_PROGRESS') session.enter('UPDATE_ROLLBACK_IN_PROGRESS');
    const failures = await applyTemplate(session, prepared, goingBack);
    if (failures.length > 0) {
      const reason = reasonOf(state, goingBack ? 'update' : 'create or update', failures);
      session.enter(goingBack ? 'UPDATE_ROLLBACK_FAILED' : 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
      throw new ResourceFailure(`Embedded stack ${stackId} was not successfully updated. Currently in ${state.status} with reason: ${reason}`);
    }
    const { nestedIn } = state;
    Object.assign(state, {
      template,
      parameters,
      tags,
      nestedIn: { ...nestedIn, templateUrl, earlier: { ...nestedIn!.earlier, [nestedIn!.templateUrl]: state.template } },
    });
    session.enter(goingBack ? 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' : 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    return state.outputs;
  }

  /** The clean-up that an updated stack waits for; undefined if it waits for none. */
  public pendingCleanUp(stackId: string): (() => Promise<void>) | undefined {
    const state = this.load(stackId);
    const status = state?.status;
    if (status !== 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' && status !== 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS') return undefined;
    return async () => {
      const session = new StackSession(state!, this.options);
      state!.nestedIn = { ...state!.nestedIn!, earlier: {} };
      await cleanUp(session, removedFrom(state!, new PreparedTemplate(state!.template, state!, state!.parameters, state!.tags)), status);
      session.enter(status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' ? 'UPDATE_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE');
    };
  }

  /** Succeeds for what is gone already. */
  public async delete(stackId: string, cause: DeleteCause): Promise<void> {
    const state = this.load(stackId);
    if (!state) return;
    const all = this.options.store.all();
    refuseWhileImported(state, all, nestedStacksOf(state, all).map(({ stackName }) => stackName));
    const failures = await deleteStack(new StackSession(state, this.options), cause);
    if (failures.length > 0) throw new Error(`Embedded stack ${stackId} was not successfully deleted: ${failedTo('delete', failures)}`);
  }

  /** A template that the stack has, or had before the update that runs. */
  public templateOf(stackId: string, templateUrl: string): Template | undefined {
    const state = this.load(stackId);
    return state?.nestedIn?.templateUrl === templateUrl ? state.template : state?.nestedIn?.earlier[templateUrl];
  }

  /** @throws Error for resources of unknown types: the template was not known when the root was looked through */
  private prepare({ template, parameters, tags }: NestedTarget, identity: StackIdentity): PreparedTemplate {
    const undeclared = Object.keys(parameters).filter((name) => template.Parameters?.[name] === undefined);
    if (undeclared.length > 0) throw new Error(`Parameters: [${undeclared.join(', ')}] do not exist in the template`);
    const prepared = new PreparedTemplate(template, identity, parameters, tags);
    const unknown = [...prepared.resources].filter(([, { Type }]) => !this.options.handlers(Type)).map(([id, { Type }]) => `${Type} (${id})`);
    if (unknown.length > 0) throw new Error(`resource types that cannot be deployed locally: ${unknown.join(', ')}`);
    return prepared;
  }

  private load(stackId: string): StackState | undefined {
    const state = this.options.store.load(nameOf(stackId));
    return state?.stackId === stackId ? state : undefined;
  }
}

/** The name in `arn:…:stack/NAME/UUID`. */
function nameOf(stackId: string): string {
  return stackId.split('/')[1];
}

/** The reason of an output that fails is reported as it is, since an output is no resource. */
function reasonOf({ stackName }: StackState, action: string, failures: readonly Failure[]): string {
  const [{ logicalId, reason }] = failures;
  return logicalId === stackName ? reason : failedTo(action, failures);
}
