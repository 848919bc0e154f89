import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { ExecutionPrinter } from './execution-output';
import { Interruption } from './interruption';
import { write } from './output';
import { TIMED_OUT, UserError } from './user-error';
import { DEFAULT_STATE_DIRECTORY } from '../local/deployer';
import { execute, ExecutionResult } from '../local/workflow';

interface ExecuteOptions {
  readonly endpoint: string;
  readonly state: string;
  readonly input: string;
  readonly name?: string;
  readonly iam: boolean;
  readonly json?: boolean;
}

/** What the command exits with where the execution has failed. */
const FAILED = 1;

/** @param defaultEndpoint where a local AgentCore listens unless told */
export function executeProgram(defaultEndpoint: string): Command {
  return new Command('execute')
    .description('run a state machine that was deployed locally, with the functions that it names; prints its output (exit code 1 after a failure, 124 after a time-out)')
    .argument('<state-machine>', 'its ARN, name or logical id, or the beginning of that, such as the name of its construct')
    .option('--input <json>', 'the input, as JSON; @FILE reads it from a file', '{}')
    .option('--name <name>', 'the name of the execution, from which its own session id is made; a new one if left out')
    .addOption(new Option('--endpoint <url>', 'the URL that `local start` printed').env('CDK_AGENTCORE_ENDPOINT').default(defaultEndpoint))
    .option('--state <directory>', 'where the states of stacks are kept', DEFAULT_STATE_DIRECTORY)
    .option('--no-iam', 'let the state machine and its functions do everything, whatever their roles allow')
    .option('--json', 'one JSON document at the end instead of progress')
    .addHelpText('after', `
Examples:
  $ cdk-agentcore local execute Overnight --input '{"task": "mend the oldest open bug"}'
  $ cdk-agentcore local execute Fleet --input @sessions.json --json | jq .status`)
    .action(async (stateMachine: string, options: ExecuteOptions) => {
      process.exitCode = await run(stateMachine, options);
    });
}

async function run(stateMachine: string, options: ExecuteOptions): Promise<number> {
  const { endpoint, name, json } = options;
  const printer = json ? undefined : new ExecutionPrinter(process.stderr);
  const interruption = new Interruption();
  const result = await execute({
    endpoint,
    name,
    stateMachine,
    iam: options.iam,
    stateDir: resolve(options.state),
    input: inputOf(options.input),
    signal: interruption.signal,
    onNotice: (notice) => process.stderr.write(`note: ${notice}\n`),
    ...(printer ? {
      onEvent: (event) => printer.event(event),
      onLog: (line) => printer.log(line),
      onSent: (event) => printer.sent(event),
    } : {}),
  });
  printer?.end(result);
  if (json) await write(process.stdout, `${JSON.stringify(result)}\n`);
  else if (result.status === 'SUCCEEDED') await write(process.stdout, `${JSON.stringify(result.output, undefined, 2)}\n`);
  interruption.signal.throwIfAborted();
  return exitCodeFor(result);
}

function exitCodeFor({ status }: ExecutionResult): number {
  if (status === 'SUCCEEDED') return 0;
  return status === 'TIMED_OUT' ? TIMED_OUT : FAILED;
}

function inputOf(text: string): any {
  const source = text.startsWith('@') ? readInput(text.slice(1)) : text;
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new UserError(`the input is not JSON (${(error as Error).message}); give it as --input '{"task": "..."}' or --input @FILE`);
  }
}

function readInput(file: string): string {
  try {
    return readFileSync(resolve(file), 'utf8');
  } catch (error) {
    throw new UserError(`the input cannot be read: ${(error as Error).message}`);
  }
}
