import { Annotations, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Adds a warning that `Annotations.acknowledgeWarning` and `Validations.acknowledge` silence alike. */
export function addWarning(scope: IConstruct, id: string, message: string): void {
  Annotations.of(scope).addWarningV2(id, message);
  // `Validations.acknowledge` prefixes ids with `annotation::`, and so misses warnings that carry the plain id
  scope.node.addValidation({
    validate: () => {
      if (isAcknowledged(scope, id)) Annotations.of(scope).acknowledgeWarning(id);
      return [];
    },
  });
}

function isAcknowledged(scope: IConstruct, id: string): boolean {
  return scope.node.scopes
    .flatMap(({ node }) => node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY))
    .flatMap(({ data }) => Object.keys(data))
    .some((acknowledged) => acknowledged.replace(/^annotation::/i, '') === id);
}
