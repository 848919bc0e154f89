import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FunctionLogPrinter, printEvent, printResult } from './deployment-output';
import { executeProgram } from './local-execute';
import { write } from './output';
import { startLocal } from '../local';
import { UsageError, UserError } from './user-error';
import { DEFAULT_STATE_DIRECTORY, deploy, DeployerParts, DeployResult, destroy } from '../local/deployer';
import { DeploymentInjector } from '../local/faults/deployment-injector';
import { loadFaultPlan } from '../local/faults/plan';
import { DRIVER_NAMES, DriverName, IN_TRANSIT_MODES, InTransitMode, STORAGE_QUOTA_MODES, StorageQuotaMode, TOKENIZER_MODES, TokenizerMode } from '../local/sessions';

/** Where the local AgentCore listens unless told otherwise. */
const DEFAULT_PORT = 8585;
const DEFAULT_STATE = '.agentcore-local';

/** A day; IAM takes seconds. */
const MAX_IAM_DELAY_SECONDS = 86_400;

export function localProgram(): Command {
  return new Command('local')
    .description('a local AgentCore, and a deployer that runs a synthesized CDK app against it')
    .addCommand(startProgram())
    .addCommand(deployProgram())
    .addCommand(destroyProgram())
    .addCommand(executeProgram(`http://127.0.0.1:${DEFAULT_PORT}`));
}

interface StartOptions {
  readonly port: number;
  readonly state: string;
  readonly driver?: DriverName;
  readonly tokenizer: TokenizerMode;
  readonly inTransit: InTransitMode;
  readonly storageQuota: StorageQuotaMode;
  readonly strictStorage?: boolean;
  readonly region?: string;
  readonly transitionDelay?: number;
  readonly faults?: string;
  readonly iam: boolean;
  readonly iamDelay: number;
}

function startProgram(): Command {
  return new Command('start')
    .description('serve control plane and data plane on 127.0.0.1 until stopped; prints one JSON line when ready')
    .option('--port <number>', 'the port; 0 for a free one', portOf, DEFAULT_PORT)
    .option('--state <directory>', 'where everything is kept that outlives the server', DEFAULT_STATE)
    .addOption(new Option('--driver <name>', 'how sessions are kept apart; the best that works here if left out').choices(DRIVER_NAMES))
    .addOption(new Option('--tokenizer <mode>', 'how command text becomes words').choices(TOKENIZER_MODES).default('strict'))
    .addOption(new Option('--in-transit <mode>', 'calls for a session that starts or ends: wait, or RetryableConflictException').choices(IN_TRANSIT_MODES).default('wait'))
    .addOption(new Option('--storage-quota <mode>', 'session storage over the service\'s quota: say so, fail the command too, or do not look').choices(STORAGE_QUOTA_MODES).default('report'))
    .option('--strict-storage', 'say what the service\'s storage mount would refuse')
    .option('--region <region>', 'the region of requests that are not signed')
    .option('--transition-delay <milliseconds>', 'how long runtimes, endpoints and capacity providers stay CREATING, UPDATING and DELETING', millisOf, 0)
    .option('--no-iam', 'let every call pass, whatever the roles of functions and state machines allow')
    .option('--iam-delay <seconds>', 'how late new and changed policies of roles take effect', secondsOf, 0)
    .option('--faults <file>', 'a fault plan: which calls the local AgentCore is to let go wrong, and how')
    .addHelpText('after', `
Examples:
  $ cdk-agentcore local start
  $ cdk-agentcore local start --port 0 --state "$(mktemp -d)" | jq -r .endpoint`)
    .action(async (options: StartOptions) => {
      const faults = options.faults === undefined ? undefined : loadFaultPlan(resolve(options.faults)).service;
      const stopped = signalled();
      const local = await startLocal({ ...options, transitionDelayMs: options.transitionDelay, iamDelaySeconds: options.iamDelay, faults, stateDir: resolve(options.state), log: (line) => process.stderr.write(`${line}\n`) });
      await write(process.stdout, `${JSON.stringify({ endpoint: local.endpoint, state: resolve(options.state), driver: local.driver })}\n`);
      await stopped;
      await local.close();
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('use a number from 0 to 65535.');
  return port;
}

function millisOf(text: string): number {
  const millis = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(millis)) throw new InvalidArgumentError('use a whole number of milliseconds, as 5000.');
  return millis;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^[0-9]+$/.test(text) || seconds > MAX_IAM_DELAY_SECONDS) {
    throw new UsageError(`--iam-delay ${JSON.stringify(text)} is not a whole number of seconds from 0 to ${MAX_IAM_DELAY_SECONDS}; use one, as in --iam-delay 10`);
  }
  return seconds;
}

/** Resolves at the first signal to end; a second one ends the process as if there were no handler. */
function signalled(): Promise<void> {
  return new Promise((resolved) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolved());
  });
}

