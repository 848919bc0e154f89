import { availabilityZone } from './availability-zone';
import { commandAuthorizer } from './command-authorizer';
import { commandEnvironment } from './command-environment';
import { commandExitCodes } from './command-exit-codes';
import { commandGrantWildcard } from './command-grant-wildcard';
import { commandSecret } from './command-secret';
import { commandSession } from './command-session';
import { commandText } from './command-text';
import { commandTimeout } from './command-timeout';
import { commandWorkingDirectory } from './command-working-directory';
import { endpointName } from './endpoint-name';
import { endpointVersion } from './endpoint-version';
import { filesystemCompute } from './filesystem-compute';
import { filesystemCount } from './filesystem-count';
import { filesystemNetwork } from './filesystem-network';
import { lifecycle } from './lifecycle';
import { literalSecret } from './literal-secret';
import { mountPath } from './mount-path';
import { newVersionEmptiesSessionStorage } from './new-version-empties-session-storage';
import { region } from './region';
import { runtimeName } from './runtime-name';
import { serviceModel } from './service-model';
import { tags } from './tags';
import { unknownProperty } from './unknown-property';
import { Rule } from '../rule';

/** All rules; their names are part of the public contract and may never change. */
export const RULES: readonly Rule[] = [
  {
    name: 'runtimeName',
    severity: 'error',
    property: 'AgentRuntimeName',
    check: runtimeName,
    fix: 'leave the name out, or use a letter followed by letters, digits and underscores',
  },
  {
    name: 'mountPath',
    severity: 'error',
    property: 'FilesystemConfigurations',
    check: mountPath,
    fix: 'mount each filesystem at a path of its own, /mnt/ and one directory name',
  },
  {
    name: 'filesystemCount',
    severity: 'error',
    property: 'FilesystemConfigurations',
    check: filesystemCount,
    fix: 'put what belongs together into directories of one filesystem',
  },
  {
    name: 'filesystemNetwork',
    severity: 'error',
    property: 'FilesystemConfigurations',
    check: filesystemNetwork,
    fix: 'put the runtime into the VPC of the mount targets',
  },
  {
    name: 'filesystemCompute',
    severity: 'error',
    property: 'FilesystemConfigurations',
    check: filesystemCompute,
    fix: 'use volumes with a capacity provider, and session storage, EFS or S3 Files without one',
  },
  {
    name: 'lifecycle',
    severity: 'error',
    property: 'LifecycleConfiguration',
    check: lifecycle,
    fix: 'choose 60 to 28800 seconds for both, the idle time not above the maximum',
  },
  {
    name: 'serviceModel',
    severity: 'error',
    check: serviceModel,
    fix: 'give the property a value that the service takes',
  },
  {
    name: 'unknownProperty',
    severity: 'error',
    check: unknownProperty,
    fix: 'remove the property, or use a version of cdk-agentcore-runtime that knows it',
  },
  {
    name: 'tags',
    severity: 'error',
    property: 'Tags',
    check: tags,
    fix: 'choose another key',
  },
  {
    name: 'newVersionEmptiesSessionStorage',
    severity: 'info',
    property: 'FilesystemConfigurations',
    check: newVersionEmptiesSessionStorage,
    acrossResources: true,
    fix: 'save what must last before a deployment, or run the sessions on a named endpoint that stays on its version',
  },
  {
    name: 'region',
    severity: 'warning',
    check: region,
    fix: 'deploy the stack to one of the known regions, or acknowledge the rule where the service has come to the region since',
  },
  {
    name: 'availabilityZone',
    severity: 'warning',
    property: 'NetworkConfiguration',
    check: availabilityZone,
    acrossResources: true,
    fix: 'use subnets in supported zones',
  },
  {
    name: 'endpointName',
    severity: 'error',
    check: endpointName,
    fix: 'use a letter followed by letters, digits and underscores',
  },
  {
    name: 'endpointVersion',
    severity: 'warning',
    property: 'AgentRuntimeVersion',
    check: endpointVersion,
    acrossResources: true,
    fix: 'let the endpoint follow the attribute AgentRuntimeVersion of the runtime, or acknowledge the rule where the version is meant to stay',
  },
  {
    name: 'commandText',
    severity: 'error',
    property: 'Command',
    check: commandText,
    fix: 'put long work into a script on the mount or in the image, and run that',
  },
  {
    name: 'commandEnvironment',
    severity: 'error',
    property: 'Environment',
    check: commandEnvironment,
    fix: 'use names of letters, digits and underscores that do not begin with a digit',
  },
  {
    name: 'commandWorkingDirectory',
    severity: 'error',
    property: 'WorkingDirectory',
    check: commandWorkingDirectory,
    fix: 'name the directory from /',
  },
  {
    name: 'commandTimeout',
    severity: 'error',
    property: 'Timeout',
    check: commandTimeout,
    fix: 'split longer work into several commands',
  },
  {
    name: 'commandSession',
    severity: 'error',
    property: 'SessionId',
    check: commandSession,
    fix: 'leave the session id out, or use 33 to 256 characters',
  },
  {
    name: 'commandExitCodes',
    severity: 'error',
    property: 'ExpectedExitCodes',
    check: commandExitCodes,
    fix: 'name at least one exit code from 0 to 255',
  },
  {
    name: 'commandAuthorizer',
    severity: 'error',
    property: 'AgentRuntimeArn',
    check: commandAuthorizer,
    acrossResources: true,
    fix: 'leave the AuthorizerConfiguration of the runtime out',
  },
  {
    name: 'commandSecret',
    severity: 'error',
    check: commandSecret,
    fix: 'let the command itself read the secret in the session, with the permissions of the execution role',
  },
  {
    name: 'literalSecret',
    severity: 'warning',
    check: literalSecret,
    fix: 'everybody who can see the template or the logs can read it: keep it in AWS Secrets Manager, and let agent and command read it there',
  },
  {
    name: 'commandGrantWildcard',
    severity: 'warning',
    check: commandGrantWildcard,
    fix: 'allow commands on the ARN of one runtime and its endpoint',
  },
];
