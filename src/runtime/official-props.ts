import { Duration, Lazy, Token } from 'aws-cdk-lib';
import { CfnRuntime, RuntimeProps } from 'aws-cdk-lib/aws-bedrockagentcore';
import { IConstruct } from 'constructs';
import { byRule } from './rule-id';
import { validateLifecycle, validateMicroVmLifecycle } from '../service/lifecycle';
import { createAgentRuntimeViolations } from '../service/model/agent-runtime';
import { UNKNOWN, describe } from '../service/model/validate';
import { validateRuntimeName } from '../service/names';
import { validateTagKeys } from '../service/tags';

/** The headers that the official `Runtime` lets through; it does not say which one it refuses. */
const HEADER = /(Authorization|X-Amzn-Bedrock-AgentCore-Runtime-Custom-[a-zA-Z0-9-]+)/;

/**
 * What is wrong with the properties of the official `Runtime`, told before it refuses them itself: all at once, with value,
 * and rule.
 */
export function validateOfficialProps(props: RuntimeProps): string[] {
  const { runtimeName, description, environmentVariables, tags, requestHeaderConfiguration: headers, lifecycleConfiguration: lifeTimes } = props;
  const allowlisted = headers?.allowlistedHeaders;
  const lifecycle: LifeTimes = {
    idleRuntimeSessionTimeout: seconds(lifeTimes?.idleRuntimeSessionTimeout),
    maxLifetime: seconds(lifeTimes?.maxLifetime),
  };
  const violations = createAgentRuntimeViolations({
    agentRuntimeName: UNKNOWN,
    agentRuntimeArtifact: UNKNOWN,
    roleArn: UNKNOWN,
    description: description === undefined ? undefined : known(description),
    environmentVariables: knownMap(environmentVariables),
    tags: knownMap(tags),
    requestHeaderConfiguration: allowlisted && { requestHeaderAllowlist: Token.isUnresolved(allowlisted) ? UNKNOWN : allowlisted.map(known) },
    lifecycleConfiguration: lifecycle,
  }).map(({ path, message }) => ({ path, fault: `${path}: ${message}` }));
  const of = (member: RegExp) => violations.filter(({ path }) => member.test(path)).map(({ fault }) => fault);

  const ofLifecycle = of(/^lifecycleConfiguration/);
  return [
    ...byRule('runtimeName', runtimeName === undefined || Token.isUnresolved(runtimeName) ? [] : validateRuntimeName(runtimeName)),
    ...byRule('lifecycle', ofLifecycle.length > 0 ? ofLifecycle : validateLifeTimes(lifecycle)),
    ...byRule('tags', validateTagKeys(Object.keys(tags ?? {}))),
    ...byRule('serviceModel', of(/^(?!lifecycleConfiguration)/)),
    ...byRule('requestHeader', Token.isUnresolved(allowlisted) ? [] : (allowlisted ?? [])
      .filter((header) => !Token.isUnresolved(header) && !HEADER.test(header))
      .map((header) => `request header ${describe(header)} cannot be passed on to the agent; it gets Authorization and X-Amzn-Bedrock-AgentCore-Runtime-Custom-*`)),
  ];
}

/** Names construct and rule in what the official `Runtime` throws. */
export function tellOfficialFault(error: unknown, constructPath: string): unknown {
  if (error instanceof Error && !error.message.startsWith(`${constructPath}: `)) {
    error.message = `${constructPath}: ${byRule('officialRuntime', [error.message])[0]}`;
  }
  return error;
}

/** Lets the faults that the official `Runtime` finds in its artifact, which is at synth, name construct and rule too. */
export function tellArtifactFaults(resource: CfnRuntime, constructPath: string): void {
  const artifact = resource.agentRuntimeArtifact;
  resource.agentRuntimeArtifact = Lazy.uncachedAny({
    produce: (context) => {
      try {
        return context.resolve(artifact);
      } catch (error) {
        throw tellOfficialFault(error, constructPath);
      }
    },
  });
}

/** The path that a construct is going to have. */
export function pathOf(scope: IConstruct, id: string): string {
  return [scope.node.path, id].filter((part) => part !== '').join('/');
}

type Seconds = number | typeof UNKNOWN | undefined;

interface LifeTimes {
  readonly idleRuntimeSessionTimeout: Seconds;
  readonly maxLifetime: Seconds;
}

function validateLifeTimes({ idleRuntimeSessionTimeout: idle, maxLifetime: max }: LifeTimes): string[] {
  const lifeTimes = { idleRuntimeSessionTimeout: number(idle), maxLifetime: number(max) };
  return [...validateMicroVmLifecycle(lifeTimes), ...(idle === UNKNOWN || max === UNKNOWN ? [] : validateLifecycle(lifeTimes))];
}

function seconds(duration?: Duration): Seconds {
  if (duration?.isUnresolved()) return UNKNOWN;
  return duration?.toSeconds({ integral: false });
}

function number(value: Seconds): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function known(value: string): string | typeof UNKNOWN {
  return Token.isUnresolved(value) ? UNKNOWN : value;
}

function knownMap(map?: Readonly<Record<string, string>>): Record<string, unknown> | typeof UNKNOWN | undefined {
  if (map === undefined || Token.isUnresolved(map)) return map === undefined ? undefined : UNKNOWN;
  return Object.fromEntries(Object.entries(map).filter(([key]) => !Token.isUnresolved(key)).map(([key, value]) => [key, known(value)]));
}
