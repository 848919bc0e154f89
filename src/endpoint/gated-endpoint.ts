import { CfnResource, Lazy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { IRuntimeRef, RuntimeEndpoint } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct, IConstruct } from 'constructs';
import { CommandRunner } from '../command/command-runner';
import { PROMOTION_RESOURCE_TYPE, PromotionAttribute, PromotionProperties } from '../provider/contract';
import { PROMOTION_OPERATIONS } from '../provider/contract/operations';
import { throwFaultsAt } from '../runtime/faults';
import { pathOf, tellOfficialFault } from '../runtime/official-props';
import { ProviderFunction } from '../runtime/provider-function';
import { byRule } from '../runtime/rule-id';
import { allowUse } from '../runtime/runtime-policy';
import { versionFor } from '../runtime/runtime-version';
import { addWarning } from '../runtime/warning';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../service/names';
import { validateTagKeys } from '../service/tags';
import { validateVersion } from '../service/version';

/** Properties of `GatedEndpoint`. */
export interface GatedEndpointProps {
  /**
   * The runtime: an `AgentRuntime`, or a runtime of `aws-cdk-lib/aws-bedrockagentcore`, of the same stack.
   *
   * A runtime of another stack, or an imported one, takes a `version`: new ones cannot reach this stack.
   */
  readonly runtime: IRuntimeRef;

  /**
   * The name of the endpoint: a letter, then letters, digits and underscores, 48 in all.
   *
   * @default - a generated one
   */
  readonly endpointName?: string;

  /**
   * What has to be deployed well before the endpoint moves: each `CommandRunner` on the runtime's DEFAULT endpoint, which is
   * on the new version by then, or anything else that fails a deployment, such as a `Trigger`.
   *
   * A command guards a version only if it runs for each one, as it does by default, and fails the deployment when it fails.
   *
   * @default - nothing; see `addGate`
   */
  readonly gates?: IConstruct[];

  /**
   * Holds the endpoint on one version, whatever becomes of the runtime and the gates.
   *
   * @default - it moves to each version with another configuration, once the gates are passed
   */
  readonly version?: string;

  /**
   * What the endpoint is for: 1 to 256 characters.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Tags of the endpoint, besides those of `Tags.of()`.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };
}

/**
 * An endpoint that moves to a new version of its runtime only after its gates have passed on that version.
 *
 * DEFAULT follows the newest version, and the gates run there. When one of them fails, CloudFormation rolls the deployment back
 * before it has touched the endpoint: it stays on the version that it was on, and sessions on it keep their storage. When all
 * of them pass, it moves, which empties the session storage behind it.
 *
 * Versions are compared by their configuration: the endpoint does not move to a version that has the configuration of the one
 * that it is on, as after a roll-back, which ends on a new version with the old configuration, or after a change of tags alone
 * to a runtime that CloudFormation provisions. From a version that is taken back it returns to the one before. Images count by
 * their URI: a new image under the same tag moves nothing.
 *
 * It is the official `RuntimeEndpoint`, a native resource of CloudFormation, for runtimes of either `Provisioning`.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agent-runtime-versioning.html
 *
 * @example
 * const smokeTest = new CommandRunner(stack, 'SmokeTest', { runtime: agent, command: Command.argv('npm', 'run', 'smoke-test') });
 * const prod = new GatedEndpoint(stack, 'Prod', { runtime: agent, endpointName: 'prod', gates: [smokeTest] });
 */
export class GatedEndpoint extends RuntimeEndpoint {
  private readonly promotion?: CfnResource;
  private readonly gates: IConstruct[] = [];

  /**
   * Declares the endpoint.
   *
   * @throws an error for a property that the official `RuntimeEndpoint` refuses, and a single one for all else that is wrong
   */
  constructor(scope: Construct, id: string, props: GatedEndpointProps) {
    const { runtime, gates = [], version, ...official } = props;
    const newest = versionFor(Stack.of(scope), runtime);
    // before the official one refuses some of it without telling where
    throwFaultsAt(pathOf(scope, id), faultsOf(Stack.of(scope), props, newest));
    const target = { version: '' };
    try {
      super(scope, id, {
        ...official,
        agentRuntimeId: runtime.runtimeRef.agentRuntimeId,
        agentRuntimeVersion: Lazy.string({ produce: () => target.version }),
      });
    } catch (error) {
      throw tellOfficialFault(error, pathOf(scope, id));
    }

    if (version === undefined) {
      this.promotion = promotionOf(this, runtime, newest!);
      const attribute: PromotionAttribute = 'AgentRuntimeVersion';
      target.version = this.promotion.getAtt(attribute).toString();
    } else {
      target.version = version;
    }
    this.addGate(...gates);
    this.node.addValidation({ validate: () => gateFaults(this.gates, this, runtime) });
  }

