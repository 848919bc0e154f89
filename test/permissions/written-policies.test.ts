import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { apps, synthesize } from './support/apps';
import { runtimesAndStorage, workflows } from './support/everything';
import { WrittenStatement, writtenStatements } from './support/statements';
import { actionsLike, ActionData, canCover, conditionKeyType, listsKey } from '../util/iam-data';
import { TemplateJson } from '../util/stacks';

let statements: WrittenStatement[];

beforeAll(() => {
  const own = (name: string, declare: (stack: Stack) => void): [string, TemplateJson] => {
    const stack = new Stack(new App({ analyticsReporting: false }), name);
    declare(stack);
    return [name, Template.fromStack(stack).toJSON() as TemplateJson];
  };
  statements = [
    ...apps().flatMap((app) => Object.entries(synthesize(app)).map(([file, template]): [string, TemplateJson] => [`${app} ${file}`, template])),
    own('Runtimes', runtimesAndStorage),
    own('Workflows', workflows),
  ].flatMap(([name, template]) => writtenStatements(name, template));
});

/** What the data finds at a statement, as `kind subject`. */
async function findings({ actions, resources, conditions }: WrittenStatement): Promise<string[]> {
  const named = await Promise.all(actions.map(actionsLike));
  const allowed = named.flat();
  const unknown = actions.filter((_, index) => named[index].length === 0).map((action) => `unknown action ${action}`);
  const unused = allowed.length === 0 ? [] : resources.filter((resource) => !allowed.some((action) => covers(resource, action)))
    .map((resource) => `no action of ${actions.join(', ')} has the resource ${resource}`);
  // of actions by wildcard, one is enough
  const usable = (action: ActionData) => resources.some((resource) => covers(resource, action));
  const idle = actions.filter((_, index) => named[index].length > 0 && !named[index].some(usable))
    .map((action) => `${action} has none of the resources ${resources.join(', ')}`);
  const keys = await Promise.all(conditions.map(({ key }) => keyFindings(key, allowed)));
  return [...unknown, ...unused, ...idle, ...keys.flat()];
}

function covers(resource: string, { resourceTypes }: ActionData): boolean {
  return resource === '*' || resourceTypes.some(({ arn }) => canCover(resource, arn));
}

/** Of keys that come with requests of some actions only. */
const LISTED_GLOBAL_KEYS = /^aws:(RequestTag|ResourceTag|TagKeys)\b/i;

async function keyFindings(key: string, allowed: readonly ActionData[]): Promise<string[]> {
  if (await conditionKeyType(key) === undefined) return [`unknown condition key ${key}`];
  if (/^aws:/i.test(key) && !LISTED_GLOBAL_KEYS.test(key)) return [];
  return allowed.filter(({ conditionKeys }) => !listsKey(conditionKeys, key)).map(({ action }) => `${action} does not have the condition key ${key}`);
}

/** What is written although the data knows it otherwise, each with the reason. */
const EXCEPTIONS: readonly { readonly finding: RegExp; readonly reason: string }[] = [
  {
    finding: /^(no action of )?bedrock-agentcore:CreateAgentRuntime has (none of the resources|the resource) arn:[^,]*:runtime\/\*/,
    reason: 'the data lists no resource of the action, but the service authorizes it on runtime/*, as its managed policy and its denials show',
  },
  {
    finding: /^(no action of )?logs:DescribeLogGroups has (none of the resources|the resource) arn:[^,]*:log-group:\*$/,
    reason: "the execution role that aws-cdk-lib makes, which follows AWS's documented one",
  },
  {
    finding: /^(no action of )?logs:PutResourcePolicy has (none of the resources|the resource) arn:[^,]*:log-group:\/aws\/bedrock-agentcore\/runtimes\/[^,]*$/,
    reason: "the data lists no resource of the action, but AWS's page on the permissions of runtimes names the log groups of the runtime",
  },
];

test('every action exists, each has one of its resources, each resource has an action, and each condition key is of its actions', async () => {
  const found = new Map<string, string>();
  for (const statement of statements) for (const finding of await findings(statement)) found.set(finding, statement.at);
  const open = [...found].filter(([finding]) => !EXCEPTIONS.some((exception) => exception.finding.test(finding))).map(([finding, at]) => `${at}: ${finding}`);
  expect(open).toEqual([]);
  // an exception that nothing needs any more has to go
  expect(EXCEPTIONS.filter((exception) => ![...found.keys()].some((finding) => exception.finding.test(finding)))).toEqual([]);
});

test('the apps that are looked at write policies of all kinds', () => {
  const actions = new Set(statements.flatMap((statement) => statement.actions));
  for (const action of [
    'bedrock-agentcore:CreateAgentRuntime', 'iam:PassRole', 'iam:CreateServiceLinkedRole', 'elasticfilesystem:ClientMount', 's3files:ClientMount', 'kms:CreateGrant',
    'bedrock-agentcore:GetAgentRuntimeEndpoint', 'states:RedriveExecution', 'states:StartExecution', 'sqs:SendMessage', 'lambda:InvokeFunction',
  ]) expect(actions).toContain(action);
});

describe('what the test finds', () => {
  const SOUND: WrittenStatement = { at: 'x', effect: 'Allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'], conditions: [] };
  test.each<[string, Partial<WrittenStatement>, string[]]>([
    ['nothing', {}, []],
    ['a wrong name', { actions: ['s3:GetObjects'] }, ['unknown action s3:GetObjects']],
    ['a wrong service', { actions: ['agentcore:GetAgentRuntime'] }, ['unknown action agentcore:GetAgentRuntime']],
    ['a resource of another type', { resources: ['arn:aws:s3:::a', 'arn:aws:s3:::a/*'] }, ['no action of s3:GetObject has the resource arn:aws:s3:::a']],
    ['an action without a resource', { actions: ['s3:ListBucket', 's3:GetObject'] }, ['s3:ListBucket has none of the resources arn:aws:s3:::a/*']],
    ['an action without resources', { actions: ['s3:ListAllMyBuckets'], resources: ['arn:aws:s3:::*'] }, [
      'no action of s3:ListAllMyBuckets has the resource arn:aws:s3:::*', 's3:ListAllMyBuckets has none of the resources arn:aws:s3:::*',
    ]],
    ['a wrong key', { conditions: [{ operator: 'StringEquals', key: 'aws:SourceAcount' }] }, ['unknown condition key aws:SourceAcount']],
    ['a key of another action', { conditions: [{ operator: 'StringEquals', key: 's3:prefix' }] }, ['s3:GetObject does not have the condition key s3:prefix']],
    ['a tag that is not set', { conditions: [{ operator: 'StringEquals', key: 'aws:RequestTag/team' }] }, ['s3:GetObject does not have the condition key aws:RequestTag/team']],
    ['a key of all requests', { conditions: [{ operator: 'StringEquals', key: 'aws:PrincipalAccount' }] }, []],
  ])('%s', async (_, given, expected) => {
    expect(await findings({ ...SOUND, ...given })).toEqual(expected);
  });
});
