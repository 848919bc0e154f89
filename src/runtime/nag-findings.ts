import { Stack, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { renderedText } from './rendered-text';

/** Findings of cdk-nag by their ids, each with the reason for which it is no fault. */
export type Findings = Readonly<Record<string, string>>;

/** Says of findings why they are none; on all that is below the construct. */
export function acknowledgeFindings(scope: IConstruct, findings: Findings): void {
  // not by `Validations.acknowledge`, which takes no id with a colon in it
  scope.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, findings);
}

/** The finding that a policy allows something on a resource with a wildcard. */
export function wildcardFinding(scope: IConstruct, resource: string, reason: string): Findings {
  return { [`AwsSolutions-IAM5[Resource::${written(scope, resource)}]`]: reason };
}

/** As cdk-nag writes what is known only at deployment. */
function written(scope: IConstruct, resource: string): string {
  return renderedText(Stack.of(scope), resource, (intrinsic) => {
    const [[name, reference]] = Object.entries(intrinsic as Record<string, string | readonly string[]>);
    if (name === 'Ref') return `<${String(reference)}>`;
    if (name === 'Fn::Sub' && typeof reference === 'string') return reference.replace(/\$\{([^}]*)\}/g, '<$1>');
    return name === 'Fn::GetAtt' ? `<${(reference as readonly string[]).join('.')}>` : JSON.stringify(intrinsic);
  });
}
