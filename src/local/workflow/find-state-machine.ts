import { Definition } from './definition';
import { nestedStackName } from '../../client/stacks/stack-runtimes';
import { parentOf } from '../deployer/engine/family';
import { ResourceRecord, StackState } from '../deployer/engine/state';
import { DeployerError } from '../deployer/errors';
import { listed } from '../deployer/json';
import { definitionOf, STATE_MACHINE_TYPE } from '../deployer/resources/state-machine';

/** A state machine that is deployed here. */
export interface DeployedStateMachine {
  readonly arn: string;
  /** Of the role with which it calls. */
  readonly roleArn?: string;
  readonly definition: Definition;
  readonly stack: StackState;
}

/**
 * The state machine that somebody means: by its ARN, its name, its logical id, or the beginning of that, which is the path of its
 * construct.
 *
 * @throws DeployerError where none, or more than one, is meant
 */
export function findStateMachine(stacks: readonly StackState[], wanted: string): DeployedStateMachine {
  const all = stacks.flatMap((stack) => Object.values(stack.resources).filter(isDeployed).map((record) => ({ stack, record })));
  const exact = all.filter(({ record }) => [record.physicalId, record.attributes.Name, record.logicalId].includes(wanted));
  const prefix = wanted.replace(/[^A-Za-z0-9]/g, '');
  const idsOf = ({ record, stack }: typeof all[number]) => [record.logicalId, `${stack.stackName}${record.logicalId}`, ...pathsOf(record, stack, stacks)];
  const meant = exact.length > 0 ? exact : all.filter((each) => prefix !== '' && idsOf(each).some((id) => id.startsWith(prefix)));
  if (meant.length !== 1) {
    const names = listed((meant.length > 1 ? meant : all).map(({ record, stack }) => (stack.nestedIn ? `${stack.stackName}/${record.logicalId}` : record.logicalId)));
    throw new DeployerError(meant.length > 1 ? `${wanted} means ${meant.length} state machines: ${names}; write more of the one that you mean`
      : `no state machine ${wanted} is deployed here; deployed are ${names || 'none'}`);
  }
  const [{ record, stack }] = meant;
  const { RoleArn: roleArn } = record.properties;
  return { arn: record.physicalId!, ...(typeof roleArn === 'string' ? { roleArn } : {}), definition: definitionOf(record.properties) as Definition, stack };
}

/** The path of a construct in a nested stack, without and with the name of the stack at the top, as the beginning of a logical id. */
function pathsOf({ logicalId }: ResourceRecord, stack: StackState, all: readonly StackState[]): string[] {
  let path = logicalId;
  let inner = stack;
  for (let parent = parentOf(inner, all); parent; parent = parentOf(inner, all)) {
    const own = Object.values(parent.resources).find(({ physicalId }) => physicalId === inner.stackId);
    path = `${nestedStackName(own?.logicalId ?? '')}${path}`;
    inner = parent;
  }
  return inner === stack ? [] : [path, `${inner.stackName}${path}`];
}

function isDeployed({ type, physicalId }: ResourceRecord): boolean {
  return type === STATE_MACHINE_TYPE && physicalId !== undefined;
}
