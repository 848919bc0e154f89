import { randomBytes, randomUUID } from 'node:crypto';
import { partitionOf } from '../../../service/partition';
import { ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { generatedName } from '../engine/names';
import { JsonObject } from '../json';
import { EVENT_INVOKE_CONFIG_TYPE } from '../lambda/directory';

/** What waits for events; `cdk-agentcore local execute` asks those about executions that were aborted. */
export const RULE_TYPE = 'AWS::Events::Rule';

/** A type that nothing local acts on: what its resources are called, and what templates can ask of them. */
interface StandIn {
  /** The property that names the resource; a change of it replaces the resource. */
  readonly name?: string;
  readonly maxNameLength?: number;
  /** Where the id is not the name. */
  readonly physicalId?: (request: ResourceRequest, name: string) => string;
  readonly attributes?: (request: ResourceRequest, physicalId: string) => JsonObject;
}

const arnOf = ({ stack: { region, account } }: ResourceRequest, service: string, resource: string) =>
  `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
const hexId = (prefix: string) => () => `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
const ec2 = (prefix: string, idAttribute: string, more: StandIn['attributes'] = () => ({})): StandIn => ({
  physicalId: hexId(prefix),
  attributes: (request, physicalId) => ({ [idAttribute]: physicalId, ...more(request, physicalId) }),
});

const STAND_INS: Readonly<Record<string, StandIn>> = {
  'AWS::CDK::Metadata': {},
  [EVENT_INVOKE_CONFIG_TYPE]: {},
  'AWS::Lambda::Permission': { attributes: (_, id) => ({ Id: id }) },
  'AWS::CloudWatch::Alarm': {
    name: 'AlarmName',
    attributes: ({ stack: { region, account } }, name) => ({ Arn: `arn:${partitionOf(region)}:cloudwatch:${region}:${account}:alarm:${name}` }),
  },
  'AWS::CloudWatch::Dashboard': { name: 'DashboardName' },
  [RULE_TYPE]: { name: 'Name', attributes: (request, name) => ({ Arn: arnOf(request, 'events', `rule/${name}`) }) },
  'AWS::Scheduler::Schedule': { name: 'Name', maxNameLength: 64, attributes: (request, name) => ({ Arn: arnOf(request, 'scheduler', `schedule/default/${name}`) }) },
  'AWS::Scheduler::ScheduleGroup': { name: 'Name', maxNameLength: 64, attributes: (request, name) => ({ Arn: arnOf(request, 'scheduler', `schedule-group/${name}`) }) },
  'AWS::SQS::Queue': {
    name: 'QueueName',
    maxNameLength: 80,
    physicalId: ({ stack: { region, account } }, name) => `https://sqs.${region}.amazonaws.com/${account}/${name}`,
    attributes: (request, url) => ({ Arn: arnOf(request, 'sqs', url.split('/').at(-1)!), QueueName: url.split('/').at(-1)!, QueueUrl: url }),
  },
  'AWS::SQS::QueuePolicy': {},
  'AWS::KMS::Key': { physicalId: () => randomUUID(), attributes: (request, id) => ({ Arn: arnOf(request, 'kms', `key/${id}`), KeyId: id }) },
  'AWS::KMS::Alias': { name: 'AliasName' },
  'AWS::S3::BucketPolicy': {},
  'AWS::SNS::Topic': {
    name: 'TopicName',
    maxNameLength: 256,
    physicalId: (request, name) => arnOf(request, 'sns', name),
    attributes: (_, arn) => ({ TopicArn: arn, TopicName: arn.split(':').at(-1)! }),
  },
  'AWS::SNS::TopicPolicy': {},
  'AWS::EC2::VPC': ec2('vpc', 'VpcId', ({ properties }, id) => ({
    CidrBlock: properties.CidrBlock ?? '10.0.0.0/16',
    DefaultSecurityGroup: `sg-${id.slice('vpc-'.length)}`,
    DefaultNetworkAcl: `acl-${id.slice('vpc-'.length)}`,
  })),
  'AWS::EC2::Subnet': ec2('subnet', 'SubnetId', ({ properties, stack }) => ({
    AvailabilityZone: properties.AvailabilityZone ?? `${stack.region}a`,
    CidrBlock: properties.CidrBlock ?? '10.0.0.0/24',
    VpcId: properties.VpcId,
  })),
  'AWS::EC2::SecurityGroup': ec2('sg', 'GroupId', ({ properties }, id) => ({ Id: id, VpcId: properties.VpcId ?? 'vpc-00000000000000000' })),
  'AWS::EC2::SecurityGroupIngress': ec2('sgr', 'Id'),
  'AWS::EC2::SecurityGroupEgress': ec2('sgr', 'Id'),
  'AWS::EC2::RouteTable': ec2('rtb', 'RouteTableId'),
  'AWS::EC2::Route': {},
  'AWS::EC2::SubnetRouteTableAssociation': ec2('rtbassoc', 'Id'),
  'AWS::EC2::InternetGateway': ec2('igw', 'InternetGatewayId'),
  'AWS::EC2::VPCGatewayAttachment': {},
  'AWS::EC2::EIP': ec2('eipalloc', 'AllocationId', () => ({ PublicIp: '192.0.2.1' })),
  'AWS::EC2::NatGateway': ec2('nat', 'NatGatewayId'),
  'AWS::EC2::VPCEndpoint': ec2('vpce', 'Id'),
};

/** The types that deploy without anything happening. */
export const STAND_IN_TYPES: readonly string[] = Object.keys(STAND_INS);

/** The stand-in for a type; undefined where there is none. */
export function standInFor(type: string): ResourceHandler | undefined {
  return Object.hasOwn(STAND_INS, type) ? handlerOf(STAND_INS[type]) : undefined;
}

function handlerOf(standIn: StandIn): ResourceHandler {
  const result = (request: ResourceRequest, physicalId: string): ResourceResult => ({
    physicalId, attributes: standIn.attributes?.(request, physicalId) ?? {},
  });
  return {
    async create(request) {
      const given = standIn.name === undefined ? undefined : request.properties[standIn.name];
      const name = String(given ?? generatedName(request.stack.stackName, request.logicalId, standIn.maxNameLength));
      return result(request, standIn.physicalId?.(request, name) ?? name);
    },
    async update(request: UpdateRequest) {
      return result(request, request.physicalId);
    },
    async delete() {
      // there is nothing behind it
    },
    replaces: (before, after) => standIn.name !== undefined && before[standIn.name] !== after[standIn.name],
  };
}

/** A stand-in for a type that the deployer does not know: every attribute that is asked for is a text that says so. */
export const STUB: ResourceHandler = {
  create: async ({ stack, logicalId }) => ({ physicalId: generatedName(stack.stackName, logicalId), attributes: {} }),
  update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
  delete: async () => undefined,
  attribute: (physicalId, name) => (/arn$/i.test(name) ? `arn:aws:local-stub:::${physicalId}` : `local-stub-${physicalId}-${name}`),
};
