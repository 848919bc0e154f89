import model from './agent-runtime.json';
import { Shapes } from './model';
import { Violation, violations } from './validate';

/** The shapes that make up CreateAgentRuntime's and UpdateAgentRuntime's input. */
export const AGENT_RUNTIME_SHAPES = model.shapes as unknown as Shapes;

/** What the service would refuse in the input of CreateAgentRuntime, shape by shape. */
export function createAgentRuntimeViolations(input: unknown): Violation[] {
  return violations(AGENT_RUNTIME_SHAPES, 'CreateAgentRuntimeRequest', input);
}
