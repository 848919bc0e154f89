import { App, CfnElement, NestedStack, Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { AgentRuntime, Command, CommandRunner, GatedEndpoint, SessionStorage } from '../../src';
import * as operations from '../../src/provider/contract/operations';
import { MAX_NAMED_POLICIES } from '../../src/runtime/named-policies';
import { textCharacters } from '../../src/runtime/policy-size';
import { pairsOf } from '../../src/service/permissions/pairs';
import { Circumstance } from '../../src/service/permissions/permission';
import { ResourceKind } from '../../src/service/permissions/resources';
import { pairsIn, providerPolicies } from '../util/policies';
import { Moment, SimulatedStack } from '../util/simulated-stack';
import { image, templateOf, TemplateJson } from '../util/stacks';

// How many runtimes the policies of one role hold, and that each permission is in force for as long as something needs it.

/** By IAM: per managed policy, of inline policies per role, and managed policies per role. */
const IAM = { managedCharacters: 6_144, inlineCharacters: 10_240, managedPolicies: 10 };

const ARN = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/imported-0123456789';

const ENVIRONMENTS = [['any region', {}], ['one region', { env: { account: '123456789012', region: 'ap-southeast-2' } }]] as const;

interface Options {
  readonly names?: readonly string[];
  readonly env?: { readonly account: string; readonly region: string };
  /** Those with a command; all unless told. */
  readonly commands?: readonly string[];
  /** Those with a gated endpoint; each fourth unless told. */
  readonly gated?: readonly string[];
  /** One that is not declared, while the others keep their ids. */
  readonly without?: string;
  /** The ARN of a runtime that was made elsewhere, in which a command runs. */
  readonly imported?: string;
}

const nameOf = (number: number, prefix = 'agent') => `${prefix}_${String(number).padStart(29 - prefix.length, '0')}`;
const namesOf = (count: number, prefix?: string) => Array.from({ length: count }, (_, i) => nameOf(i, prefix));
const every = (names: readonly string[], nth: number) => names.filter((_, i) => i % nth === 0);

/** A runtime per name, with storage. */
function fill(scope: Stack, { names = namesOf(4), commands = names, gated = every(names, 4), without, imported }: Options): void {
  if (imported) new CommandRunner(scope, 'Check', { runtime: AgentRuntime.fromAgentRuntimeArn(scope, 'Imported', imported), command: Command.shell('true'), onDelete: Command.shell('true') });
  names.forEach((runtimeName, i) => {
    if (runtimeName === without) return;
    const id = `Agent${i}`;
    const runtime = new AgentRuntime(scope, id, { runtimeName, agentRuntimeArtifact: image(), sessionStorage: new SessionStorage(scope, `${id}Storage`) });
    if (commands.includes(runtimeName)) new CommandRunner(scope, `${id}Check`, { runtime, command: Command.shell('true'), onDelete: Command.shell('true') });
    if (gated.includes(runtimeName)) new GatedEndpoint(scope, `${id}Prod`, { runtime, endpointName: 'prod' });
  });
}

function stackOf(options: Options): Stack {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Stack', { env: options.env });
  fill(stack, options);
  return stack;
}

const synth = (options: Options) => templateOf(stackOf(options));

describe.each(ENVIRONMENTS)('in a stack for %s', (_title, env) => {
  it('sixteen runtimes with all that takes permissions fit, with their successors', () => {
    const stack = stackOf({ names: namesOf(16), ...env });
    const template = templateOf(stack);
    const { Resources } = template;
    const measured = (type: string) => Object.values(Resources).filter(({ Type, Properties: { Roles } }) => Type === type && /Provider/.test(JSON.stringify(Roles)))
      .map(({ Properties: { PolicyDocument } }) => textCharacters(stack, PolicyDocument));
    const managed = measured('AWS::IAM::ManagedPolicy');
    expect(Math.max(...managed)).toBeLessThanOrEqual(IAM.managedCharacters);
    expect(2 * managed.length).toBeLessThanOrEqual(IAM.managedPolicies);
    const inline = measured('AWS::IAM::Policy').reduce((sum, characters) => sum + characters, 0);
    expect(2 * inline).toBeLessThanOrEqual(IAM.inlineCharacters);
  });

  it('seventeen fit, and eighteen do not, which synth says', () => {
    expect(() => synth({ names: namesOf(17), ...env })).not.toThrow();
    expect(() => synth({ names: namesOf(18), ...env })).toThrow(
      /inline policies of about 10\d{3} characters on the role .*, but IAM allows 10240; move some of the runtimes to another stack, which may be a NestedStack.* \[rule: cdk-agentcore-runtime:providerPolicies\]/,
    );
  });
});

describe('the policies by name', () => {
  it('are in the order of declaration, filled one after the other', () => {
    const ids = (names: readonly string[]) => providerPolicies(synth({ names })).filter(({ managed }) => managed)
      .map(({ statements }) => names.filter((name) => JSON.stringify(statements).includes(`${name}-?`)));
    const names = namesOf(16);
    expect([...new Set(ids(names).flat())]).toEqual(names);
    expect(ids(names)).toEqual(ids(names));
    expect(ids(names).length).toBeGreaterThan(1);
  });

  it('are too many where one runtime has commands on more endpoints than they hold, which synth says', () => {
    const stack = stackOf({ names: [] });
    const runtime = new AgentRuntime(stack, 'Agent', { runtimeName: nameOf(0), agentRuntimeArtifact: image() });
    for (let i = 0; i < 200; i++) new CommandRunner(stack, `Check${i}`, { runtime, command: Command.shell('true'), qualifier: `endpoint_${i}` });
    expect(() => templateOf(stack)).toThrow(/need \d+ managed policies on the role of their provider, but 4 is the most: IAM attaches 10 to a role.*NestedStack.* \[rule: cdk-agentcore-runtime:providerPolicies\]/);
    expect(MAX_NAMED_POLICIES).toBe(4);
  });

  it('are those of each nested stack, which has a provider of its own', () => {
    const stack = stackOf({ names: namesOf(10) });
    for (let i = 0; i < 2; i++) fill(new NestedStack(stack, `Nested${i}`), { names: namesOf(10, `nested${i}`) });
    expect(() => templateOf(stack)).not.toThrow();
  });

  it('have ids that the resources which need them name, and the tree of the app too', () => {
    const stack = stackOf({ names: namesOf(1) });
    const template = templateOf(stack);
    const [{ id }] = providerPolicies(template).filter(({ managed }) => managed);
    const element = stack.node.findChild('CdkAgentCoreRuntimeProvider').node.findChild('Policy1').node.defaultChild as CfnElement;
    expect(stack.resolve(element.logicalId)).toBe(id);
    expect(id).toMatch(/^CdkAgentCoreRuntimeProviderPolicy1[0-9A-F]{8}[0-9a-f]{8}$/);
    const { metadata } = (stack.node.root as App).synth().getStackByName('Stack');
    expect(metadata[`/${element.node.path}`]).toContainEqual(expect.objectContaining({ type: 'aws:cdk:logicalId', data: id }));
  });
});

const needs = new WeakMap<object, Record<string, readonly string[]>>();

/** What the provider must be allowed to create, update or delete a resource. */
function needed(moment: Pick<Moment, 'action' | 'resource' | 'template'>): readonly string[] {
  const known = needs.get(moment.resource) ?? {};
  needs.set(moment.resource, known);
  return known[moment.action] ??= computeNeeds(moment);
}

function computeNeeds({ action, resource: { Type, Properties }, template }: Pick<Moment, 'action' | 'resource' | 'template'>): readonly string[] {
  const names = { partition: '<Partition>', region: '<Region>', account: '<AccountId>' };
  const circumstances: Circumstance[] = ['tags', 'vpc', 'capacityProvider'];
  const pairs = (called: readonly string[], kinds: readonly ResourceKind[], more: object) =>
    pairsOf({ operations: called, kinds, names: { ...names, ...more }, circumstances }).map((pair) => `${pair.action} ${pair.resource}`);
  const idOf = (reference: any) => `${template.Resources[reference['Fn::GetAtt'][0]].Properties.AgentRuntimeName}-??????????`;
  const both: ResourceKind[] = ['runtime', 'endpoint'];
  switch (Type) {
    case 'Custom::AgentCoreRuntime': return [
      ...pairs(operations.RUNTIME_OPERATIONS.filter((name) => action !== 'delete' || !/^(Update|TagResource)/.test(name)), [...both, 'identityDirectory', 'identity'], { runtimeId: `${Properties.AgentRuntimeName}-??????????` }),
      ...pairs(operations.SEARCH_OPERATIONS, ['all'], {}),
      ...action === 'delete' ? [] : [
        ...pairs(['CreateAgentRuntime'], ['anyRuntime', 'identityDirectory', 'anyIdentity', 'identityRole', 'networkRole', 'instancesRole'], {}),
        `iam:PassRole <${Properties.RoleArn['Fn::GetAtt'].join('.')}>`,
      ],
    ];
    case 'Custom::AgentCoreCommand': {
      const arn = Properties.AgentRuntimeArn;
      return pairs(operations.COMMAND_OPERATIONS, both, typeof arn === 'string' ? { runtimeArn: arn } : { runtimeId: idOf(arn) });
    }
    case 'Custom::AgentCorePromotion': return pairs(operations.PROMOTION_OPERATIONS, both, { runtimeId: idOf(Properties.AgentRuntimeId), endpointName: 'prod' });
    default: return [];
  }
}

const lengths = new WeakMap<object, number>();

/** As IAM counts them, with the longest of what stands for what only CloudFormation knows. */
function charactersOf(statements: readonly unknown[]): number {
  const known = lengths.get(statements);
  if (known !== undefined) return known;
  const [longest, arn] = [{ Partition: 'aws', Region: 'ap-southeast-2', AccountId: '123456789012' } as Record<string, string>, 'x'.repeat(95)];
  const { length } = JSON.stringify({ Version: '2012-10-17', Statement: statements }).replace(/<([\w.]+)>/g, (_, name: string) => longest[name] ?? arn);
  lengths.set(statements, length);
  return length;
}

function checkNeeds(moment: Moment): void {
  expect({ [`${moment.action} ${moment.logicalId}`]: missing(moment) }).toEqual({ [`${moment.action} ${moment.logicalId}`]: [] });
}

/** Whatever happens to others: what is there can be deleted at any time. */
function checkExisting(moment: Moment): void {
  const undeletable = moment.live.filter((live) => missing({ ...moment, ...live, action: 'delete' }).length > 0);
  expect({ [`at ${moment.action} ${moment.logicalId}`]: undeletable }).toEqual({ [`at ${moment.action} ${moment.logicalId}`]: [] });
}

function missing(moment: Moment): string[] {
  const allowed = allowedBy(moment.policies);
  return needed(moment).filter((pair) => !allowed.has(pair));
}

const sets = new WeakMap<object, ReadonlySet<string>>();

function allowedBy(policies: Moment['policies']): ReadonlySet<string> {
  const allowed = sets.get(policies) ?? new Set(policies.flatMap(({ statements }) => pairsIn(statements)));
  sets.set(policies, allowed);
  return allowed;
}

function checkLimits({ policies }: Moment): void {
  expect(policies.filter(({ managed }) => managed).length).toBeLessThanOrEqual(IAM.managedPolicies);
  const inline = policies.filter(({ managed }) => !managed).map(({ statements }) => charactersOf(statements));
  expect(inline.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(IAM.inlineCharacters);
}

/** The template as a stack has it that was deployed when each runtime had one inline policy for all, and the role the rest. */
function asBefore({ Resources }: TemplateJson): TemplateJson {
  const managed = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
  const statements = managed.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  const ids = managed.map(([id]) => id);
  const actions = (...names: string[]) => names.map((name) => `bedrock-agentcore:${name}`);
  const resources = (suffix: string) => {
    const all: unknown[] = statements.flatMap(({ Resource }) => Resource).filter((resource) => JSON.stringify(resource).includes(`${suffix}"]`));
    return [...new Map(all.map((resource) => [JSON.stringify(resource), resource])).values()];
  };
  const directory = resources('/default');
  const old = structuredClone(Resources);
  for (const id of ids) delete old[id];
  for (const [id, resource] of Object.entries(old)) {
    if (resource.DependsOn) resource.DependsOn = resource.DependsOn.filter((other) => !ids.includes(other));
    if (resource.Type === 'AWS::IAM::Role' && id.startsWith('CdkAgentCoreRuntimeProviderRole')) {
      resource.Properties.Policies[0].PolicyDocument.Statement.push({
        Effect: 'Allow',
        Action: actions('CreateAgentRuntime', 'CreateAgentRuntimeEndpoint', 'CreateWorkloadIdentity', 'TagResource'),
        Resource: [...resources(':runtime/*'), ...directory, ...resources('/workload-identity/*')],
      }, {
        Effect: 'Allow',
        Action: 'iam:CreateServiceLinkedRole',
        Resource: resources('AWSServiceRoleForBedrockAgentCoreRuntimeIdentity')[0],
        Condition: { StringEquals: { 'iam:AWSServiceName': 'runtime-identity.bedrock-agentcore.amazonaws.com' } },
      });
    }
    if (resource.Type === 'Custom::AgentCoreRuntime') {
      const own = `${resource.Properties.AgentRuntimeName}-??????????`;
      old[resource.DependsOn!.find((other) => other.includes('ProvisioningPolicy'))!].Properties.PolicyDocument.Statement.push({
        Effect: 'Allow',
        Action: actions(
          'GetAgentRuntime', 'UpdateAgentRuntime', 'DeleteAgentRuntime', 'DeleteAgentRuntimeEndpoint', 'DeleteWorkloadIdentity', 'UntagResource',
          'ListTagsForResource', 'InvokeAgentRuntimeCommand', 'StopRuntimeSession',
        ),
        Resource: [...resources(`runtime/${own}`), ...resources(`${own}/runtime-endpoint/DEFAULT`), ...directory, ...resources(`workload-identity/${own}`)],
      });
    }
    if (resource.Type === 'Custom::AgentCoreCommand') {
      const { DependsOn = [] } = Resources[resource.Properties.AgentRuntimeArn['Fn::GetAtt'][0]];
      resource.DependsOn = [...resource.DependsOn ?? [], ...DependsOn.filter((other) => other.includes('ProvisioningPolicy'))];
    }
  }
  return { Resources: old };
}

describe('each permission is in force from before it is needed until after', () => {
  const names = namesOf(16);
  const [first, ...rest] = names;
  const old = (options: Options) => asBefore(synth({ ...options, gated: [] }));
  const eight = Array.from({ length: 8 }, (_, i) => `my_agent_number_${i}`);
  const four = namesOf(4);
  const CHANGES: Record<string, () => readonly [before: TemplateJson, after: TemplateJson]> = {
    'nothing': () => [synth({ names }), synth({ names })],
    'removing the first': () => [synth({ names }), synth({ names, without: first })],
    'adding one before all others': () => [synth({ names, without: first }), synth({ names })],
    'renaming all': () => [synth({ names }), synth({ names: namesOf(16, 'other') })],
    'adding a command to one': () => [synth({ names, commands: rest }), synth({ names })],
    'taking a command off one': () => [synth({ names }), synth({ names, commands: rest })],
    'adding the first gated endpoint': () => [synth({ names, gated: [] }), synth({ names, gated: [first] })],
    'the last runtime going, while a command on another one stays': () => [synth({ names: [first], imported: ARN }), synth({ names: [], imported: ARN })],
    'another imported runtime': () => [synth({ names: [], imported: ARN }), synth({ names: [], imported: `${ARN.slice(0, -1)}8` })],
    'a stack of the version before': () => [old({ names: eight }), synth({ names: eight })],
    'a stack of the version before, in which one goes': () => [old({ names: eight }), synth({ names: eight, without: eight[0] })],
    'a stack of the version before, in which all are renamed': () => [old({ names: four }), synth({ names: namesOf(4, 'other') })],
  };

  it.each(Object.keys(CHANGES))('%s', (title) => {
    const [before, after] = CHANGES[title]();
    const steps = Object.keys(after.Resources).length;
    const isUpgrade = title.includes('version before');
    // the version before did not allow all that is asked for, but what it had made must go
    const isOld = ({ template, action }: Moment) => isUpgrade && template === before && action !== 'delete';
    fc.assert(fc.property(fc.infiniteStream(fc.nat()), fc.option(fc.nat(steps)), (numbers, failBefore) => {
      const stack = new SimulatedStack((among) => among[(numbers.next().value as number) % among.length], (moment) => {
        checkLimits(moment);
        if (!isOld(moment)) checkNeeds(moment);
        // an upgrade moves permissions to other policies, between the last use of the old ones and the first use of the new ones
        if (!isUpgrade) checkExisting(moment);
      });
      stack.deploy(before);
      stack.deploy(after, failBefore ?? undefined);
      stack.destroy();
    }), { numRuns: 10 });
  });

  it('which the simulation would notice', () => {
    const careless = synth({ names: [first] });
    for (const resource of Object.values(careless.Resources)) delete resource.DependsOn;
    const last = (ids: readonly unknown[]) => ids.find((id) => !String(id).startsWith('CdkAgentCoreRuntimeProviderPolicy')) ?? ids[0];
    const stack = new SimulatedStack((among) => last(among) as never, checkNeeds);
    expect(() => stack.deploy(careless)).toThrow(/bedrock-agentcore:GetAgentRuntime/);
  });
});
