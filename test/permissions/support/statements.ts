import { TemplateJson } from '../../util/stacks';

/** A statement of a template, without functions of CloudFormation. */
export interface WrittenStatement {
  /** Stack and logical id of what holds it, and its number. */
  readonly at: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly { readonly operator: string; readonly key: string }[];
}

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'stack',
  'AWS::StackId': 'arn:aws:cloudformation:us-east-1:111122223333:stack/stack/1',
};

/** What `Arn` of a resource is, and `Ref` where that is an ARN. */
const ARNS: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': 'arn:aws:iam::111122223333:role/a-role',
  'AWS::Lambda::Function': 'arn:aws:lambda:us-east-1:111122223333:function:a-function',
  'AWS::S3::Bucket': 'arn:aws:s3:::a-bucket',
  'AWS::KMS::Key': 'arn:aws:kms:us-east-1:111122223333:key/a-key',
  'AWS::SQS::Queue': 'arn:aws:sqs:us-east-1:111122223333:a-queue',
  'AWS::Logs::LogGroup': 'arn:aws:logs:us-east-1:111122223333:log-group:a-group:*',
  'AWS::StepFunctions::StateMachine': 'arn:aws:states:us-east-1:111122223333:stateMachine:a-machine',
  'AWS::EFS::FileSystem': 'arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1',
  'AWS::EFS::AccessPoint': 'arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-1',
  'AWS::S3Files::AccessPoint': 'arn:aws:s3files:us-east-1:111122223333:file-system/fs-1/access-point/fsap-1',
  'AWS::BedrockAgentCore::Runtime': 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/a-runtime',
  'AWS::BedrockAgentCore::RuntimeEndpoint': 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/a-runtime/runtime-endpoint/an-endpoint',
  'AWS::BedrockAgentCore::CapacityProvider': 'arn:aws:bedrock-agentcore:us-east-1:111122223333:capacity-provider/a-provider',
  'Custom::AgentCoreRuntime': 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/a-runtime',
};
const REF_IS_ARN = ['AWS::StepFunctions::StateMachine'];

/** The statements of the identity policies of a template. */
export function writtenStatements(stack: string, template: TemplateJson): WrittenStatement[] {
  return Object.entries(template.Resources ?? {}).flatMap(([id, { Type, Properties }]) => {
    const documents = Type === 'AWS::IAM::Role'
      ? (Properties?.Policies ?? []).map(({ PolicyDocument }: any) => PolicyDocument)
      : ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].includes(Type) ? [Properties.PolicyDocument] : [];
    return documents.flatMap((document: any) => document.Statement).map((statement: any, index: number): WrittenStatement => ({
      at: `${stack}/${id} ${index + 1}`,
      effect: statement.Effect,
      actions: [statement.Action].flat(),
      resources: [statement.Resource].flat().map((resource) => text(resource, template)),
      conditions: Object.entries<any>(statement.Condition ?? {}).flatMap(([operator, keys]) => Object.keys(keys).map((key) => ({ operator, key }))),
    }));
  });
}

/** A text in which `*` stands for what only a deployment knows. */
function text(value: any, template: TemplateJson): string {
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries<any>(value);
  const type = (id: string) => template.Resources[id]?.Type;
  switch (name) {
    case 'Ref': return PSEUDO[argument] ?? (REF_IS_ARN.includes(type(argument)) ? ARNS[type(argument)] : '*');
    case 'Fn::GetAtt': {
      const [id, attribute] = argument;
      if (!/Arn$/.test(attribute)) return '*';
      const arn = ARNS[type(id)];
      if (!arn) throw new Error(`${type(id)} has no ARN in this table, which ${id}.${attribute} needs`);
      return arn;
    }
    case 'Fn::Join': return argument[1].map((part: any) => text(part, template)).join(argument[0]);
    case 'Fn::Sub': return (argument as string).replace(/\$\{([^}]*)\}/g, (_, reference) => PSEUDO[reference] ?? '*');
    case 'Fn::Select':
    case 'Fn::ImportValue': return '*';
    default: throw new Error(`${name} is not in this table`);
  }
}
