import { CfnResource, Stack, Tokenization } from 'aws-cdk-lib';
import { Match, MatchResult, Template } from 'aws-cdk-lib/assertions';
import { IConstruct } from 'constructs';
import { CommandExpectation, RuntimeExpectation } from './expectations';
import { maskSnapshot } from './snapshot-mask';
import { SnapshotOptions } from './snapshot-options';
import { TemplateGraph } from './template-graph';
import { COMMAND_RESOURCE_TYPE, RUNTIME_RESOURCE_TYPE } from '../provider/contract';
import { Provisioning } from '../runtime/provisioning';

/** The types of runtimes in templates, by who provisions them. */
const RUNTIME_TYPES: Readonly<Record<Provisioning, string>> = {
  [Provisioning.CUSTOM_RESOURCE]: RUNTIME_RESOURCE_TYPE,
  [Provisioning.CLOUDFORMATION]: 'AWS::BedrockAgentCore::Runtime',
};

interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties?: unknown;
}

/**
 * Assertions about the runtimes and commands in the template of a stack, for unit tests.
 *
 * They hold for runtimes that CloudFormation provisions as for those that the provider of this library does, the official
 * `Runtime` included. Each throws an error that says what there is instead.
 */
export class AgentRuntimeAssertions {
  /** Assertions about a stack, which is synthesized by that. */
  public static fromStack(stack: Stack): AgentRuntimeAssertions {
    return new AgentRuntimeAssertions(Template.fromStack(stack), stack);
  }

  /** Assertions about a template; without its stack, tokens in what is expected match nothing. */
  public static fromTemplate(template: Template): AgentRuntimeAssertions {
    return new AgentRuntimeAssertions(template);
  }

  private readonly template: { readonly [name: string]: any };

  private constructor(template: Template, private readonly stack?: Stack) {
    this.template = template.toJSON();
  }

  /**
   * There is a runtime like this.
   *
   * @throws an error that names, for each runtime that there is, what differs
   */
  public hasRuntime(expected: RuntimeExpectation = {}): void {
    const types = expected.provisioning === undefined ? Object.values(RUNTIME_TYPES) : [RUNTIME_TYPES[expected.provisioning]];
    const mount = { SessionStorage: { MountPath: this.resolve(expected.sessionStoragePath) } };
    this.hasOne('runtime', types, {
      ...given('AgentRuntimeName', this.resolve(expected.runtimeName)),
      ...given('EnvironmentVariables', this.resolve(expected.environmentVariables)),
      ...given('FilesystemConfigurations', expected.sessionStoragePath && Match.arrayWith([Match.objectLike(mount)])),
    }, expected.properties);
  }

  /** There are as many runtimes, whoever provisions them. */
  public runtimeCountIs(count: number): void {
    this.countIs('runtime', Object.values(RUNTIME_TYPES), count);
  }

  /**
   * There is a command like this.
   *
   * @throws an error that names, for each command that there is, what differs
   */
  public hasCommand(expected: CommandExpectation = {}): void {
    const { command, runtime, timeout } = expected;
    const words = command?._command;
    const stack = this.stack ?? (runtime && Stack.of(runtime));
    this.hasOne('command', [COMMAND_RESOURCE_TYPE], {
      ...given(typeof words === 'string' ? 'Command' : 'Arguments', this.resolve(words)),
      ...given('AgentRuntimeArn', stack?.resolve(runtime?.runtimeRef.agentRuntimeArn)),
      ...given('Qualifier', this.resolve(expected.endpointName)),
      ...given('WorkingDirectory', this.resolve(expected.workingDirectory)),
      ...given('Environment', this.resolve(expected.environment)),
      ...given('Timeout', timeout && this.resolve(Tokenization.stringifyNumber(timeout.toSeconds()))),
    }, expected.properties);
  }

  /** There are as many commands. */
  public commandCountIs(count: number): void {
    this.countIs('command', [COMMAND_RESOURCE_TYPE], count);
  }

