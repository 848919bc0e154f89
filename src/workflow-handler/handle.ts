import { WorkflowTask } from './contract';
import { beginItem, sessionOfItem } from './fleet/begin-item';
import { reportFleet } from './fleet/report-fleet';
import { invokeAgentTask } from './invoke-agent';
import { beginLoop, judgeRound, loopInputOf, summarizeLoop } from './loop';
import { runCommandTask } from './run-command';
import { stopSessionTask } from './stop-session';
import { TaskContext } from './task-context';
import { TaskError } from './task-error';

/** Does what a state asks for; what it returns is the state's result, and the name of what it throws the state's error. */
export async function handleTask(task: WorkflowTask, context: TaskContext): Promise<unknown> {
  const now = context.clock.now();
  switch (task.action) {
    case 'runCommand': return runCommandTask(task, context);
    case 'invokeAgent': return invokeAgentTask(task, context);
    case 'stopSession': return stopSessionTask(task, task.visit.execution, context);
    case 'stopAbandoned': {
      const { place, event: { detail: { executionArn, input } } } = task;
      return stopSessionTask({ ...place, sessionId: givenSession(input) ?? place.sessionId }, executionArn, context);
    }
    case 'stopAbandonedItem': {
      const { place, event: { detail: { executionArn, input } } } = task;
      const sessionId = sessionOfInput(input);
      return sessionId === undefined ? undefined : stopSessionTask({ ...place, sessionId }, executionArn, context);
    }
    case 'beginItem': return beginItem(task);
    case 'reportFleet': return reportFleet(task, context);
    case 'beginLoop': return beginLoop(task, now);
    case 'judgeRound': return judgeRound(task, now);
    case 'summarizeLoop': return summarizeLoop(task, now);
    default: throw new TaskError('invalidInput', `action ${JSON.stringify((task as { readonly action?: unknown }).action)} is unknown; this function is called by the tasks of cdk-agentcore-runtime`);
  }
}

/** The session of an item; none where it names one that cannot be, since nothing was begun then. */
function sessionOfInput(input: string): string | undefined {
  try {
    return sessionOfItem(JSON.parse(input));
  } catch {
    return undefined;
  }
}

/** The session that an execution was given; none where its input is none that a loop takes, since nothing was begun then. */
function givenSession(input: string): string | undefined {
  try {
    return loopInputOf(JSON.parse(input)).sessionId;
  } catch {
    return undefined;
  }
}
