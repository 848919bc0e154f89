import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import {
  AgentCoreRuntime, AgentRuntimeArtifact, ProtocolType, RuntimeAuthorizerConfiguration, RuntimeNetworkConfiguration,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { ArtifactSpec, CommandSpec, Configuration, Drawn, JwtSpec, MountSpec, RuntimeSpec, Variable } from './configuration';
import { AgentRuntime, AgentRuntimeProps, Command, CommandRunner, Mount, Provisioning, RunPolicy, SessionStorage, VersionChange } from '../../../src';
import { image } from '../../util/stacks';

/** What the CDK itself refuses before one of our constructs sees it; nothing of ours to judge. */
export class RefusedByCdk extends Error {}

/** What a value of ours refuses, which is no construct yet and so has no path. */
export class RefusedByValue extends Error {}

/** Builds a configuration in a stack. */
export function build(stack: Stack, { runtime, storage, mounts, commands }: Configuration): void {
  const props = byCdk(() => runtimeProps(stack, runtime));
  const agent = new AgentRuntime(stack, 'Agent', {
    ...props,
    sessionStorage: storage && new SessionStorage(stack, 'Storage', { mountPath: text(storage.mountPath), sizeInGiB: number(storage.sizeInGiB) }),
    mounts: mounts.map((mount) => byValue(() => mountOf(mount))),
  });
  for (const [i, spec] of commands.entries()) {
    const { timeoutMillis, runPolicy, expectedExitCodes } = spec;
    const timeout = byCdk(() => duration(timeoutMillis));
    new CommandRunner(stack, `Command${i}`, {
      runtime: agent,
      command: byValue(() => commandOf(spec, spec.words.value)),
      workingDirectory: text(spec.workingDirectory),
      environment: mapOf(spec.environment),
      timeout,
      qualifier: text(spec.qualifier),
      sessionId: text(spec.sessionId),
      expectedExitCodes: expectedExitCodes && [...expectedExitCodes.value],
      triggers: spec.triggers ? { commit: 'abc' } : undefined,
      runPolicy: runPolicy && RunPolicy[runPolicy],
      onDelete: spec.onDelete && Command.argv(spec.onDelete.value[0], ...spec.onDelete.value.slice(1)),
    });
  }
}

function runtimeProps(stack: Stack, spec: RuntimeSpec): AgentRuntimeProps {
  const { name, description, environment, tags, headers, idleMillis, maxMillis, protocol, role, authorizer, jwt } = spec;
  return {
    agentRuntimeArtifact: artifactOf(spec.artifact),
    runtimeName: text(name),
    description: text(description),
    environmentVariables: mapOf(environment),
    tags: mapOf(tags),
    requestHeaderConfiguration: headers && { allowlistedHeaders: [...headers.value] },
    lifecycleConfiguration: (idleMillis ?? maxMillis) && { idleRuntimeSessionTimeout: duration(idleMillis), maxLifetime: duration(maxMillis) },
    protocolConfiguration: protocol && ProtocolType.of(text(protocol)!),
    networkConfiguration: networkOf(stack, spec),
    executionRole: role && Role.fromRoleArn(stack, 'Role', role.value),
    authorizerConfiguration: authorizer === 'none' ? undefined : authorizer === 'iam' ? RuntimeAuthorizerConfiguration.usingIAM() : jwtOf(jwt),
    provisioning: spec.native ? Provisioning.CLOUDFORMATION : Provisioning.CUSTOM_RESOURCE,
    onVersionChange: spec.failOnVersionChange ? VersionChange.FAIL : undefined,
  };
}

function artifactOf(spec: ArtifactSpec): AgentRuntimeArtifact {
  if (spec.kind === 'image') return image();
  const { bucket, key, runtime, entrypoint } = spec;
  const location = { bucketName: text(bucket)!, objectKey: text(key)! };
  return AgentRuntimeArtifact.fromS3(location, AgentCoreRuntime.of(text(runtime)!), [...entrypoint.value]);
}

function networkOf(stack: Stack, { network, subnets, securityGroups }: RuntimeSpec): RuntimeNetworkConfiguration | undefined {
  if (network === 'none') return undefined;
  if (network === 'public') return RuntimeNetworkConfiguration.usingPublicNetwork();
  return RuntimeNetworkConfiguration.usingVpc(stack, {
    vpc: Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['us-west-2a'] }),
    vpcSubnets: { subnets: subnets.value.map((id, i) => Subnet.fromSubnetId(stack, `Subnet${i}`, id)) },
    securityGroups: securityGroups.value.map((id, i) => SecurityGroup.fromSecurityGroupId(stack, `Group${i}`, id)),
  });
}

function jwtOf({ discoveryUrl, clients, scopes }: JwtSpec): RuntimeAuthorizerConfiguration {
  return RuntimeAuthorizerConfiguration.usingJWT(discoveryUrl.value, clients && [...clients.value], undefined, scopes && [...scopes.value]);
}

function mountOf({ kind, mountPath, source }: MountSpec): Mount {
  const path = text(mountPath)!;
  if (kind === 'volume') return Mount.capacityProviderVolume(text(source)!, path);
  const ref = { accessPointRef: { accessPointArn: text(source)! } } as any;
  return kind === 'efs' ? Mount.efsAccessPoint(ref, path) : Mount.s3FilesAccessPoint(ref, path);
}

function commandOf({ form }: CommandSpec, [first, ...rest]: readonly string[]): Command {
  switch (form) {
    case 'shell': return Command.shell([first, ...rest].join(' '));
    case 'argv': return Command.argv(first, ...rest);
    case 'script': return Command.script(first, ...rest);
  }
}

function text(drawn?: Drawn<string>): string | undefined {
  return drawn?.late ? Lazy.string({ produce: () => drawn.value }) : drawn?.value;
}

function number(drawn?: Drawn<number>): number | undefined {
  return drawn?.late ? Lazy.number({ produce: () => drawn.value }) : drawn?.value;
}

function duration(drawn?: Drawn<number>): Duration | undefined {
  if (drawn === undefined) return undefined;
  if (drawn.late && Number.isInteger(drawn.value / 1000)) return Duration.seconds(Lazy.number({ produce: () => drawn.value / 1000 }));
  return Number.isInteger(drawn.value / 1000) ? Duration.seconds(drawn.value / 1000) : Duration.millis(drawn.value);
}

function mapOf(variables?: readonly Variable[]): Record<string, string> | undefined {
  return variables && Object.fromEntries(variables.map(({ name, value }) => [name.value, text(value)!]));
}

function byCdk<T>(make: () => T): T {
  return by(RefusedByCdk, make);
}

function byValue<T>(make: () => T): T {
  return by(RefusedByValue, make);
}

function by<T>(Refused: typeof RefusedByCdk, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    throw new Refused((error as Error).message, { cause: error });
  }
}
