import { CodeStore } from './code-store';
import { FUNCTION_DEFAULTS, LocalFunction } from './function';
import { ResourceRecord, StackState } from '../engine/state';
import { StateStore } from '../engine/state-store';
import { isObject, JsonObject } from '../json';

export const FUNCTION_TYPE = 'AWS::Lambda::Function';
export const EVENT_INVOKE_CONFIG_TYPE = 'AWS::Lambda::EventInvokeConfig';

/** Finds deployed functions, in all stacks. */
export class FunctionDirectory {
  constructor(private readonly store: StateStore, private readonly code: CodeStore) {}

  /** The function of an ARN, with or without a qualifier; undefined where no stack has it. */
  public find(arn: string): LocalFunction | undefined {
    const unqualified = arn.split(':').slice(0, 7).join(':');
    return this.first(({ attributes }) => attributes.Arn === unqualified);
  }

  /**
   * The function that a caller of Lambda means: by name, ARN, or an ARN that begins with the account, each with or without
   * a qualifier.
   *
   * @param region where the caller asks, for whatever is not a whole ARN; any if undefined
   */
  public findNamed(reference: string, region: string | undefined): LocalFunction | undefined {
    if (reference.startsWith('arn:')) return this.find(reference);
    const parts = reference.split(':');
    const [account, name] = parts[1] === 'function' ? [parts[0], parts[2]] : [undefined, parts[0]];
    return this.first(({ physicalId }, state) =>
      physicalId === name && (region ?? state.region) === state.region && (account ?? state.account) === state.account);
  }

  private first(isIt: (record: ResourceRecord, state: StackState) => boolean): LocalFunction | undefined {
    for (const state of this.store.all()) {
      const records = [...Object.values(state.resources), ...state.obsolete];
      // what is being made has no ARN yet
      const record = records.find((each) => each.type === FUNCTION_TYPE && each.attributes.Arn !== undefined && isIt(each, state));
      if (record) return this.functionOf(record, state);
    }
    return undefined;
  }

  private functionOf({ physicalId, properties, attributes, data }: ResourceRecord, state: StackState): LocalFunction {
    const name = physicalId!;
    const variables = member(member(properties, 'Environment'), 'Variables');
    return {
      name,
      arn: String(attributes.Arn),
      handler: String(properties.Handler ?? ''),
      runtime: String(properties.Runtime ?? 'none'),
      timeoutSeconds: Number(properties.Timeout ?? FUNCTION_DEFAULTS.timeoutSeconds),
      memoryMegabytes: Number(properties.MemorySize ?? FUNCTION_DEFAULTS.memoryMegabytes),
      environment: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
      logGroupName: String(member(properties, 'LoggingConfig').LogGroup ?? `/aws/lambda/${name}`),
      ...(typeof data?.code === 'string' ? { codeDirectory: this.code.directoryOf(data.code) } : {}),
      region: state.region,
      account: state.account,
      ...(typeof properties.Role === 'string' ? { roleArn: properties.Role } : {}),
      retryAttempts: retryAttempts(state, name, String(attributes.Arn)),
    };
  }
}

function retryAttempts(state: StackState, name: string, arn: string): number {
  const config = Object.values(state.resources).find(({ type, properties }) =>
    type === EVENT_INVOKE_CONFIG_TYPE && [name, arn].includes(String(properties.FunctionName)));
  return Number(config?.properties.MaximumRetryAttempts ?? FUNCTION_DEFAULTS.retryAttempts);
}

function member(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  return isObject(found) ? found : {};
}
