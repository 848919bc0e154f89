import { Command, Option } from 'commander';
import { DEFAULT_ENDPOINT } from '../service/names';

/** Which runtime is meant and where it is found. */
export function connectionOptions(command: Command): Command {
  return command
    .option('--runtime <id or arn>', 'the runtime; may be left out where there is only one')
    .option('--qualifier <name>', 'the endpoint of the runtime', DEFAULT_ENDPOINT)
    .addOption(endpointOption())
    .option('--region <region>', 'the region of the runtime');
}

/** The URL of a local AgentCore. */
export function endpointOption(): Option {
  return new Option('--endpoint <url>', 'the URL of a local AgentCore, instead of the service').env('CDK_AGENTCORE_ENDPOINT');
}

export function sessionOption(description: string): Option {
  return new Option('--session <id>', `${description}; 33 to 256 characters`).env('CDK_AGENTCORE_SESSION');
}
