import { CommandSpec, Configuration, Drawn, JwtSpec, RuntimeSpec, Variable } from './configuration';
import { composeCommandLine } from '../../../src/service/command-line';
import { composeScriptCall } from '../../../src/service/script';

const CONTAINER = '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1';
const ROLE = 'arn:aws:iam::123456789012:role/agent';

/** A call of InvokeAgentRuntimeCommand. */
export interface CommandCall {
  readonly command: string;
  readonly timeout?: number | string;
  readonly sessionId?: string;
  readonly qualifier?: string;
}

/** The input of CreateAgentRuntime that someone would write who wants the same without the CDK. */
export function runtimeInputOf({ runtime, storage, mounts }: Configuration): Record<string, unknown> {
  const { name, description, environment, tags, headers, protocol, role, authorizer, jwt } = runtime;
  return {
    agentRuntimeName: name?.value ?? 'agent',
    agentRuntimeArtifact: artifactOf(runtime),
    roleArn: role?.value ?? ROLE,
    networkConfiguration: networkOf(runtime),
    description: description?.value,
    environmentVariables: mapOf(environment),
    tags: mapOf(tags),
    requestHeaderConfiguration: headers && { requestHeaderAllowlist: headers.value },
    lifecycleConfiguration: lifecycleOf(runtime),
    protocolConfiguration: protocol && { serverProtocol: protocol.value },
    authorizerConfiguration: authorizer === 'jwt' ? { customJWTAuthorizer: jwtOf(jwt) } : undefined,
    filesystemConfigurations: storage || mounts.length > 0 ? [
      ...(storage ? [{ sessionStorage: { mountPath: storage.mountPath?.value ?? '/mnt/workspace' } }] : []),
      ...mounts.map(({ kind, mountPath: { value: mountPath }, source: { value: source } }) => ({
        efs: { efsAccessPoint: { accessPointArn: source, mountPath } },
        s3Files: { s3FilesAccessPoint: { accessPointArn: source, mountPath } },
        volume: { capacityProviderVolume: { volumeName: source, mountPath } },
      }[kind])),
    ] : undefined,
  };
}

/** The commands, wrapped as they have to be for the service. */
export function commandCallsOf({ commands }: Configuration): CommandCall[] {
  return commands.flatMap((spec) => [
    { ...called(spec), timeout: spec.timeoutMillis && secondsOf(spec.timeoutMillis) },
    ...(spec.onDelete ? [{ command: composeCommandLine({ command: spec.onDelete.value }) }] : []),
  ]);
}

function called(spec: CommandSpec): CommandCall {
  const { words: { value: words }, form, workingDirectory, environment } = spec;
  const [first, ...rest] = words;
  const command = { shell: words.join(' '), argv: words, script: composeScriptCall(first, rest) }[form];
  return {
    command: composeCommandLine({ command, environment: mapOf(environment), workingDirectory: workingDirectory?.value }),
    sessionId: spec.sessionId?.value,
    qualifier: spec.qualifier?.value,
  };
}

function jwtOf({ discoveryUrl, clients, scopes }: JwtSpec): object {
  return { discoveryUrl: discoveryUrl.value, allowedClients: clients?.value, allowedScopes: scopes?.value };
}

function artifactOf({ artifact }: RuntimeSpec): object {
  if (artifact.kind === 'image') return { containerConfiguration: { containerUri: CONTAINER } };
  const { bucket, key, runtime, entrypoint } = artifact;
  return { codeConfiguration: { code: { s3: { bucket: bucket.value, prefix: key.value } }, runtime: runtime.value, entryPoint: entrypoint.value } };
}

function networkOf({ network, subnets, securityGroups }: RuntimeSpec): object {
  if (network !== 'vpc') return { networkMode: 'PUBLIC' };
  return { networkMode: 'VPC', networkModeConfig: { subnets: subnets.value, securityGroups: securityGroups.value } };
}

function lifecycleOf({ idleMillis, maxMillis }: RuntimeSpec): object | undefined {
  if (!idleMillis && !maxMillis) return undefined;
  return { idleRuntimeSessionTimeout: idleMillis && secondsOf(idleMillis), maxLifetime: maxMillis && secondsOf(maxMillis) };
}

/** In JSON there is no NaN and no Infinity; as a text they are as wrong as they would be. */
function secondsOf({ value }: Drawn<number>): number | string {
  const seconds = value / 1000;
  return Number.isFinite(seconds) ? seconds : String(seconds);
}

function mapOf(variables?: readonly Variable[]): Record<string, string> | undefined {
  return variables && Object.fromEntries(variables.map(({ name, value }) => [name.value, value.value]));
}
