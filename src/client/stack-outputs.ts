import { readFileSync } from 'node:fs';
import { InvalidInputError } from './api/errors';
import { parseRuntimeArn } from '../service/arn';

/**
 * The ARN of a runtime, or of one of its endpoints, among the outputs of a stack.
 *
 * @param file that `cdk deploy --outputs-file` has written
 * @param output whose value it is, or the beginning of its name; the only one that is such an ARN if left out
 * @throws InvalidInputError where there is none, or more than one
 */
export function runtimeArnFromOutputs(file: string, stack: string, output?: string): string {
  const stacks = readStacks(file);
  const outputs = Object.hasOwn(stacks, stack) ? stacks[stack] : fail(`there is no stack ${stack} in ${file}, which has ${listed(Object.keys(stacks))}`);
  const names = Object.keys(outputs).filter((name) => parseRuntimeArn(String(outputs[name])));
  const found = output === undefined ? names : names.includes(output) ? [output] : names.filter((name) => name.startsWith(output));
  if (found.length === 1) return outputs[found[0]];
  const wanted = output === undefined ? '' : ` whose name begins with ${output}`;
  return fail(found.length === 0
    ? `stack ${stack} has no output${wanted} that is the ARN of a runtime, but ${listed(names.length ? names : Object.keys(outputs))}; add \`new CfnOutput(stack, 'AgentArn', { value: agent.agentRuntimeArn })\``
    : `stack ${stack} has several outputs${wanted} that are ARNs of runtimes: ${listed(found)}; name one with \`output\``);
}

function readStacks(file: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(`the outputs of stacks could not be read: ${(error as Error).message}; \`cdk deploy --outputs-file ${file}\` writes them`);
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

function fail(message: string): never {
  throw new InvalidInputError([message]);
}
