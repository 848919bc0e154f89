import { Stack, Token } from 'aws-cdk-lib';
import { IRuntimeEndpointRef, IRuntimeRef, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { throwFaults } from './faults';
import { namedRuntimeArn } from './named-runtime-arn';
import { byRule } from './rule-id';
import { endpointNameOf } from '../command/endpoint-name';
import { endpointArn } from '../service/arn';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../service/names';
import { actionsOf } from '../service/permissions/pairs';
import { Circumstance } from '../service/permissions/permission';

/** Where something is granted. */
export interface RuntimeGrantOptions {
  /**
   * The endpoint, where this app declares it.
   *
   * @default - the one that `qualifier` names
   */
  readonly endpoint?: IRuntimeEndpointRef;

  /**
   * The name of the endpoint, where this app does not declare it.
   *
   * @default - DEFAULT
   */
  readonly qualifier?: string;
}

/**
 * What callers may be allowed to do with a runtime: an `AgentRuntime`, a runtime of `aws-cdk-lib/aws-bedrockagentcore`, or an
 * imported one.
 *
 * The service asks for each permission on the runtime and on the endpoint that is called, so each is granted on both, and on
 * no other endpoint; to the runtime's own role by its name, since the runtime waits for that role. Callers of another account
 * need a resource-based policy on both besides, which CloudFormation does not know.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/resource-based-policies.html
 *
 * @example
 * RuntimeGrants.fromRuntime(agent).runCommand(grantee);
 * RuntimeGrants.fromRuntime(agent).invoke(grantee, { endpoint: prod });
 */
export class RuntimeGrants {
  /**
   * The grants on a runtime.
   *
   * @param runtime which is called by those who are granted something
   */
  public static fromRuntime(runtime: IRuntimeRef): RuntimeGrants {
    return new RuntimeGrants(runtime);
  }

  private constructor(private readonly runtime: IRuntimeRef) {}

  /**
   * Allows any actions.
   *
   * @param grantee who is allowed them
   * @param actions with their prefix, as `bedrock-agentcore:GetAgentCard`
   * @param options the endpoint
   * @throws an error for an endpoint name that cannot be, or an endpoint together with a name
   */
  public actions(grantee: IGrantable, actions: string[], options: RuntimeGrantOptions = {}): Grant {
    throwFaults(this.runtime, faultsOf(options));
    return Grant.addToPrincipal({ grantee, actions, resourceArns: resourcesFor(grantee, this.runtime, options) });
  }

  /**
   * Allows to run commands in sessions.
   *
   * Commands run as root and can read the credentials of the execution role: whoever may run them may do what that role may.
   *
   * @param grantee who is allowed it
   * @param options the endpoint
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
   */
  public runCommand(grantee: IGrantable, options?: RuntimeGrantOptions): Grant {
    return this.granted(grantee, 'InvokeAgentRuntimeCommand', options);
  }

  /**
   * Allows to open interactive shells in sessions; the same holds as for `runCommand`.
   *
   * @param grantee who is allowed it
   * @param options the endpoint
   */
  public openShell(grantee: IGrantable, options?: RuntimeGrantOptions): Grant {
    return this.granted(grantee, 'InvokeAgentRuntimeCommandShell', options);
  }

  /**
   * Allows to stop sessions, anybody's.
   *
   * @param grantee who is allowed it
   * @param options the endpoint
   */
  public stopSession(grantee: IGrantable, options?: RuntimeGrantOptions): Grant {
    return this.granted(grantee, 'StopRuntimeSession', options);
  }

  /**
   * Allows to invoke the agent.
   *
   * @param grantee who is allowed it
   * @param options the endpoint
   */
  public invoke(grantee: IGrantable, options?: RuntimeGrantOptions): Grant {
    return this.granted(grantee, 'InvokeAgentRuntime', options);
  }

  /**
   * Allows to invoke the agent, and to do so in the name of a user, which the caller chooses.
   *
   * @param grantee who is allowed it
   * @param options the endpoint
   */
  public invokeForUser(grantee: IGrantable, options?: RuntimeGrantOptions): Grant {
    return this.granted(grantee, 'InvokeAgentRuntime', options, ['userId']);
  }

  /**
   * Allows to invoke the agent by WebSocket.
   *
   * @param grantee who is allowed it
   * @param options the endpoint
   */
  public invokeWithWebSocket(grantee: IGrantable, options?: RuntimeGrantOptions): Grant {
    return this.granted(grantee, 'InvokeAgentRuntimeWithWebSocketStream', options);
  }

  /**
   * Allows to invoke the agent by WebSocket, and to do so in the name of a user, which the caller chooses.
   *
   * @param grantee who is allowed it
   * @param options the endpoint
   */
  public invokeWithWebSocketForUser(grantee: IGrantable, options?: RuntimeGrantOptions): Grant {
    return this.granted(grantee, 'InvokeAgentRuntimeWithWebSocketStream', options, ['userId']);
  }

  private granted(grantee: IGrantable, operation: string, options?: RuntimeGrantOptions, circumstances?: readonly Circumstance[]): Grant {
    return this.actions(grantee, actionsOf([operation], circumstances), options);
  }
}

/** The runtime and the endpoint. */
function resourcesFor(grantee: IGrantable, runtime: IRuntimeRef, { endpoint, qualifier = DEFAULT_ENDPOINT }: RuntimeGrantOptions): string[] {
  const { agentRuntimeArn } = runtime.runtimeRef;
  if (runtime instanceof Runtime && runtime.grantPrincipal === grantee.grantPrincipal) {
    // its own role, on whose policy the runtime waits: by name, because the ARN would close the circle
    const named = namedRuntimeArn(Stack.of(runtime), runtime.agentRuntimeName);
    return [named, endpointArn(named, (endpoint && endpointNameOf(endpoint)) ?? qualifier)];
  }
  return [agentRuntimeArn, endpoint?.runtimeEndpointRef.agentRuntimeEndpointArn ?? endpointArn(agentRuntimeArn, qualifier)];
}

function faultsOf({ endpoint, qualifier }: RuntimeGrantOptions): string[] {
  return [
    ...byRule('endpointName', qualifier === undefined || Token.isUnresolved(qualifier) ? [] : validateEndpointName(qualifier)),
    ...byRule('grantEndpoint', endpoint && qualifier !== undefined ? ['endpoint and qualifier both name the endpoint; leave one of them out'] : []),
  ];
}
