import { COMMAND_RESOURCE_TYPE, RUNTIME_RESOURCE_TYPE } from '../../../src/provider/contract';

export type Properties = Readonly<Record<string, unknown>>;

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DependsOn?: readonly string[];
}

export const SERVICE_TOKEN = 'arn:aws:lambda:us-east-1:000000000000:function:provider';

/** The properties of a runtime of a name, as the construct renders them. */
export function runtimeProperties(name: string, more: Properties = {}): Properties {
  return {
    AgentRuntimeName: name,
    RoleArn: 'arn:aws:iam::000000000000:role/agent',
    AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/agent:1' } },
    NetworkConfiguration: { NetworkMode: 'PUBLIC' },
    ...more,
  };
}

/** The properties of a command on a runtime. */
export function commandProperties(runtimeArn: unknown, command: string, more: Properties = {}): Properties {
  return { AgentRuntimeArn: runtimeArn, Qualifier: 'DEFAULT', Command: command, Timeout: '60', ...more };
}

export function runtimeResource(name: string, more: Properties = {}): Resource {
  return { Type: RUNTIME_RESOURCE_TYPE, Properties: { ServiceTimeout: '910', ...runtimeProperties(name, more) } };
}

/** A command on the runtime with logical id `Agent`, run again with each version of it. */
export function commandResource(command: string, more: Properties = {}): Resource {
  return {
    Type: COMMAND_RESOURCE_TYPE,
    Properties: {
      ServiceTimeout: '910',
      ...commandProperties({ 'Fn::GetAtt': ['Agent', 'AgentRuntimeArn'] }, command),
      AgentRuntimeVersion: { 'Fn::GetAtt': ['Agent', 'AgentRuntimeVersion'] },
      ...more,
    },
  };
}