interface DeployOptions {
  readonly endpoint: string;
  readonly state: string;
  readonly stack?: string[];
  readonly region?: string;
  readonly allowStubs?: string[] | true;
  readonly import?: Readonly<Record<string, string>>;
  readonly json?: boolean;
  readonly faults?: string;
  readonly iam: boolean;
}

function deploymentOptions(command: Command): Command {
  return command
    .addOption(new Option('--endpoint <url>', 'the URL that `local start` printed').env('CDK_AGENTCORE_ENDPOINT').default(`http://127.0.0.1:${DEFAULT_PORT}`))
    .option('--state <directory>', 'where the states of stacks are kept', DEFAULT_STATE_DIRECTORY)
    .option('--stack <name...>', 'the stacks; all if left out')
    .option('--no-iam', 'let the functions do everything, whatever their roles allow')
    .option('--json', 'one JSON document at the end instead of live events')
    .option('--faults <file>', 'a fault plan: what CloudFormation and Lambda are to do to custom resources');
}

function deployProgram(): Command {
  return deploymentOptions(new Command('deploy'))
    .description('deploy or update the stacks of a cloud assembly, by running its custom resources here; rolls back on failure')
    .argument('<assembly>', 'the output directory of `cdk synth`, usually cdk.out')
    .option('--region <region>', 'the region of stacks that name none')
    .option('--allow-stubs [types...]', 'deploy resources of unknown types as stubs that do nothing: those named, or all')
    .option('--import <logicalId=id>', 'take an existing runtime into the stack as a native resource, and do nothing else; may be repeated', collectImport)
    .addHelpText('after', `
Examples:
  $ npx cdk synth --quiet && cdk-agentcore local deploy cdk.out
  $ cdk-agentcore local deploy cdk.out --stack CodingAgent --json | jq '.stacks[].outputs'`)
    .action(async (assembly: string, options: DeployOptions) => {
      const result = await withFaults(options, async (parts) => deploy({
        ...hooks(options),
        assemblyDirectory: resolve(assembly),
        region: options.region,
        allowStubs: options.allowStubs,
        imports: options.import,
      }, parts));
      await finish(result, options);
    });
}

function collectImport(text: string, imports: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, logicalId, id] = /^([A-Za-z0-9]+)=(.+)$/.exec(text) ?? [];
  if (logicalId === undefined) throw new InvalidArgumentError('use LogicalId=id, as in AgentNative=coder-0123456789.');
  if (Object.hasOwn(imports, logicalId)) throw new InvalidArgumentError(`${logicalId} is there already; name each logical id once.`);
  return { ...imports, [logicalId]: id };
}

function destroyProgram(): Command {
  return deploymentOptions(new Command('destroy'))
    .description('delete stacks that were deployed locally')
    .argument('[assembly]', 'the cloud assembly whose stacks are meant; all deployed stacks if left out')
    .addHelpText('after', `
Examples:
  $ cdk-agentcore local destroy cdk.out`)
    .action(async (assembly: string | undefined, options: DeployOptions) => {
      const assemblyDirectory = assembly === undefined ? undefined : resolve(assembly);
      const result = await withFaults(options, async (parts) => destroy({ ...hooks(options), assemblyDirectory }, parts));
      await finish(result, options);
    });
}

function hooks(options: DeployOptions) {
  const logs = new FunctionLogPrinter(process.stdout);
  return {
    endpoint: options.endpoint,
    stateDir: resolve(options.state),
    stacks: options.stack,
    iam: options.iam,
    onEvent: options.json ? () => {} : (event: Parameters<typeof printEvent>[1]) => printEvent(process.stdout, event),
    onLog: options.json ? () => {} : (line: Parameters<FunctionLogPrinter['print']>[0]) => logs.print(line),
    onNotice: printNotice,
  };
}

function printNotice(notice: string): void {
  process.stderr.write(`note: ${notice}\n`);
}

/** Works with the faults of the plan, if there is one, and tells of those that did not strike. */
async function withFaults({ faults }: DeployOptions, work: (parts?: DeployerParts) => Promise<DeployResult>): Promise<DeployResult> {
  if (faults === undefined) return work();
  const injector = new DeploymentInjector(loadFaultPlan(resolve(faults)).deployment, { onNotice: printNotice });
  const result = await work(injector.parts);
  injector.unapplied.forEach(printNotice);
  return result;
}

async function finish(result: DeployResult, { json }: DeployOptions): Promise<void> {
  if (json) await write(process.stdout, `${JSON.stringify(result)}\n`);
  else printResult(process.stdout, result);
  const failed = result.stacks.find(({ failure }) => failure);
  if (failed) throw new UserError(`${failed.stackName} is ${failed.status}: ${failed.failure!.logicalId}: ${failed.failure!.reason}`);
  if (!result.succeeded) throw new UserError('the deployment did not succeed');
}
