import { AssemblyStack, readAssembly, selectStacks, withDependencies } from './assembly/assembly';
import { reachableEndpoint } from './endpoint';
import { StackResult } from './engine/engine';
import { listed } from './json';
import { DeployOptions, DeployResult } from './options';
import { publish } from './publish/publish';
import { locationsOf, publicationsOf } from './publish/selection';
import { refuseUnknownTypes } from './resources/registry';
import { PreparedTemplate } from './template/prepared';
import { stackArn } from './template/pseudo';
import { DeployerParts, Workshop } from './workshop';
import { DEFAULT_REGION, LOCAL_ACCOUNT } from '../identity';

/**
 * Deploys the stacks of a synthesized cloud assembly to a local AgentCore, each after those that it depends on.
 *
 * A stack that fails is rolled back and told of in the result; what is wrong before anything has begun is thrown.
 *
 * @throws DeployerError with one line that says what to do
 */
export async function deploy(options: DeployOptions, parts: DeployerParts = {}): Promise<DeployResult> {
  const all = readAssembly(options.assemblyDirectory);
  const stacks = withDependencies(all, selectStacks(all, options.stacks));
  const agentCore = await reachableEndpoint(options.endpoint);
  const workshop = new Workshop(options, agentCore, parts);
  const plans = stacks.map((stack) => planOf(stack, options, workshop));
  const results: StackResult[] = [];
  try {
    for (const plan of plans) {
      const result = await deployStack(plan, agentCore.address, workshop);
      results.push(result);
      if (result.failure) break;
    }
  } finally {
    await workshop.close();
  }
  return { succeeded: results.every(({ failure }) => !failure), stacks: results };
}

type Plan = ReturnType<typeof planOf>;

/** Looks through a stack before any stack is begun, so that what cannot work is told while nothing has happened. */
function planOf(stack: AssemblyStack, { region: wanted, allowStubs = false, onNotice }: DeployOptions, workshop: Workshop) {
  const region = stack.region ?? wanted ?? DEFAULT_REGION;
  const environment = { region, account: LOCAL_ACCOUNT };
  const assets = new Map(locationsOf(stack, environment).map(({ asset, location }) => [`${location.bucket}/${location.key}`, asset]));
  const handlers = workshop.handlers(region, assets, allowStubs);
  const { stackName, template } = stack;
  const identity = { ...environment, stackName, stackId: stackArn(stackName, region, LOCAL_ACCOUNT, 'planned') };
  const prepared = new PreparedTemplate(template, identity, stack.parameters);
  refuseUnknownTypes([...prepared.resources].map(([id, { Type }]) => [id, Type] as const), handlers);
  if (stack.assets.images.length > 0) {
    onNotice?.(`stack ${stackName}: container images are not built locally: ${listed(stack.assets.images)}; what uses them deploys, but does not run`);
  }
  return { stack, environment, handlers };
}

async function deployStack(plan: Plan, endpoint: string, workshop: Workshop): Promise<StackResult> {
  const { stack, environment, handlers } = plan;
  const unlock = workshop.begin(stack.stackName);
  try {
    for (const publication of publicationsOf(stack, environment)) await publish(endpoint, publication);
    return await workshop.engine(handlers).deploy({
      stackName: stack.stackName, ...environment, template: stack.template, parameters: stack.parameters,
    });
  } finally {
    unlock();
  }
}