  /**
   * Moves the endpoint only after these constructs, too, are deployed; it changes nothing where a `version` holds it.
   *
   * @param gates such as `CommandRunner`s on the runtime's DEFAULT endpoint
   */
  public addGate(...gates: IConstruct[]): void {
    this.gates.push(...gates);
    gates.filter((gate) => gate instanceof CommandRunner && !gate._guardsVersions).forEach(({ node }) => addWarning(this, 'cdk-agentcore-runtime:gateGuardsNothing',
      `gate ${node.path} lets versions pass on which it was not run or has failed, by its runPolicy or its onFailure; leave these out, or take it out of the gates.`));
    // not the endpoint itself: what depends on it must not wait for gates that are held up by a `version`
    this.promotion?.node.addDependency(...gates);
  }
}

/** The resource that decides, once it comes to its turn, which version the endpoint is to be on. */
function promotionOf(endpoint: GatedEndpoint, runtime: IRuntimeRef, newest: string): CfnResource {
  const provider = ProviderFunction.of(endpoint);
  const properties: PromotionProperties = {
    AgentRuntimeId: runtime.runtimeRef.agentRuntimeId,
    EndpointName: endpoint.endpointName,
    AgentRuntimeVersion: newest,
  };
  const promotion = new CfnResource(endpoint, 'Promotion', {
    type: PROMOTION_RESOURCE_TYPE,
    properties: { ...provider.serviceProperties, ...properties },
  });
  allowUse(provider, promotion, { runtime, endpointName: endpoint.endpointName, operations: PROMOTION_OPERATIONS });
  return promotion;
}

function faultsOf(stack: Stack, { runtime, endpointName, version, tags }: GatedEndpointProps, newest?: string): string[] {
  const { path } = runtime.node;
  const elsewhere = (['region', 'account'] as const).filter((part) => Token.compareStrings(runtime.env[part], stack[part]) === TokenComparison.DIFFERENT);
  return [
    ...byRule('endpointName', [
      ...(endpointName === undefined || Token.isUnresolved(endpointName) ? [] : validateEndpointName(endpointName)),
      ...(endpointName === DEFAULT_ENDPOINT ? [`endpointName is ${DEFAULT_ENDPOINT}, which always follows the newest version; choose another name`] : []),
    ]),
    ...byRule('runtimeVersion', version === undefined || Token.isUnresolved(version) ? [] : validateVersion(version)),
    ...byRule('tags', validateTagKeys(Object.keys(tags ?? {}))),
    ...byRule('gatedRuntime', [
      ...(version === undefined && newest === undefined
        ? [`runtime ${path} does not tell its versions to stack ${stack.node.path}; declare the endpoint in the stack of the runtime, or give a version`]
        : []),
      ...elsewhere.map((part) => `runtime ${path} is in ${part} ${runtime.env[part]} and the endpoint in ${stack[part]}; declare the endpoint where the runtime is`),
    ]),
  ];
}

function waitsFor(gate: IConstruct, endpoint: IConstruct): boolean {
  // to wait for a construct is to wait for all that is in it
  return gate.node.findAll().some(({ node }) => node.dependencies.some((before) => endpoint.node.scopes.includes(before)));
}

/** Whether a gate names the endpoint itself: the endpoint is not there yet, or on the version before. */
function runsOn(gate: IConstruct, endpoint: GatedEndpoint, runtime: IRuntimeRef): boolean {
  return gate instanceof CommandRunner && gate._runsOn.endpointName === endpoint.endpointName
    && gate._runsOn.runtime.runtimeRef.agentRuntimeArn === runtime.runtimeRef.agentRuntimeArn;
}

function gateFaults(gates: readonly IConstruct[], endpoint: GatedEndpoint, runtime: IRuntimeRef): string[] {
  const instead = `run it on another endpoint, such as ${DEFAULT_ENDPOINT}`;
  return byRule('gateWaitsForEndpoint', gates.flatMap((gate) => {
    if (waitsFor(gate, endpoint)) return [`gate ${gate.node.path} waits for the endpoint that waits for it; ${instead}`];
    if (runsOn(gate, endpoint, runtime)) return [`gate ${gate.node.path} runs on the endpoint that waits for it, which is not on the new version by then; ${instead}`];
    return [];
  }));
}
