import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { applyTemplate, deleteResources, failedTo, removedFrom } from './apply';
import { awaitsCleanUp, cleanUp } from './clean-up';
import { deleteStack } from './delete';
import { StackStatus } from './events';
import { refuseWhileImported } from './exports';
import { nestedStacksOf, refuseNested } from './family';
import { giveBackImports, importResources, Imports, refuseWrongImport } from './import';
import { isSettled } from './operations';
import { EngineOptions, StackSession } from './session';
import { isUpdatable, newState, StackState } from './state';
import { refuseOtherTypes } from './type-changes';
import { Failure } from './walk';
import { DeployerError } from '../errors';
import { PreparedTemplate } from '../template/prepared';
import { stackArn } from '../template/pseudo';
import { Template } from '../template/template';

/** What a stack is to become. */
export interface StackTarget {
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  /** Tags that all resources of the stack get. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** How an operation on a stack ended. */
export interface StackResult {
  readonly stackName: string;
  readonly status: StackStatus | 'NO_CHANGES';
  readonly outputs: Readonly<Record<string, string>>;
  /** What failed first. */
  readonly failure?: Failure;
}

/** Creates, updates and deletes stacks with CloudFormation's order, roll-back and clean-up. */
export class StackEngine {
  constructor(private readonly options: EngineOptions) {}

  /** Creates the stack, or updates it where there is one. */
  public async deploy(target: StackTarget): Promise<StackResult> {
    const existing = this.options.store.load(target.stackName);
    if (existing) refuseNested(existing, this.options.store.all(), 'deployed');
    if (existing && isUpdatable(existing.status)) return this.update(existing, target);
    if (existing) {
      // what a failed or interrupted deployment left behind cannot be updated
      const leftover = await this.delete(target.stackName);
      if (leftover.failure) return leftover;
    }
    return this.create(target);
  }

  /**
   * Takes existing resources into the stack as they are, and does nothing else.
   *
   * @throws DeployerError for what CloudFormation refuses before an import begins, and where there is no stack
   */
  public async import(target: StackTarget, imports: Imports): Promise<StackResult> {
    const state = this.options.store.load(target.stackName);
    if (!state || !isUpdatable(state.status) || !state.status.endsWith('_COMPLETE')) {
      throw new DeployerError(`stack ${target.stackName} is ${state?.status ?? 'not deployed'}; deploy it without what is to be imported, then import`);
    }
    refuseNested(state, this.options.store.all(), 'imported into');
    refuseOtherRegion(state, target);
    const prepared = new PreparedTemplate(target.template, state, target.parameters, target.tags);
    const session = new StackSession(state, this.options);
    const others = this.options.store.all().filter(({ stackName }) => stackName !== state.stackName);
    await refuseWrongImport(session, prepared, imports, others);
    session.enter('IMPORT_IN_PROGRESS', 'User Initiated');
    const failures = await importResources(session, prepared, imports);
    if (failures.length === 0) {
      const { template, parameters, tags } = target;
      Object.assign(state, { template, parameters, tags, imports: [...new Set([...state.imports, ...session.imports])].sort() });
      session.enter('IMPORT_COMPLETE');
      return resultOf(state, 'IMPORT_COMPLETE');
    }
    session.enter('IMPORT_ROLLBACK_IN_PROGRESS', failedTo('import', failures));
    const ungiven = await giveBackImports(session, imports);
    const status = ungiven.length === 0 ? 'IMPORT_ROLLBACK_COMPLETE' : 'IMPORT_ROLLBACK_FAILED';
    session.enter(status);
    return resultOf(state, status, failures[0]);
  }

  /** Deletes the stack with those nested in it; where there is none, that is done already. */
  public async delete(stackName: string): Promise<StackResult> {
    const state = this.options.store.load(stackName);
    if (!state) return { stackName, status: 'DELETE_COMPLETE', outputs: {} };
    const all = this.options.store.all();
    refuseNested(state, all, 'destroyed');
    const family = [state, ...nestedStacksOf(state, all)];
    for (const member of family) refuseWhileImported(member, all, family.map((each) => each.stackName));
    const failures = await deleteStack(new StackSession(state, this.options), 'REMOVED');
    if (failures.length > 0) return resultOf(state, 'DELETE_FAILED', failures[0]);
    return { stackName, status: 'DELETE_COMPLETE', outputs: {} };
  }

