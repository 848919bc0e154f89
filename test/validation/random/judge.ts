import { Configuration, Drawn } from './configuration';
import { MAX_WATCHED_COMMAND_SECONDS } from '../../../src/provider/contract';
import { toRuntimeConfiguration } from '../../../src/provider/contract/properties';
import { composeCommandLine } from '../../../src/service/command-line';
import { DATA_PLANE_SHAPES } from '../../../src/service/model/data-plane';
import { describe, violations } from '../../../src/service/model/validate';
import { validateSessionId } from '../../../src/service/session-id';
import { TemplateJson } from '../../util/stacks';

/** What is wrong with a message about a configuration: it has to name rule and value. */
export function faultsOfMessage(message: string, configuration: Configuration): string[] {
  return [
    ...(/\[rule: cdk-agentcore-runtime:[a-z][A-Za-z]+\]/.test(message) ? [] : ['names no rule']),
    ...(namesValue(message, configuration) ? [] : ['names no value']),
  ];
}

/** Faults between several values, which tell them in words of their own. */
const BETWEEN_VALUES = new RegExp([
  /\d+ filesystems/, /got PUBLIC/, /is used twice/, /need a capacity provider/, /is FAIL/, /with run policy (ONCE|EVERY_DEPLOYMENT)/,
  /authorizes callers by JWT/, /of \d+ s must be less than or equal/, /has \d+ characters once it is wrapped/, /which are \d+ characters/, /^script /,
].map(({ source }) => source).join('|'));

function namesValue(message: string, configuration: Configuration): boolean {
  return BETWEEN_VALUES.test(message) || oddValuesIn(configuration).flatMap(renditions).some((rendition) => message.includes(rendition));
}

function oddValuesIn(part: unknown): unknown[] {
  if (typeof part !== 'object' || part === null) return [];
  if (!('odd' in part && 'value' in part)) {
    // a variable whose value must not be shown is named
    const { name, value } = part as { readonly name?: Drawn<string>; readonly value?: Drawn<string> };
    return [...Object.values(part).flatMap(oddValuesIn), ...name && value?.odd ? [name.value] : []];
  }
  if (!part.odd) return [];
  return Array.isArray(part.value) ? [part.value, ...part.value as unknown[]] : [part.value];
}

/** The forms in which a message may name a value: as it is, shortened, or by its length where it is long or must not be shown. */
function renditions(value: unknown): string[] {
  if (typeof value === 'number') return [`${value}`, `${value / 1000}`];
  if (Array.isArray(value)) return [`${value.length} members`, ...value.length === 0 ? ['no exit code'] : []];
  const text = String(value);
  // the official runtime tells the last part of an ARN
  const [lastPart] = text.split('/').slice(-1);
  return [
    describe(text), JSON.stringify(text), `'${text}'`, `${[...text].length} characters`, ...[text, lastPart].filter(({ length }) => length >= 2),
    ...text.trim() === '' ? ['is empty'] : [], ...text.includes('\0') ? ['null character'] : [],
  ];
}

/** What the service would refuse of what a template asks for. */
export function refusedByService({ Resources }: TemplateJson): string[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) => {
    if (Type === 'Custom::AgentCoreRuntime' || Type === 'AWS::BedrockAgentCore::Runtime') return refusedRuntime(Properties);
    return Type === 'Custom::AgentCoreCommand' ? refusedCommand(Properties) : [];
  });
}

function refusedRuntime(properties: Record<string, unknown>): string[] {
  try {
    toRuntimeConfiguration(filledIn(properties, '') as Record<string, unknown>);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Stands for what CloudFormation fills in, where that is no matter of the configuration. */
const FILLED_IN: Readonly<Record<string, string>> = {
  '.ServiceToken': 'arn:aws:lambda:us-west-2:123456789012:function:provider',
  '.RoleArn': 'arn:aws:iam::123456789012:role/agent',
  '.NetworkConfiguration.NetworkModeConfig.SecurityGroups.0': 'sg-12345678',
};

export function filledIn(value: unknown, at = ''): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item, i) => filledIn(item, `${at}.${i}`));
  if (Object.keys(value).some((name) => /^(Ref$|Fn::)/.test(name))) {
    if (!Object.hasOwn(FILLED_IN, at)) throw new Error(`nothing stands for what is at ${at}`);
    return FILLED_IN[at];
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filledIn(item, `${at}.${name}`)]));
}

function refusedCommand(properties: Record<string, any>): string[] {
  const { Command, Arguments, Environment, WorkingDirectory, Timeout, OnDelete, SessionId } = properties;
  const body = (command: string | string[], timeout: number) => violations(DATA_PLANE_SHAPES, 'InvokeAgentRuntimeCommandRequestBody', {
    command: composeCommandLine({ command, environment: Environment, workingDirectory: WorkingDirectory }), timeout,
  });
  const seconds = Number(Timeout);
  return [
    ...body(Command ?? Arguments, seconds).map(({ path, message }) => `${path}: ${message}`),
    ...(OnDelete ? body(OnDelete.Command ?? OnDelete.Arguments, MAX_WATCHED_COMMAND_SECONDS).map(({ path, message }) => `OnDelete ${path}: ${message}`) : []),
    // the model has no range for it, the documentation has
    ...(Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600 ? [] : [`timeout ${Timeout}`]),
    ...(SessionId === undefined ? [] : validateSessionId(SessionId)),
  ];
}
