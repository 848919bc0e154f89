import { EndpointOptions } from './session-task-props';
import { WorkflowCommandOptions } from './workflow-command-options';

/**
 * A command that a fleet runs in each of its sessions.
 *
 * Words of `Command.argv` may come from the item, such as `sfn.JsonPath.stringAt('$.item.branch')`; the id of the session is at
 * `$.sessionId`.
 */
export interface FleetCommandOptions extends EndpointOptions, WorkflowCommandOptions {}
