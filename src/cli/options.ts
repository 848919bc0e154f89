import { Command, Option } from 'commander';
import { DEFAULT_ASSEMBLY } from './runtimes/declared';
import { DEFAULT_STATE_DIRECTORY } from '../local/deployer';
import { DEFAULT_ENDPOINT } from '../service/names';

/** Which runtime is meant and where it is found. */
export function connectionOptions(command: Command): Command {
  return command
    .option('--runtime <id, arn or construct>', 'the runtime: its id, ARN, construct path or logical id; may be left out where there is only one')
    .option('--stack <name>', 'the stack that has the runtime')
    .option('--app <directory>', `what \`cdk synth\` has written: where constructs are looked up; ${DEFAULT_ASSEMBLY} if left out`)
    .option('--outputs-file <file>', 'what `cdk deploy --outputs-file` has written: the runtime is the output of --stack that is an ARN')
    .option('--local-state <directory>', 'the --state of `local deploy`, for --stack and constructs in a local AgentCore', DEFAULT_STATE_DIRECTORY)
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
