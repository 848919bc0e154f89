import { App, AppProps, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AgentRuntimeArtifact } from 'aws-cdk-lib/aws-bedrockagentcore';

/** A template, as far as tests look into it. */
export interface TemplateJson {
  readonly Resources: Record<string, { Type: string; Properties: any; DependsOn?: string[] }>;
  readonly Outputs?: Record<string, { Value: unknown }>;
}

/** Without metadata about constructs, which would tell ours from the official ones. */
export function testStack(props: AppProps = {}): Stack {
  return new Stack(new App({ analyticsReporting: false, ...props }), 'Stack');
}

export function templateOf(stack: Stack): TemplateJson {
  return Template.fromStack(stack).toJSON() as TemplateJson;
}

/** The one resource of a type. */
export function resourceOf(template: TemplateJson, type: string): { id: string; Properties: any; DependsOn?: string[] } {
  const found = Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}, wanted one`);
  return { id: found[0][0], ...found[0][1] };
}

export function image(): AgentRuntimeArtifact {
  return AgentRuntimeArtifact.fromImageUri('123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1');
}
