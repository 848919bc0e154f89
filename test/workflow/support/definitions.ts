import { Stack } from 'aws-cdk-lib';
import { templateOf } from '../../util/stacks';

/** References as text, by the ids of their constructs: without the digests that CDK adds. */
export function readable(value: any): any {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(readable).join(value['Fn::Join'][0]);
  if (value.Ref) return `<${plain(value.Ref)}>`;
  if (value['Fn::GetAtt']) return `<${plain(value['Fn::GetAtt'][0])}.${value['Fn::GetAtt'][1]}>`;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, readable(member)]));
}

function plain(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** The definition of the state machine whose logical id begins so. */
export function definitionOf(stack: Stack, id: string): any {
  return JSON.parse(readable(resource(stack, id, 'AWS::StepFunctions::StateMachine').Properties.DefinitionString));
}

export function resource(stack: Stack, id: string, type: string): any {
  const found = Object.entries(templateOf(stack).Resources).filter(([key, { Type }]) => key.startsWith(id) && Type === type);
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} begin with ${id}`);
  return found[0][1];
}

/** The statements of the policies and roles whose logical ids are so but for their digest. */
export function statementsOf(stack: Stack, id: string): any[] {
  return Object.entries(templateOf(stack).Resources)
    .filter(([key, { Type }]) => plain(key) === id && /IAM::(Policy|Role)/.test(Type))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument ?? Properties.Policies?.[0].PolicyDocument ?? { Statement: [] }).Statement)
    .map(readable);
}

/** What it takes to store output in a bucket with a key. */
export function bucketOutput(prefix: string): object[] {
  return [
    { Effect: 'Allow', Action: 's3:PutObject', Resource: `<Bucket.Arn>/${prefix}*` },
    { Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: '<Key.Arn>' },
  ];
}
