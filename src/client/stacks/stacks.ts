import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { QueryError, queryCall } from './query-call';
import { membersOf, textOf } from './xml-text';

/** A resource that a deployed stack has. */
export interface StackResource {
  readonly logicalId: string;
  /** The logical ids of the nested stacks that it is in, from the outermost; absent for resources of the stack itself. */
  readonly within?: readonly string[];
  readonly type: string;
  readonly physicalId: string;
}

/** A stack as it is deployed. */
export interface DeployedStack {
  readonly resources: readonly StackResource[];
  /** The values of its outputs by their names; asked for only where they are needed. */
  outputs(): Promise<Readonly<Record<string, string>>>;
}

/** A stack as CloudFormation has it. */
export interface CloudFormationStack extends DeployedStack {
  /** Its ARN, which tells the account. */
  stackId(): Promise<string>;
}

/** Where deployed stacks are looked up. */
export interface Stacks {
  /** What messages call the place. */
  readonly place: string;
  /** @returns undefined where there is no stack of that name */
  find(stackName: string): Promise<DeployedStack | undefined>;
}

const VERSION = '2010-05-15';
/** How many pages of resources are read at most; a stack has 500 resources, a page 100. */
const MAX_PAGES = 50;

/** The stacks of an account and region, as CloudFormation tells of them. */
export class CloudFormationStacks implements Stacks {
  public readonly place = 'CloudFormation';

  constructor(private readonly client: BedrockAgentCoreClient | BedrockAgentCoreControlClient) {}

  public async find(stackName: string): Promise<CloudFormationStack | undefined> {
    try {
      return {
        resources: await this.resources(stackName),
        outputs: async () => this.outputs(stackName),
        stackId: async () => textOf(await this.call('DescribeStacks', { StackName: stackName }), 'StackId') ?? '',
      };
    } catch (error) {
      // the service has no error of its own for it
      if (error instanceof QueryError && error.name === 'ValidationError' && /does not exist/.test(error.message)) return undefined;
      throw error;
    }
  }

  /** Those of nested stacks too: a nested stack has its ARN as physical id. */
  private async resources(stackName: string, within: readonly string[] = []): Promise<StackResource[]> {
    const found: StackResource[] = [];
    let token: string | undefined;
    // DescribeStackResources would stop at 100 of them
    for (let page = 0; page < MAX_PAGES; page++) {
      const xml = await this.call('ListStackResources', { StackName: stackName, NextToken: token });
      for (const member of membersOf(xml, 'StackResourceSummaries')) {
        const [logicalId, type, physicalId] = ['LogicalResourceId', 'ResourceType', 'PhysicalResourceId'].map((name) => textOf(member, name));
        const isGone = /^(DELETE_COMPLETE|DELETE_SKIPPED)$/.test(textOf(member, 'ResourceStatus') ?? '');
        if (!logicalId || !type || !physicalId || isGone) continue;
        found.push({ logicalId, type, physicalId, ...within.length > 0 ? { within } : {} });
        if (type === 'AWS::CloudFormation::Stack') found.push(...await this.resources(physicalId, [...within, logicalId]));
      }
      token = textOf(xml, 'NextToken');
      if (!token) return found;
    }
    throw new Error(`CloudFormation tells of more than ${MAX_PAGES} pages of resources of stack ${stackName}; name the runtime by its id or ARN`);
  }

  private async outputs(stackName: string): Promise<Record<string, string>> {
    const xml = await this.call('DescribeStacks', { StackName: stackName });
    return Object.fromEntries(membersOf(xml, 'Outputs').map((member) => [textOf(member, 'OutputKey') ?? '', textOf(member, 'OutputValue') ?? '']));
  }

  private async call(action: string, parameters: Readonly<Record<string, string | undefined>>): Promise<string> {
    return queryCall(this.client, { service: 'cloudformation', action, version: VERSION, parameters });
  }
}
