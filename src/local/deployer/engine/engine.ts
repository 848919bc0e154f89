import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DeployerError, messageOf } from '../errors';
import { listed } from '../json';
import { cleanUp } from './clean-up';
import { StackStatus } from './events';
import { giveBackImports, importResources, Imports, refuseWrongImport } from './import';
import { applyResource, deleteResource, isSettled } from './operations';
import { EngineOptions, StackSession } from './session';
import { isUpdatable, ResourceRecord, StackState } from './state';
import { Failure, walk } from './walk';
import { Graph, reversed } from '../template/graph';
import { OutputValue, PreparedTemplate } from '../template/prepared';
import { stackArn } from '../template/pseudo';
import { Template } from '../template/template';

/** What a stack is to become. */
export interface StackTarget {
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
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
    refuseOtherRegion(state, target);
    const prepared = new PreparedTemplate(target.template, state, target.parameters);
    const session = new StackSession(state, this.options);
    const others = this.options.store.all().filter(({ stackName }) => stackName !== state.stackName);
    await refuseWrongImport(session, prepared, imports, others);
    session.enter('IMPORT_IN_PROGRESS', 'User Initiated');
    const failures = await importResources(session, prepared, imports);
    if (failures.length === 0) {
      const { template, parameters } = target;
      Object.assign(state, { template, parameters, imports: [...new Set([...state.imports, ...session.imports])].sort() });
      session.enter('IMPORT_COMPLETE');
      return resultOf(state, 'IMPORT_COMPLETE');
    }
    session.enter('IMPORT_ROLLBACK_IN_PROGRESS', `The following resource(s) failed to import: [${failedIds(failures)}].`);
    const ungiven = await giveBackImports(session, imports);
    const status = ungiven.length === 0 ? 'IMPORT_ROLLBACK_COMPLETE' : 'IMPORT_ROLLBACK_FAILED';
    session.enter(status);
    return resultOf(state, status, failures[0]);
  }

  /** Deletes the stack; where there is none, that is done already. */
  public async delete(stackName: string): Promise<StackResult> {
    const state = this.options.store.load(stackName);
    if (!state) return { stackName, status: 'DELETE_COMPLETE', outputs: {} };
    this.refuseWhileImported(state);
    const session = new StackSession(state, this.options);
    session.enter('DELETE_IN_PROGRESS', 'User Initiated');
    await cleanUp(session, []);
    const failures = await this.deleteAll(session, Object.values(state.resources), 'REMOVED');
    if (failures.length > 0) {
      session.enter('DELETE_FAILED', `The following resource(s) failed to delete: [${failedIds(failures)}].`);
      return resultOf(state, 'DELETE_FAILED', failures[0]);
    }
    session.leave('DELETE_COMPLETE');
    return { stackName, status: 'DELETE_COMPLETE', outputs: {} };
  }

  private async create(target: StackTarget): Promise<StackResult> {
    const { stackName, region, account, template, parameters } = target;
    const stackId = stackArn(stackName, region, account, randomUUID());
    const prepared = new PreparedTemplate(template, { stackName, stackId, region, account }, parameters);
    const state: StackState = {
      format: 1,
      stackName,
      stackId,
      region,
      account,
      status: 'CREATE_IN_PROGRESS',
      template,
      parameters,
      resources: {},
      obsolete: [],
      outputs: [],
      imports: [],
    };
    const session = new StackSession(state, this.options);
    session.enter('CREATE_IN_PROGRESS', 'User Initiated');
    const failures = await this.apply(session, prepared, false);
    if (failures.length === 0) {
      session.enter('CREATE_COMPLETE');
      return resultOf(state, 'CREATE_COMPLETE');
    }
    session.enter('ROLLBACK_IN_PROGRESS', `The following resource(s) failed to create: [${failedIds(failures)}]. Rollback requested by user.`);
    const undeleted = await this.deleteAll(session, Object.values(state.resources), 'CREATE_FAILED');
    if (undeleted.length > 0) {
      session.enter('ROLLBACK_FAILED', `The following resource(s) failed to delete: [${failedIds(undeleted)}].`);
      return resultOf(state, 'ROLLBACK_FAILED', failures[0]);
    }
    session.leave('ROLLBACK_COMPLETE');
    return { stackName, status: 'ROLLBACK_COMPLETE', outputs: {}, failure: failures[0] };
  }

  private async update(state: StackState, target: StackTarget): Promise<StackResult> {
    refuseOtherRegion(state, target);
    const prepared = new PreparedTemplate(target.template, state, target.parameters);
    refuseOtherTypes(state, prepared);
    const session = new StackSession(state, this.options);
    if (hasNoChanges(session, prepared)) {
      // the rest of a template (descriptions, policies, conditions) changes without any resource noticing
      for (const [id, { DeletionPolicy: deletionPolicy, UpdateReplacePolicy: updateReplacePolicy }] of prepared.resources) {
        state.resources[id] = { ...state.resources[id], dependsOn: [...prepared.graph.get(id)!], deletionPolicy, updateReplacePolicy };
      }
      Object.assign(state, { template: target.template, parameters: target.parameters, imports: session.imports });
      session.save();
      return resultOf(state, 'NO_CHANGES');
    }
    session.enter('UPDATE_IN_PROGRESS', 'User Initiated');
    const failures = await this.apply(session, prepared, false);
    if (failures.length > 0) return this.rollBackUpdate(session, failures);
    Object.assign(state, { template: target.template, parameters: target.parameters });
    await cleanUp(session, removedFrom(state, prepared), 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    session.enter('UPDATE_COMPLETE');
    return resultOf(state, 'UPDATE_COMPLETE');
  }

  private async rollBackUpdate(session: StackSession, failures: readonly Failure[]): Promise<StackResult> {
    const { state } = session;
    session.enter('UPDATE_ROLLBACK_IN_PROGRESS', `The following resource(s) failed to create or update: [${failedIds(failures)}].`);
    // going back is an update to the old template: what changed meanwhile (a runtime's version) reaches its dependents
    const old = new PreparedTemplate(state.template, state, state.parameters);
    const again = await this.apply(session, old, true);
    if (again.length > 0) {
      session.enter('UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${failedIds(again)}].`);
      return resultOf(state, 'UPDATE_ROLLBACK_FAILED', failures[0]);
    }
    await cleanUp(session, removedFrom(state, old), 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    session.enter('UPDATE_ROLLBACK_COMPLETE');
    return resultOf(state, 'UPDATE_ROLLBACK_COMPLETE', failures[0]);
  }

  /** Brings all resources to the template and evaluates its outputs. */
  private async apply(session: StackSession, prepared: PreparedTemplate, goingBack: boolean): Promise<readonly Failure[]> {
    session.forgetImports();
    const { failures } = await walk(prepared.graph, (id) => applyResource(session, prepared, id, goingBack), 'stop');
    if (failures.length > 0) return failures;
    try {
      const outputs = prepared.outputs(session.world);
      this.refuseTakenExports(session.state, outputs);
      // a value that did not come back as it was must not hold up the way back
      if (!goingBack) this.refuseChangedExports(session.state, outputs);
      Object.assign(session.state, { outputs, imports: session.imports });
      session.save();
      return [];
    } catch (error) {
      return [{ logicalId: session.state.stackName, reason: messageOf(error) }];
    }
  }

  private async deleteAll(session: StackSession, records: readonly ResourceRecord[], cause: 'CREATE_FAILED' | 'REMOVED'): Promise<readonly Failure[]> {
    const ids = new Set(records.map(({ logicalId }) => logicalId));
    const graph: Graph = new Map(records.map(({ logicalId, dependsOn }) => [logicalId, new Set(dependsOn.filter((id) => ids.has(id)))]));
    const { failures } = await walk(reversed(graph), (id) => deleteResource(session, session.state.resources[id], cause), 'continue');
    return failures;
  }

  private refuseTakenExports(state: StackState, outputs: readonly OutputValue[]): void {
    for (const other of this.options.store.all()) {
      if (other.stackName === state.stackName || other.region !== state.region) continue;
      const taken = outputs.find(({ exportName }) => exportName !== undefined && other.outputs.some((output) => output.exportName === exportName));
      if (taken) throw new DeployerError(`export ${taken.exportName} of output ${taken.key} is already exported by stack ${other.stackName}; choose another name`);
    }
  }

  /** What is imported stays as it is for as long as it is. */
  private refuseChangedExports(state: StackState, outputs: readonly OutputValue[]): void {
    for (const { exportName, value } of state.outputs) {
      const now = outputs.find((output) => output.exportName === exportName);
      if (exportName === undefined || now?.value === value) continue;
      const importers = this.importersOf(state, exportName);
      if (importers.length > 0) {
        throw new DeployerError(
          `Export ${exportName} cannot be ${now ? 'updated' : 'deleted'} as it is in use by ${listed(importers)}; first deploy that without the import`,
        );
      }
    }
  }

  private refuseWhileImported(state: StackState): void {
    for (const { exportName } of state.outputs) {
      const importers = exportName === undefined ? [] : this.importersOf(state, exportName);
      if (importers.length > 0) {
        throw new DeployerError(`stack ${state.stackName} cannot be deleted: its export ${exportName} is in use by stack ${listed(importers)}; destroy that one first`);
      }
    }
  }

  private importersOf({ stackName, region }: StackState, exportName: string): string[] {
    return this.options.store.all()
      .filter((other) => other.stackName !== stackName && other.region === region && other.imports.includes(exportName))
      .map((other) => other.stackName);
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
      && isDeepStrictEqual(prepared.outputs(session.world), state.outputs);
  } catch {
    // what cannot be evaluated now needs something that the update will make, or fails there with its reason
    return false;
  }
}

function refuseOtherRegion(state: StackState, { region }: StackTarget): void {
  if (state.region === region) return;
  throw new DeployerError(`stack ${state.stackName} was deployed to region ${state.region}, not ${region}; destroy it first`);
}

/** As CloudFormation does, before anything is begun. */
function refuseOtherTypes({ stackName, resources, template }: StackState, prepared: PreparedTemplate): void {
  const isOther = (id: string, type: string) => resources[id] !== undefined && (template.Resources?.[id]?.Type ?? type) !== type;
  const changed = [...prepared.resources].filter(([id, { Type }]) => isOther(id, Type)).map(([id]) => id);
  if (changed.length > 0) {
    throw new DeployerError(`stack ${stackName}: update of resource type is not permitted. `
      + `The new template modifies resource type of the following resources: [${changed.join(', ')}]; give them other logical ids`);
  }
}

function removedFrom(state: StackState, prepared: PreparedTemplate): ResourceRecord[] {
  return Object.values(state.resources).filter(({ logicalId }) => !prepared.resources.has(logicalId));
}

function failedIds(failures: readonly Failure[]): string {
  return failures.map(({ logicalId }) => logicalId).join(', ');
}

function resultOf(state: StackState, status: StackResult['status'], failure?: Failure): StackResult {
  return {
    stackName: state.stackName,
    status,
    outputs: Object.fromEntries(state.outputs.map(({ key, value }) => [key, value])),
    ...(failure ? { failure } : {}),
  };
}
