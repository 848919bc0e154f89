import { BedrockAgentCoreControlClient, GetAgentRuntimeCommand, paginateListAgentRuntimes } from '@aws-sdk/client-bedrock-agentcore-control';
import { DeclaredStack, declaredStacks } from './declared';
import { runtimeArnFromOutputs } from '../../client/stack-outputs';
import { isCalled, runtimesIn, StackRuntime } from '../../client/stacks/stack-runtimes';
import { DeployedStack, Stacks } from '../../client/stacks/stacks';
import { parseRuntimeArn } from '../../service/arn';
import { isRuntimeId } from '../../service/names';
import { UserError } from '../user-error';

/** What a person says of the runtime that is meant. */
export interface WantedRuntime {
  /** Its id or ARN; its construct's path or logical id; the name of an output. */
  readonly runtime?: string;
  readonly stack?: string;
  /** The directory of the cloud assembly. */
  readonly app?: string;
  /** What `cdk deploy --outputs-file` has written. */
  readonly outputsFile?: string;
}

/** Where runtimes are looked up. */
export interface RuntimePlaces {
  readonly control: BedrockAgentCoreControlClient;
  readonly stacks: Stacks;
}

/** A runtime that may be meant. */
interface Candidate extends StackRuntime {
  readonly stackName: string;
  /** What messages call it. */
  readonly name: string;
}

/** How many candidates a message lists at most. */
const LISTED = 10;

/**
 * The ARN of the runtime that is meant: by its ARN or id; by its construct in a stack, which is looked up where stacks are
 * deployed; or the only one that there is.
 *
 * @throws UserError where there is none or more than one, with a list of those that there are
 */
export async function findRuntime(wanted: WantedRuntime, places: RuntimePlaces): Promise<string> {
  const { runtime, stack, outputsFile } = wanted;
  if (runtime?.startsWith('arn:')) return checkedArn(runtime);
  if (outputsFile !== undefined) return fromOutputsFile(outputsFile, wanted);
  if (stack === undefined && runtime !== undefined && isRuntimeId(runtime)) return arnOf(runtime, places.control);
  if (stack === undefined && runtime === undefined) return theOnlyOne(wanted, places);
  return fromStacks(wanted, places);
}

function checkedArn(arn: string): string {
  const parts = parseRuntimeArn(arn);
  if (!parts) throw new UserError(`${JSON.stringify(arn)} is not the ARN of a runtime; one looks like arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-a1b2c3d4e5`);
  if (parts.endpointName === undefined) return arn;
  throw new UserError(`${arn} is the ARN of an endpoint; give --runtime ${arn.replace(/\/runtime-endpoint\/.*$/, '')} --qualifier ${parts.endpointName}`);
}

function fromOutputsFile(file: string, { runtime, stack }: WantedRuntime): string {
  if (stack === undefined) throw new UserError(`whose outputs in ${file} are meant? Name the stack with --stack`);
  return checkedArn(runtimeArnFromOutputs(file, stack, runtime));
}

/** @throws UserError for an id that no runtime has */
async function arnOf(id: string, control: BedrockAgentCoreControlClient): Promise<string> {
  if (parseRuntimeArn(id)) return id;
  try {
    return (await control.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }))).agentRuntimeArn!;
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    const ids = (await listRuntimes(control)).map(({ agentRuntimeId }) => agentRuntimeId!);
    throw new UserError(`there is no runtime ${id} in ${await control.config.region()}; ${ids.length > 0 ? `there are ${listed(ids)}` : 'there is none at all, deploy one first'}`);
  }
}

async function theOnlyOne(wanted: WantedRuntime, places: RuntimePlaces): Promise<string> {
  const all = await listRuntimes(places.control);
  if (all.length === 1) return all[0].agentRuntimeArn!;
  const region = await places.control.config.region();
  if (all.length === 0) throw new UserError(`there is no runtime in ${region}; deploy one first, or name another region with --region`);
  // those of the app in this directory are meant before all others
  const ours = await candidatesOf(declaredStacks(wanted.app), places);
  if (ours.length === 1) return arnOf(ours[0].physicalId, places.control);
  throw new UserError(`there are ${all.length} runtimes in ${region}; name one with --runtime: `
    + (ours.length > 0 ? listed(ours.map(described)) : listed(all.map(({ agentRuntimeId }) => agentRuntimeId!))));
}

