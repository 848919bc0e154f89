import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { nestedStackName, runtimesIn, StackRuntime } from './stack-runtimes';
import { CloudFormationStacks } from './stacks';
import { formatRuntimeArn, parseRuntimeArn } from '../../service/arn';
import { InvalidInputError } from '../api/errors';

/**
 * The ARN of a runtime of a stack that is deployed in the account and region of a client.
 *
 * @param construct its logical id, or its path; the only runtime of the stack if left out
 * @throws InvalidInputError where there is none, or more than one
 */
export async function runtimeArnOfStack(client: BedrockAgentCoreClient, stack: string, construct?: string): Promise<string> {
  const deployed = await new CloudFormationStacks(client).find(stack);
  if (!deployed) throw new InvalidInputError([`stack ${stack} is not deployed in ${await client.config.region()}; deploy it first, or name another region`]);
  const all = await runtimesIn(deployed);
  const found = construct === undefined ? all : all.filter((runtime) => isMadeOf(runtime, construct));
  if (found.length === 1) return arnOf(found[0], await deployed.stackId());
  const names = all.map(({ logicalId, physicalId }) => `${logicalId} (${physicalId})`).join(', ') || 'none';
  throw new InvalidInputError([found.length === 0
    ? `stack ${stack} has no runtime${construct === undefined ? '' : ` of construct ${construct}`}, neither among its resources nor as an ARN among its outputs; there is ${names}`
    : `stack ${stack} has several runtimes: ${names}; name one with \`construct\``]);
}

/** Whether a runtime is a construct's, by its path: its logical id is the parts of that without what is no letter and no digit, and eight digits. */
function isMadeOf({ logicalId, within = [] }: StackRuntime, construct: string): boolean {
  const parts = construct.split('/').filter((part) => part !== '' && part !== 'Resource').map((part) => part.replace(/[^A-Za-z0-9]/g, ''));
  const names = [...within.map(nestedStackName), logicalId.replace(/[0-9A-F]{8}$/, '')];
  // the stack, or what comes before it, may be written too; nested stacks may be left out
  return logicalId === construct || parts.some((_, n) => parts.slice(n).join('') === names.join(''))
    || names.some((_, n) => names.slice(n).join('') === parts.join(''));
}

function arnOf({ physicalId }: StackRuntime, stackId: string): string {
  if (parseRuntimeArn(physicalId)) return physicalId;
  const [, partition, , region, account] = stackId.split(':');
  return formatRuntimeArn({ partition, region, account, runtimeId: physicalId });
}
