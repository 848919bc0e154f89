import { randomUUID } from 'node:crypto';
import { noTemplate } from '../assembly/template-url';
import { CreateRequest, DeleteRequest, ExistingRequest, ResourceHandler, ResourceRequest, ResourceResult, UpdateRequest } from '../engine/handler';
import { generatedName } from '../engine/names';
import { NestedStacks, NestedTarget } from '../engine/nested';
import { isObject, JsonObject } from '../json';
import { OutputValue } from '../template/prepared';
import { stackArn } from '../template/pseudo';
import { tagsOf } from '../template/stack-tags';
import { Template } from '../template/template';

const MAX_NAME_LENGTH = 128;

/** The template that the assembly has for a URL. */
export type TemplateLookup = (url: string) => Template | undefined;

/**
 * `AWS::CloudFormation::Stack`: a stack of its own, with a template of the assembly. NotificationARNs and TimeoutInMinutes are
 * accepted without effect.
 */
export class NestedStackHandler implements ResourceHandler {
  /** @param stacks asked for each time: they work with handlers of which this is one */
  constructor(private readonly stacks: () => NestedStacks, private readonly templates: TemplateLookup) {}

  public provisionalId({ stack: { stackName, region, account }, logicalId }: ResourceRequest): string {
    return stackArn(generatedName(stackName, logicalId, MAX_NAME_LENGTH), region, account, randomUUID());
  }

  public async create(request: CreateRequest): Promise<ResourceResult> {
    const { provisionalId = this.provisionalId(request), stack, properties } = request;
    const target = targetOf(properties, this.templates(urlOf(properties)));
    return resultOf(provisionalId, await this.stacks().create(provisionalId, stack, target));
  }

  public async update({ physicalId, properties, goingBack = false }: UpdateRequest): Promise<ResourceResult> {
    const url = urlOf(properties);
    const stacks = this.stacks();
    const [kept, given] = [stacks.templateOf(physicalId, url), this.templates(url)];
    // the assembly knows nothing of the templates to which a rollback returns
    const target = targetOf(properties, goingBack ? kept ?? given : given ?? kept);
    return resultOf(physicalId, await stacks.update(physicalId, target, goingBack));
  }

  public async delete({ physicalId, cause }: DeleteRequest): Promise<void> {
    await this.stacks().delete(physicalId, cause);
  }

  public pendingCleanUp({ physicalId }: ExistingRequest): (() => Promise<void>) | undefined {
    return this.stacks().pendingCleanUp(physicalId);
  }
}

function resultOf(physicalId: string, outputs: readonly OutputValue[]): ResourceResult {
  return { physicalId, attributes: Object.fromEntries(outputs.map(({ key, value }) => [`Outputs.${key}`, value])) };
}

function urlOf({ TemplateURL: url }: JsonObject): string {
  if (typeof url === 'string') return url;
  throw new Error(`TemplateURL ${JSON.stringify(url) ?? 'none'} is not a string; it has to be the URL of a template that comes with the assembly`);
}

function targetOf(properties: JsonObject, template: Template | undefined): NestedTarget {
  const templateUrl = urlOf(properties);
  if (!template) throw new Error(noTemplate(templateUrl));
  return { templateUrl, template, parameters: parametersOf(properties), tags: tagsOf(properties) };
}

function parametersOf({ Parameters: parameters = {} }: JsonObject): Record<string, string> {
  if (!isObject(parameters)) throw new Error(`Parameters ${JSON.stringify(parameters)} is not a map`);
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, parameterText(name, value)]));
}

function parameterText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => parameterText(name, item)).join(',');
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  throw new Error(`parameter ${name} is ${JSON.stringify(value)}; it has to be a string, or a list of strings`);
}
