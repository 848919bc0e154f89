import { parseRuntimeArn } from '../../service/arn';
import { runtimeLogGroup } from '../../service/log-group';
import { Clients, RuntimeOptions, runtimeArnOf, stacksOf } from '../clients';
import { declaredStacks } from '../runtimes/declared';
import { UserError } from '../user-error';

export interface LogSourceOptions extends RuntimeOptions {
  readonly qualifier: string;
  /** Whether the log of the stack's provider is meant, where commands at deployment write. */
  readonly provider?: boolean;
  /** The log group itself. */
  readonly group?: string;
}

/** The log group of a provider, by its logical id. */
const PROVIDER_LOG_GROUP = /^CdkAgentCoreRuntimeProviderLogGroup[0-9A-F]{8}$/;

/** The log group that is meant. */
export async function logGroupOf(clients: Clients, options: LogSourceOptions): Promise<string> {
  if (options.group !== undefined) return options.group;
  if (options.provider) return providerLogGroup(clients, options);
  const arn = parseRuntimeArn(await runtimeArnOf(clients.control, options));
  return runtimeLogGroup(arn!.runtimeId, options.qualifier);
}

async function providerLogGroup({ control }: Clients, options: LogSourceOptions): Promise<string> {
  const stackName = stackNameOf(options);
  const stacks = stacksOf(control, options);
  const deployed = await stacks.find(stackName);
  if (!deployed) throw new UserError(`stack ${stackName} is not deployed, by ${stacks.place}; deploy it first, or look at name, region and --local-state`);
  const [group, ...others] = deployed.resources.filter(({ type, logicalId }) => type === 'AWS::Logs::LogGroup' && PROVIDER_LOG_GROUP.test(logicalId));
  if (others.length > 0) {
    const groups = [group, ...others].map(({ within = [], physicalId }) => `${physicalId} (${[stackName, ...within].join('/')})`);
    throw new UserError(`stack ${stackName} and those nested in it have ${groups.length} providers; name a log group with --group: ${groups.join(', ')}`);
  }
  if (!group) throw new UserError(`stack ${stackName} has no log group of a provider: it has none, or one with a log group of your own; name a log group with --group`);
  return group.physicalId;
}

function stackNameOf({ stack, app }: LogSourceOptions): string {
  const declared = declaredStacks(app);
  if (stack !== undefined) return declared.find(({ names }) => names.includes(stack))?.stackName ?? stack;
  if (declared.length === 1) return declared[0].stackName;
  throw new UserError(`whose provider is meant? Name the stack with --stack${declared.length > 0 ? `: ${declared.map(({ stackName }) => stackName).join(', ')}` : ''}`);
}