async function fromStacks(wanted: WantedRuntime, places: RuntimePlaces): Promise<string> {
  const { runtime, stack } = wanted;
  const declared = declaredStacks(wanted.app);
  const stacks = stack === undefined ? declared.filter(({ runtimes }) => runtimes.length > 0) : [stackCalled(stack, declared)];
  if (stacks.length === 0) {
    throw new UserError(`${JSON.stringify(runtime)} is neither the id nor the ARN of a runtime, and there is no app here to look for a construct of that name; `
      + 'an id looks like coder-a1b2c3d4e5; for a construct name its stack with --stack, or the output of `cdk synth` with --app');
  }
  const all = await candidatesOf(stacks, places, stack === undefined ? 'passOver' : 'tell');
  const named = runtime === undefined ? all : all.filter((candidate) => candidate.physicalId === runtime || isCalled(candidate, runtime));
  if (named.length === 1) return arnOf(named[0].physicalId, places.control);
  const where = stacks.length === 1 ? `stack ${stacks[0].stackName}` : `stacks ${listed(stacks.map(({ stackName }) => stackName))}`;
  if (named.length > 1) throw new UserError(`${where} ${stacks.length === 1 ? 'has' : 'have'} several runtimes${runtime === undefined ? '' : ` called ${runtime}`}; name one with --runtime: ${listed(named.map(described))}`);
  if (runtime !== undefined && all.length > 0) throw new UserError(`there is no runtime called ${runtime} in ${where}; there are ${listed(all.map(described))}`);
  const undeployed = stacks.flatMap(({ runtimes }) => runtimes.map(({ path, logicalId }) => path ?? logicalId));
  throw new UserError(`${where} ${stacks.length === 1 ? 'has' : 'have'} no runtime in ${places.stacks.place}`
    + (undeployed.length > 0 ? `; ${listed(undeployed)} ${undeployed.length === 1 ? 'is' : 'are'} declared, deploy first` : ', neither among its resources nor as an ARN among its outputs'));
}

/** The stack of the app that has a name, or one that only the place of deployment knows. */
function stackCalled(name: string, declared: readonly DeclaredStack[]): DeclaredStack {
  return declared.find(({ names }) => names.includes(name)) ?? { stackName: name, names: [name], runtimes: [] };
}

/** @param missing what is to be done about a stack that is not deployed */
async function candidatesOf(stacks: readonly DeclaredStack[], places: RuntimePlaces, missing: 'passOver' | 'tell' = 'passOver'): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const stack of stacks) {
    const deployed = await places.stacks.find(stack.stackName);
    if (deployed) found.push(...await candidatesIn(stack, deployed));
    else if (missing === 'tell') throw new UserError(`stack ${stack.stackName} is not deployed, by ${places.stacks.place}; deploy it first, or look at name, region and --local-state`);
  }
  return found;
}

/** Its runtimes, with the paths of those that the app declares. */
async function candidatesIn({ stackName, runtimes }: DeclaredStack, deployed: DeployedStack): Promise<Candidate[]> {
  return (await runtimesIn(deployed)).map(({ logicalId, within = [], physicalId }) => {
    // constructs of the same name in two nested stacks may have the same logical id
    const path = runtimes.find((runtime) => runtime.logicalId === logicalId && runtime.within.join('/') === within.join('/'))?.path;
    return { stackName, name: path ?? [...within, logicalId].join('/'), logicalId, within, path, physicalId };
  });
}

function described({ stackName, name, physicalId }: Candidate): string {
  return `${name.startsWith(`${stackName}/`) ? name : `${stackName}/${name}`} (${physicalId})`;
}

async function listRuntimes(control: BedrockAgentCoreControlClient) {
  const found: { agentRuntimeArn?: string; agentRuntimeId?: string }[] = [];
  for await (const page of paginateListAgentRuntimes({ client: control, pageSize: 100 }, {})) found.push(...page.agentRuntimes ?? []);
  return found;
}

function listed(names: readonly string[]): string {
  return names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ', ...' : '');
}