  /**
   * A deployment runs a command before it begins with something else, because that depends on the command, directly or not.
   *
   * @param command a `CommandRunner`, or any construct
   * @param other what has to wait: its default child, or all of its resources where it has none
   * @throws an error that says what the resource waits for instead
   */
  public runsBefore(command: IConstruct, other: IConstruct): void {
    const graph = new TemplateGraph(this.template.Resources ?? {});
    const firsts = this.logicalIds(command);
    for (const then of this.logicalIds(other)) {
      for (const first of firsts) {
        if (then !== first && graph.chain(then, first)) continue;
        const back = then === first ? undefined : graph.chain(first, then);
        const waitsFor = graph.dependenciesOf(then).join(', ') || 'nothing';
        throw new Error(`${command.node.path} (${first}) does not run before ${other.node.path} (${then}): ${back
          ? `it is the other way round, ${back.join(' depends on ')}`
          : `the latter waits for ${waitsFor}; add a dependency on the command to it: other.node.addDependency(command)`}`);
      }
    }
  }

  /**
   * The template for a snapshot: without what changes with the version of this library alone.
   *
   * That is the hash of the provider's code, the hashes of the templates of nested stacks, and CDK's list of library versions;
   * besides, the random value of commands that run in every deployment.
   */
  public toSnapshot(options: SnapshotOptions = {}): { [name: string]: any } {
    return maskSnapshot(this.template, options) as { [name: string]: any };
  }

  private hasOne(kind: string, types: readonly string[], ...expected: readonly (object | undefined)[]): void {
    const patterns = expected.map((part) => Match.objectLike(part && Object.keys(part).length > 0 ? { Properties: part } : {}));
    const found = this.resources(types).map((resource) => ({ resource, results: patterns.map((pattern) => pattern.test(resource)) }));
    if (found.some(({ results }) => results.every(isSuccess))) return;
    const cost = ({ results }: { readonly results: readonly MatchResult[] }) => results.reduce((sum, { failCost }) => sum + failCost, 0);
    const closestFirst = [...found].sort((a, b) => cost(a) - cost(b));
    throw new Error([
      `no ${kind} like that: the template has ${countOf(found.length, kind)}${types.length === 1 ? ` of type ${types[0]}` : ''}`,
      ...closestFirst.flatMap(({ resource, results }) => [
        `  ${resource.id} (${resource.Type})`,
        ...results.flatMap((result) => result.toHumanStrings()).map((difference) => `    ${difference}`),
      ]),
    ].join('\n'));
  }

  private countIs(kind: string, types: readonly string[], count: number): void {
    const found = this.resources(types);
    if (found.length === count) return;
    const names = found.map(({ id, Type }) => `${id} (${Type})`).join(', ');
    throw new Error(`expected ${countOf(count, kind)}, the template has ${found.length}${names && `: ${names}`}`);
  }

  private resources(types: readonly string[]): Resource[] {
    return Object.entries<Omit<Resource, 'id'>>(this.template.Resources ?? {})
      .map(([id, resource]) => ({ id, ...resource }))
      .filter(({ Type }) => types.includes(Type));
  }

  private logicalIds(construct: IConstruct): string[] {
    const main = construct.node.defaultChild;
    const elements = main && CfnResource.isCfnResource(main) ? [main] : construct.node.findAll().filter(CfnResource.isCfnResource);
    const ids = elements.map((element) => Stack.of(element).resolve(element.logicalId) as string);
    const missing = ids.filter((id) => !this.template.Resources?.[id]);
    if (ids.length === 0) throw new Error(`${construct.node.path} has no resource; give a construct that is deployed`);
    if (missing.length > 0) {
      throw new Error(`${construct.node.path} (${missing.join(', ')}) is not in this template; the order of resources in different stacks `
        + 'is that of the stacks, see Stack.addDependency');
    }
    return ids;
  }

  /** Not for matchers, of which it would leave nothing. */
  private resolve(value: unknown): unknown {
    return this.stack ? this.stack.resolve(value) : value;
  }
}

function given(name: string, value: unknown): object {
  return value === undefined ? {} : { [name]: value };
}

function isSuccess(result: MatchResult): boolean {
  return !result.hasFailed();
}

function countOf(count: number, kind: string): string {
  return `${count === 0 ? 'no' : count} ${kind}${count === 1 ? '' : 's'}`;
}
