import { readFileSync } from 'node:fs';
import { DeploymentFault, parseDeploymentFaults } from './deployment-faults';
import { parseServiceFaults, ServiceFault } from './service-faults';
import { describe } from '../../service/model/validate';

/** What is to go wrong, where and when. */
export interface FaultPlan {
  /** In the local AgentCore. */
  readonly service: readonly ServiceFault[];
  /** In the local deployer: its CloudFormation and its Lambda. */
  readonly deployment: readonly DeploymentFault[];
}

/** A fault plan that cannot be followed; its message is one line. */
export class FaultPlanError extends Error {
  public readonly name = 'FaultPlanError';

  /** @param errors one line for each thing that is wrong: where it stands, what is there, what is allowed */
  constructor(plan: string, public readonly errors: readonly string[]) {
    super(`${plan}: ${errors[0]}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`);
  }
}

const MEMBERS = ['version', 'service', 'deployment'];

/**
 * Reads a fault plan from a file of JSON.
 *
 * @throws FaultPlanError where it cannot be read or says what is not allowed
 */
export function loadFaultPlan(path: string): FaultPlan {
  const plan = `fault plan ${path}`;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code !== undefined;
    throw new FaultPlanError(plan, [`${isMissing ? 'cannot be read' : 'is not JSON'}: ${(error as Error).message}`]);
  }
  return parseFaultPlan(value, plan);
}

/**
 * The fault plan that a value stands for.
 *
 * @param plan how errors name it
 * @throws FaultPlanError where it says what is not allowed
 */
export function parseFaultPlan(value: unknown, plan = 'fault plan'): FaultPlan {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FaultPlanError(plan, [`${describe(value)} is not an object; use {"version": 1, "service": [...], "deployment": [...]}`]);
  }
  const { version, service, deployment } = value as Record<string, unknown>;
  if (version !== 1) throw new FaultPlanError(plan, [`version: ${version === undefined ? 'is missing' : `${describe(version)} is not known`}; use 1`]);
  const unknown = Object.keys(value).filter((name) => !MEMBERS.includes(name));
  const parsed = { service: parseServiceFaults(service), deployment: parseDeploymentFaults(deployment) };
  const errors = [
    ...unknown.map((name) => `${name}: is not known here; known are ${MEMBERS.join(', ')}`),
    ...parsed.service.errors,
    ...parsed.deployment.errors,
  ];
  if (errors.length > 0) throw new FaultPlanError(plan, errors);
  return { service: parsed.service.faults, deployment: parsed.deployment.faults };
}
