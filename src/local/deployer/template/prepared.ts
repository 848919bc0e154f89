import { JsonObject } from '../json';
import { TemplateError } from './error';
import { evaluate, evaluateCondition, Scope } from './evaluate';
import { findCycle, Graph } from './graph';
import { parameterValues } from './parameters';
import { pseudoParameter, StackIdentity } from './pseudo';
import { referencesOf } from './references';
import { withStackTags } from './stack-tags';
import { Template, TemplateResource } from './template';

/** What a template does not hold itself: the state of the stack's resources and of other stacks. */
export interface World {
  physicalId(logicalId: string, place: string): string;
  attribute(logicalId: string, name: string, place: string): unknown;
  importValue(name: string, place: string): string;
}

export interface OutputValue {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/**
 * A template with its conditions decided: the resources that exist, their order, and their properties on demand.
 *
 * @throws TemplateError for whatever CloudFormation's own validation would refuse
 */
export class PreparedTemplate {
  /** The resources whose conditions hold, in the template's order. */
  public readonly resources: ReadonlyMap<string, TemplateResource>;
  public readonly graph: Graph;
  private readonly parameters: Readonly<Record<string, unknown>>;
  private readonly decided = new Map<string, boolean | 'deciding'>();

  constructor(
    public readonly template: Template, private readonly stack: StackIdentity, given: Readonly<Record<string, string>>,
    private readonly stackTags: Readonly<Record<string, string>> = {},
  ) {
    for (const section of ['Transform', 'Hooks'] as const) {
      if (template[section] !== undefined) throw new TemplateError(section, 'is run by CloudFormation only; leave it out of what is deployed locally');
    }
    this.parameters = parameterValues(template, given);
    this.resources = new Map(Object.entries(template.Resources ?? {})
      .filter(([id, { Condition: name }]) => name === undefined || this.condition(name, `Resources.${id}.Condition`)));
    this.graph = this.buildGraph();
  }

  /** The properties of a resource, all that it refers to being there already. */
  public properties(logicalId: string, world: World): JsonObject {
    const { Type: type, Properties: properties = {} } = this.resources.get(logicalId)!;
    return withStackTags(type, evaluate(properties, this.scope(world), `Resources.${logicalId}.Properties`) as JsonObject, this.stackTags);
  }

  public outputs(world: World): OutputValue[] {
    return Object.entries(this.template.Outputs ?? {}).flatMap(([key, output]) => {
      const place = `Outputs.${key}`;
      if (output.Condition !== undefined && !this.condition(output.Condition, `${place}.Condition`)) return [];
      const value = this.outputText(output.Value, world, `${place}.Value`);
      const exportName = output.Export && this.outputText(output.Export.Name, world, `${place}.Export.Name`);
      // what is not set is left out, so that outputs compare equal to those read back from a state
      return [{ key, value, ...optional('description', output.Description), ...optional('exportName', exportName) }];
    });
  }

  private outputText(value: unknown, world: World, place: string): string {
    const evaluated = evaluate(value, this.scope(world), place);
    if (!['string', 'number', 'boolean'].includes(typeof evaluated)) {
      throw new TemplateError(place, `${JSON.stringify(evaluated) ?? 'AWS::NoValue'} is not a string`);
    }
    return String(evaluated);
  }

  private scope(world: World | undefined): Scope {
    const noResources = (place: string): never => {
      throw new TemplateError(place, 'a condition cannot refer to resources or to other stacks');
    };
    return {
      region: this.stack.region,
      ref: (name, place) => pseudoParameter(name, this.stack)
        ?? (Object.hasOwn(this.parameters, name) ? this.parameters[name] : undefined)
        ?? (this.resources?.has(name) && world ? world.physicalId(name, place) : undefined),
      attribute: (logicalId, name, place) => world?.attribute(logicalId, name, place) ?? noResources(place),
      importValue: (name, place) => world?.importValue(name, place) ?? noResources(place),
      condition: (name, place) => this.condition(name, place),
      mapping: (map, first, second) => this.template.Mappings?.[map]?.[first]?.[second],
    };
  }

  private condition(name: string, place: string): boolean {
    const known = this.decided.get(name);
    if (known === 'deciding') throw new TemplateError(place, `condition ${name} depends on itself`);
    if (known !== undefined) return known;
    const definition = this.template.Conditions?.[name];
    if (definition === undefined) throw new TemplateError(place, `the template has no condition ${name}`);
    this.decided.set(name, 'deciding');
    const truth = evaluateCondition(definition, this.scope(undefined), `Conditions.${name}`);
    this.decided.set(name, truth);
    return truth;
  }

  private isValue(name: string): boolean {
    return name === 'AWS::NoValue' || Object.hasOwn(this.parameters, name) || pseudoParameter(name, this.stack) !== undefined;
  }

  private buildGraph(): Graph {
    const decide = (name: string, place: string) => this.condition(name, place);
    const unresolved: string[] = [];
    const graph = new Map([...this.resources].map(([id, resource]) => {
      const place = `Resources.${id}`;
      const explicit = resource.DependsOn === undefined ? [] : [resource.DependsOn].flat();
      const needed = new Set<string>();
      for (const [name, at] of referencesOf(resource.Properties, decide, `${place}.Properties`)) {
        if (this.resources.has(name)) needed.add(name);
        else if (!this.isValue(name)) unresolved.push(`${name} (at ${at})`);
      }
      for (const name of explicit) {
        // a dependency whose condition does not hold is no dependency
        if (this.resources.has(name)) needed.add(name);
        else if (!Object.hasOwn(this.template.Resources ?? {}, name)) unresolved.push(`${name} (at ${place}.DependsOn)`);
      }
      return [id, needed] as const;
    }));
    for (const [key, output] of Object.entries(this.template.Outputs ?? {})) {
      if (output.Condition !== undefined && !decide(output.Condition, `Outputs.${key}.Condition`)) continue;
      for (const [name, at] of referencesOf([output.Value, output.Export?.Name], decide, `Outputs.${key}`)) {
        if (!this.resources.has(name) && !this.isValue(name)) unresolved.push(`${name} (at ${at})`);
      }
    }
    if (unresolved.length > 0) throw new TemplateError('Resources', `unresolved references to ${unresolved.join(', ')}`);
    const cycle = findCycle(graph);
    if (cycle) throw new TemplateError('Resources', `circular dependency ${cycle.join(' -> ')}`);
    return graph;
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { readonly [key in K]?: V };
}
