import { partitionOf } from '../../../service/partition';
import { ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { generatedName } from '../engine/names';
import { isObject, JsonObject } from '../json';

export const STATE_MACHINE_TYPE = 'AWS::StepFunctions::StateMachine';

const MAX_NAME_LENGTH = 80;

/** State machines: their definition is kept, and run by `cdk-agentcore local execute`. */
export const STATE_MACHINE: ResourceHandler = {
  async create(request: ResourceRequest): Promise<ResourceResult> {
    const { stack: { region, account, stackName }, logicalId, properties } = request;
    const name = String(properties.StateMachineName ?? generatedName(stackName, logicalId, MAX_NAME_LENGTH));
    return resultOf(request, `arn:${partitionOf(region)}:states:${region}:${account}:stateMachine:${name}`);
  },

  async update(request: UpdateRequest): Promise<ResourceResult> {
    return resultOf(request, request.physicalId);
  },

  async delete() {
    // nothing runs but what somebody waits for
  },

  replaces: (before, after) => before.StateMachineName !== after.StateMachineName || before.StateMachineType !== after.StateMachineType,
};

function resultOf({ properties }: ResourceRequest, arn: string): ResourceResult {
  definitionOf(properties);
  return { physicalId: arn, attributes: { Arn: arn, Name: arn.split(':').at(-1)!, StateMachineRevisionId: 'INITIAL' } };
}

/**
 * The definition of a state machine with its substitutions.
 *
 * @throws where it is not there, or is no definition
 */
export function definitionOf({ DefinitionString: text, DefinitionSubstitutions: substitutions, Definition: inline }: JsonObject): JsonObject {
  if (isObject(inline)) return checked(inline);
  if (typeof text !== 'string') throw new Error('the state machine has no DefinitionString; definitions in S3 are not read locally');
  const values = isObject(substitutions) ? substitutions : {};
  const filled = text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
  let definition: unknown;
  try {
    definition = JSON.parse(filled);
  } catch (error) {
    throw new Error(`Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: ${(error as Error).message}'`, { cause: error });
  }
  return checked(definition);
}

function checked(definition: unknown): JsonObject {
  if (!isObject(definition) || typeof definition.StartAt !== 'string' || !isObject(definition.States)) {
    throw new Error("Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: StartAt and States are required'");
  }
  if (!Object.hasOwn(definition.States, definition.StartAt)) {
    throw new Error(`Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: StartAt ${JSON.stringify(definition.StartAt)} is no state'`);
  }
  return definition;
}
