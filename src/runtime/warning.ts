import { Annotations, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Adds a warning that `Annotations.acknowledgeWarning` and `Validations.acknowledge` silence alike.
 *
 * It may be called while constructs are validated too.
 */
export function addWarning(scope: IConstruct, id: string, message: string): void {
  if (isAcknowledged(scope, id)) return;
  Annotations.of(scope).addWarningV2(id, message);
  // `Validations.acknowledge` prefixes ids with `annotation::`, and so misses warnings that carry the plain id
  whenAcknowledged(scope, id, () => Annotations.of(scope).acknowledgeWarning(id));
}

/** Adds a piece of information that `Annotations.acknowledgeInfo` and `Validations.acknowledge` silence alike. */
export function addInfo(scope: IConstruct, id: string, message: string): void {
  if (isAcknowledged(scope, id)) return;
  Annotations.of(scope).addInfoV2(id, message);
  whenAcknowledged(scope, id, () => Annotations.of(scope).acknowledgeInfo(id));
}

/** Whether a rule is acknowledged on a construct or on one that it is in. */
export function isAcknowledged(scope: IConstruct, id: string): boolean {
  return scope.node.scopes
    .flatMap(({ node }) => node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY))
    .some(({ data }) => acknowledges(data, id));
}

/** Whether acknowledgements, as they stand in the metadata of a construct, hold one for a rule. */
export function acknowledges(acknowledgements: object, id: string): boolean {
  return Object.keys(acknowledgements).some((acknowledged) => acknowledged.replace(/^annotation::/i, '') === id);
}

function whenAcknowledged(scope: IConstruct, id: string, then: () => void): void {
  scope.node.addValidation({
    validate: () => {
      if (isAcknowledged(scope, id)) then();
      return [];
    },
  });
}
