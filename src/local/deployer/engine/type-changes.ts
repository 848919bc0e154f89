import { StackState } from './state';
import { DeployerError } from '../errors';
import { PreparedTemplate } from '../template/prepared';

/**
 * Refuses changed types of resources, as CloudFormation does before anything is begun.
 *
 * @throws DeployerError
 */
export function refuseOtherTypes({ stackName, resources, template }: StackState, prepared: PreparedTemplate): void {
  const isOther = (id: string, type: string) => resources[id] !== undefined && (template.Resources?.[id]?.Type ?? type) !== type;
  const changed = [...prepared.resources].filter(([id, { Type }]) => isOther(id, Type)).map(([id]) => id);
  if (changed.length > 0) {
    throw new DeployerError(`stack ${stackName}: update of resource type is not permitted. `
      + `The new template modifies resource type of the following resources: [${changed.join(', ')}]; give them other logical ids`);
  }
}
