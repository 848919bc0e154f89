import { FunctionConfigurations } from '../runtime/function-configurations';
import { AgentCoreFunctionProps } from '../runtime/function-props';

/** Part of the logical ids of deployed stacks: must never change. */
export const WORKFLOW_ID = 'CdkAgentCoreRuntimeWorkflow';

/** How the function of each stack is made that does what tasks ask for. */
export const WORKFLOW_CONFIGURATIONS = new FunctionConfigurations<AgentCoreFunctionProps>(WORKFLOW_ID, 'AgentCoreWorkflow.configure');
