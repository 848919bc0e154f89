import { describe } from './model/validate';

/**
 * What is wrong with the resource policy of a resource: not a policy at all, or one that is about anything else than
 * exactly this resource.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
 */
export function resourcePolicyFaults(policy: string, resourceArn: string): string[] {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch (error) {
    return [`is not JSON: ${(error as Error).message}`];
  }
  if (!isObject(document)) return ['is not a JSON object with Version and Statement'];
  const statements = Array.isArray(document.Statement) ? document.Statement as unknown[] : [document.Statement];
  if (statements.length === 0) return ['has no statement'];
  return statements.flatMap((statement, i) => statementFaults(statement, resourceArn).map((fault) => `Statement[${i}] ${fault}`));
}

function statementFaults(statement: unknown, resourceArn: string): string[] {
  if (!isObject(statement)) return ['is not an object with Effect, Principal, Action and Resource'];
  const { Effect: effect, Resource: resource } = statement;
  const resources: unknown[] = Array.isArray(resource) ? resource : [resource];
  return [
    ...(effect === 'Allow' || effect === 'Deny' ? [] : [`has the Effect ${shown(effect)}; use Allow or Deny`]),
    ...(has(statement, 'Principal') ? [] : ['has no Principal; say who it is for']),
    ...(has(statement, 'Action') ? [] : ['has no Action; say what it is about']),
    ...(resources.length > 0 && resources.every((one) => one === resourceArn) ? []
      : [`has the Resource ${shown(resource)}; only ${resourceArn}, which the policy belongs to, is allowed, without wildcards`]),
  ];
}

function has(statement: Readonly<Record<string, unknown>>, name: 'Principal' | 'Action'): boolean {
  return statement[name] !== undefined || statement[`Not${name}`] !== undefined;
}

function shown(value: unknown): string {
  return value === undefined ? 'undefined' : describe(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
