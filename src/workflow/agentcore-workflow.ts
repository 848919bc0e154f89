import { IConstruct } from 'constructs';
import { WORKFLOW_CONFIGURATIONS } from './workflow-configuration';
import { AgentCoreFunctionProps } from '../runtime/function-props';

/**
 * The function that does what tasks of Step Functions ask for: one per stack, made by the first task, loop, fleet or scheduled command
 * of the stack.
 *
 * @example
 * AgentCoreWorkflow.configure(stack, { vpc, logEncryptionKey: key });
 */
export class AgentCoreWorkflow {
  /**
   * Says how the functions of a stack, or of all stacks of a stage or an app, are made. Where several apply, the nearest alone counts: a
   * stack's before that of its parent stack, its stage and its app.
   *
   * @param scope a `Stack`, `Stage` or `App`, before it has tasks
   * @throws a single error for all that cannot be used, and one for a second call and for one that comes too late
   */
  public static configure(scope: IConstruct, props: AgentCoreFunctionProps): void {
    WORKFLOW_CONFIGURATIONS.set(scope, props);
  }

  private constructor() {}
}