  private async create(target: StackTarget): Promise<StackResult> {
    const { stackName, region, account, template, parameters, tags } = target;
    const stackId = stackArn(stackName, region, account, randomUUID());
    const prepared = new PreparedTemplate(template, { stackName, stackId, region, account }, parameters, tags);
    const state = newState({ stackName, stackId, region, account }, { template, parameters, tags });
    const session = new StackSession(state, this.options);
    session.enter('CREATE_IN_PROGRESS', 'User Initiated');
    const failures = await applyTemplate(session, prepared, false);
    if (failures.length === 0) {
      session.enter('CREATE_COMPLETE');
      return resultOf(state, 'CREATE_COMPLETE');
    }
    session.enter('ROLLBACK_IN_PROGRESS', `${failedTo('create', failures)} Rollback requested by user.`);
    const undeleted = await deleteResources(session, Object.values(state.resources), 'CREATE_FAILED');
    if (undeleted.length > 0) {
      session.enter('ROLLBACK_FAILED', failedTo('delete', undeleted));
      return resultOf(state, 'ROLLBACK_FAILED', failures[0]);
    }
    session.leave('ROLLBACK_COMPLETE');
    return { stackName, status: 'ROLLBACK_COMPLETE', outputs: {}, failure: failures[0] };
  }

  private async update(state: StackState, target: StackTarget): Promise<StackResult> {
    refuseOtherRegion(state, target);
    const prepared = new PreparedTemplate(target.template, state, target.parameters, target.tags);
    refuseOtherTypes(state, prepared);
    const session = new StackSession(state, this.options);
    if (hasNoChanges(session, prepared)) {
      // the rest of a template (descriptions, policies, conditions) changes without any resource noticing
      for (const [id, { DeletionPolicy: deletionPolicy, UpdateReplacePolicy: updateReplacePolicy }] of prepared.resources) {
        state.resources[id] = { ...state.resources[id], dependsOn: [...prepared.graph.get(id)!], deletionPolicy, updateReplacePolicy };
      }
      Object.assign(state, { template: target.template, parameters: target.parameters, tags: target.tags, imports: session.imports });
      session.save();
      return resultOf(state, 'NO_CHANGES');
    }
    session.enter('UPDATE_IN_PROGRESS', 'User Initiated');
    const failures = await applyTemplate(session, prepared, false);
    if (failures.length > 0) return this.rollBackUpdate(session, failures);
    Object.assign(state, { template: target.template, parameters: target.parameters, tags: target.tags });
    await cleanUp(session, removedFrom(state, prepared), 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    session.enter('UPDATE_COMPLETE');
    return resultOf(state, 'UPDATE_COMPLETE');
  }

  private async rollBackUpdate(session: StackSession, failures: readonly Failure[]): Promise<StackResult> {
    const { state } = session;
    session.enter('UPDATE_ROLLBACK_IN_PROGRESS', failedTo('create or update', failures));
    // going back is an update to the old template: what changed meanwhile (a runtime's version) reaches its dependents
    const old = new PreparedTemplate(state.template, state, state.parameters, state.tags);
    const again = await applyTemplate(session, old, true);
    if (again.length > 0) {
      session.enter('UPDATE_ROLLBACK_FAILED', failedTo('update', again));
      return resultOf(state, 'UPDATE_ROLLBACK_FAILED', failures[0]);
    }
    await cleanUp(session, removedFrom(state, old), 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    session.enter('UPDATE_ROLLBACK_COMPLETE');
    return resultOf(state, 'UPDATE_ROLLBACK_COMPLETE', failures[0]);
  }
}

/** Whether the template asks for nothing that is not there: then no attribute changes either, so one look is enough. */
function hasNoChanges(session: StackSession, prepared: PreparedTemplate): boolean {
  const { state } = session;
  if (state.obsolete.length > 0 || Object.keys(state.resources).some((id) => !prepared.resources.has(id))) return false;
  const isUnchanged = (id: string, type: string) => {
    const record = state.resources[id];
    return record?.type === type && isSettled(record) && isDeepStrictEqual(record.properties, prepared.properties(id, session.world));
  };
  try {
    return [...prepared.resources].every(([id, { Type }]) => isUnchanged(id, Type))
      && isDeepStrictEqual(prepared.outputs(session.world), state.outputs)
      && !awaitsCleanUp(session);
  } catch {
    // what cannot be evaluated now needs something that the update will make, or fails there with its reason
    return false;
  }
}

function refuseOtherRegion(state: StackState, { region }: StackTarget): void {
  if (state.region === region) return;
  throw new DeployerError(`stack ${state.stackName} was deployed to region ${state.region}, not ${region}; destroy it first`);
}

function resultOf(state: StackState, status: StackResult['status'], failure?: Failure): StackResult {
  return {
    stackName: state.stackName,
    status,
    outputs: Object.fromEntries(state.outputs.map(({ key, value }) => [key, value])),
    ...(failure ? { failure } : {}),
  };
}
