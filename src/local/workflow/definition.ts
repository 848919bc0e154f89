import { DeployerError } from '../deployer/errors';
import { isObject, JsonObject, listed } from '../deployer/json';

/** A state of a definition, as it is written. */
export type StateDefinition = JsonObject & { readonly Type: string };

/** A state machine, or the processor of a Map, or a branch. */
export interface Definition extends JsonObject {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
}

/** A definition that the interpreter can run, and what has to be done for it. */
export interface PreparedDefinition {
  readonly definition: Definition;
  /** The tasks by the names of their states, those of branches among them. */
  readonly tasks: ReadonlyMap<string, StateDefinition>;
  /** Those that were Maps: each item is an execution of its own. */
  readonly maps: ReadonlyMap<string, StateDefinition>;
}

/** Stands for a part of the context object that the interpreter does not know, or knows otherwise: that of the state, and of a Map's own execution. */
export const CONTEXT_MARKS = {
  '$$.Execution.StartTime': '<the time at which the execution was started>',
  '$$.State.Name': '<the name of the state>',
  '$$.State.EnteredTime': '<the time at which the state was entered>',
  '$$.State.RetryCount': '<how often the state was retried>',
} as const;

/** The longest that a state may take where it says nothing, in seconds: what a timer of Node.js can wait. */
const LONGEST_SECONDS = 2_000_000;

/**
 * Makes a definition one that the interpreter can run: it knows no Distributed Map and no context object of the state.
 *
 * @throws DeployerError for what cannot be run locally
 */
export function prepare(definition: Definition, name: string): PreparedDefinition {
  const unknown = unknownParts(definition, '');
  if (unknown.length > 0) {
    throw new DeployerError(`state machine ${name} cannot be run locally, which takes JSONPath, as tasks have it by \`jsonPath\`: ${listed(unknown, 6)}`);
  }
  const tasks = new Map<string, StateDefinition>();
  const maps = new Map<string, StateDefinition>();
  return { definition: withTasks(definition, tasks, maps), tasks, maps };
}

/** What the interpreter would pass over. */
function unknownParts(definition: Definition, place: string): string[] {
  return [
    ...languageFaults(definition, place || 'the definition'),
    ...Object.entries(definition.States).flatMap(([state, value]) => [
      ...languageFaults(value, `state ${JSON.stringify(state)}`),
      ...('Assign' in value ? [`state ${JSON.stringify(state)} assigns variables`] : []),
      ...(isObject(value.ResultWriter) ? writerFaults(value.ResultWriter, state) : []),
      ...('ItemBatcher' in value ? [`state ${JSON.stringify(state)} has an ItemBatcher`] : []),
      ...innerDefinitions(value).flatMap((inner) => unknownParts(inner, state)),
    ]),
  ];
}

function languageFaults({ QueryLanguage: language }: JsonObject, place: string): string[] {
  return language === undefined || language === 'JSONPath' ? [] : [`${place} has QueryLanguage ${JSON.stringify(language)}`];
}

function writerFaults({ WriterConfig: config }: JsonObject, state: string): string[] {
  const { Transformation: transformation = 'NONE' } = isObject(config) ? config : {};
  return transformation === 'NONE' ? [] : [`state ${JSON.stringify(state)} writes results with Transformation ${JSON.stringify(transformation)}`];
}

function innerDefinitions({ Branches: branches, ItemProcessor: processor, Iterator: iterator }: JsonObject): Definition[] {
  const inner: readonly unknown[] = [...Array.isArray(branches) ? branches : [], processor, iterator];
  return inner.filter((value): value is Definition => isObject(value) && isObject(value.States));
}

function withTasks(definition: Definition, tasks: Map<string, StateDefinition>, maps: Map<string, StateDefinition>): Definition {
  const states = Object.entries(definition.States).map(([name, state]) => [name, withTask(name, state, tasks, maps)] as const);
  return { ...definition, States: Object.fromEntries(states) };
}

function withTask(name: string, state: StateDefinition, tasks: Map<string, StateDefinition>, maps: Map<string, StateDefinition>): StateDefinition {
  if (state.Type === 'Parallel') {
    return { ...state, Branches: (state.Branches as Definition[]).map((branch) => withTasks(branch, tasks, maps)) };
  }
  if (state.Type === 'Map') {
    maps.set(name, state);
    const { Parameters: _, ItemProcessor: _processor, Iterator: _iterator, ...kept } = state;
    return { TimeoutSeconds: LONGEST_SECONDS, ...kept, Type: 'Task', Resource: 'local:map' };
  }
  if (state.Type !== 'Task') return state;
  tasks.set(name, state);
  return { TimeoutSeconds: LONGEST_SECONDS, ...state, ...('Parameters' in state ? { Parameters: marked(state.Parameters) } : {}) };
}

/** A template with the marks in it. */
export function marked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(marked);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => {
    const mark = CONTEXT_MARKS[member as keyof typeof CONTEXT_MARKS];
    return mark !== undefined && key.endsWith('.$') ? [key.slice(0, -2), mark] : [key, marked(member)];
  }));
}

/** What marks stand for. */
export type ContextValues = Readonly<Partial<Record<keyof typeof CONTEXT_MARKS, string | number>>>;

/** A value with the marks filled in. */
export function filled(value: unknown, marks: ContextValues): unknown {
  const byMark = new Map(Object.entries(CONTEXT_MARKS).map(([path, mark]) => [mark as unknown, marks[path as keyof typeof CONTEXT_MARKS]]));
  const fill = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(fill);
    if (isObject(inner)) return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key, fill(member)]));
    return byMark.get(inner) ?? inner;
  };
  return fill(value);
}
