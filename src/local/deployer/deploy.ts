import { AssemblyStack, readAssembly, selectStacks, withDependencies } from './assembly/assembly';
import { assetLookup } from './assembly/locations';
import { plannedStack } from './assembly/nested';
import { reachableEndpoint } from './endpoint';
import { StackResult } from './engine/engine';
import { DeployerError } from './errors';
import { listed } from './json';
import { DeployOptions, DeployResult } from './options';
import { lookThrough } from './plan';
import { publish } from './publish/publish';
import { publicationsOf } from './publish/selection';
import { refuseUnknownTypes } from './resources/registry';
import { stackArn } from './template/pseudo';
import { DeployerParts, Workshop } from './workshop';
import { DEFAULT_REGION, LOCAL_ACCOUNT } from '../identity';

/**
 * Deploys the stacks of a synthesized cloud assembly to a local AgentCore, each after those that it depends on; or imports
 * resources into one of them.
 *
 * A stack that fails is rolled back and told of in the result; what is wrong before anything has begun is thrown.
 *
 * @throws DeployerError with one line that says what to do
 */
export async function deploy(options: DeployOptions, parts: DeployerParts = {}): Promise<DeployResult> {
  const all = readAssembly(options.assemblyDirectory);
  const selected = selectStacks(all, options.stacks);
  const stacks = options.imports ? onlyStack(selected) : withDependencies(all, selected);
  const agentCore = await reachableEndpoint(options.endpoint);
  const workshop = new Workshop(options, agentCore, parts);
  const plans = stacks.map((stack) => planOf(stack, options, workshop));
  const results: StackResult[] = [];
  try {
    for (const plan of plans) {
      const result = await deployStack(plan, agentCore.address, workshop, options.imports);
      results.push(result);
      if (result.failure) break;
    }
  } finally {
    await workshop.close();
  }
  return { succeeded: results.every(({ failure }) => !failure), stacks: results };
}

type Plan = ReturnType<typeof planOf>;

/** Looks through a stack before any stack is begun, so that what cannot work is reported while nothing has happened. */
function planOf(stack: AssemblyStack, { region: wanted, allowStubs = false, onNotice }: DeployOptions, workshop: Workshop) {
  const region = stack.region ?? wanted ?? DEFAULT_REGION;
  const environment = { region, account: LOCAL_ACCOUNT };
  const assets = assetLookup(stack, environment);
  const handlers = workshop.handlers(region, assets, allowStubs);
  const { stackName } = stack;
  const identity = { ...environment, stackName, stackId: stackArn(stackName, region, LOCAL_ACCOUNT, 'planned') };
  refuseUnknownTypes(lookThrough(plannedStack(stack), identity, { environment, assets }), handlers);
  if (stack.assets.images.length > 0) {
    onNotice?.(`stack ${stackName}: container images are not built locally: ${listed(stack.assets.images)}; what uses them deploys, but does not run`);
  }
  return { stack, environment, handlers };
}

/** An import is about one stack; what that depends on stays as it is. */
function onlyStack(selected: readonly AssemblyStack[]): readonly AssemblyStack[] {
  if (selected.length === 1) return selected;
  throw new DeployerError(`an import goes into one stack, but ${selected.length} are meant: ${listed(selected.map(({ displayName }) => displayName)) || 'none'}; name one with --stack`);
}

async function deployStack(plan: Plan, endpoint: string, workshop: Workshop, imports?: DeployOptions['imports']): Promise<StackResult> {
  const { stack, environment, handlers } = plan;
  const target = { stackName: stack.stackName, ...environment, template: stack.template, parameters: stack.parameters, tags: stack.tags };
  const unlock = workshop.begin(stack.stackName);
  try {
    const engine = workshop.engine(handlers);
    if (imports) return await engine.import(target, new Map(Object.entries(imports)));
    for (const publication of publicationsOf(stack, environment)) await publish(endpoint, publication);
    return await engine.deploy(target);
  } finally {
    unlock();
  }
}
