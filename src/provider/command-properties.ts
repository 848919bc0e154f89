import { CommandProperties, OnDeleteProperties } from './contract';
import { InvalidPropertiesError } from './contract/properties';
import { parseRuntimeArn } from '../service/arn';
import { validateCommandText, validateCommandTimeout, validateCommandWords, validateExitCodes } from '../service/command';
import { CommandLine, composeCommandLine, validateEnvironment, validateWorkingDirectory } from '../service/command-line';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../service/names';
import { validateSessionId } from '../service/session-id';

type Raw = Readonly<Record<string, unknown>>;

/** What to run, where, and what its failure means. */
export interface Command {
  readonly runtimeArn: string;
  readonly qualifier: string;
  readonly line: CommandLine;
  readonly timeoutSeconds: number;
  readonly idempotent: boolean;
  readonly expectedExitCodes: readonly number[];
  /** Whether a failure is only told of. */
  readonly warns: boolean;
  /** The session of somebody else to run in. */
  readonly sessionId?: string;
  readonly stopsSession: boolean;
}

/**
 * The command of a resource. Checks again what synth checked, since tokens pass synth; also what runs on deletion, which
 * would be too late to refuse then.
 *
 * @throws InvalidPropertiesError with everything that is wrong
 */
export function parseCommand(raw: Raw): Command {
  const { Idempotent, ExpectedExitCodes, OnFailure, OnDelete } = raw as unknown as CommandProperties;
  const command = {
    ...parseCommon(raw),
    line: lineOf(raw, raw),
    idempotent: Idempotent === 'true',
    expectedExitCodes: (ExpectedExitCodes ?? ['0']).map(Number),
    warns: OnFailure === 'WARN',
  };
  const own = faultsOf(command);
  const faults = [
    ...own,
    ...validateExitCodes(command.expectedExitCodes),
    ...(OnDelete === undefined ? [] : faultsOf(onDelete(raw, OnDelete)).filter((fault) => !own.includes(fault)).map((fault) => `on delete: ${fault}`)),
  ];
  if (faults.length > 0) throw new InvalidPropertiesError(faults);
  return command;
}

/** The command that a resource runs before it goes; undefined where it has none. */
export function parseOnDelete(raw: Raw): Command | undefined {
  const { OnDelete } = raw as unknown as CommandProperties;
  if (OnDelete === undefined) return undefined;
  const command = onDelete(raw, OnDelete);
  const faults = faultsOf(command);
  if (faults.length > 0) throw new InvalidPropertiesError(faults);
  return command;
}

function onDelete(raw: Raw, properties: OnDeleteProperties): Command {
  const common = parseCommon(raw);
  const { Timeout = common.timeoutSeconds, OnFailure } = properties;
  return {
    ...common, timeoutSeconds: Number(Timeout), line: lineOf(raw, properties), idempotent: false, expectedExitCodes: [0], warns: OnFailure !== 'FAIL',
  };
}

function parseCommon(raw: Raw) {
  const { AgentRuntimeArn, Qualifier, Timeout, SessionId, StopSession } = raw as unknown as CommandProperties;
  return {
    runtimeArn: AgentRuntimeArn,
    qualifier: Qualifier ?? DEFAULT_ENDPOINT,
    timeoutSeconds: Number(Timeout),
    sessionId: SessionId,
    stopsSession: StopSession === undefined ? SessionId === undefined : StopSession === 'true',
  };
}

function lineOf(raw: Raw, { Command: text, Arguments: words }: OnDeleteProperties): CommandLine {
  const { WorkingDirectory: workingDirectory, Environment: environment } = raw as unknown as CommandProperties;
  return { command: words ?? text ?? '', workingDirectory, environment };
}

function faultsOf({ runtimeArn, qualifier, timeoutSeconds, sessionId, line }: Command): string[] {
  return [
    ...(parseRuntimeArn(runtimeArn) ? [] : [`AgentRuntimeArn ${JSON.stringify(runtimeArn)} is not the ARN of a runtime`]),
    ...validateEndpointName(qualifier),
    ...validateCommandTimeout(timeoutSeconds),
    ...(sessionId === undefined ? [] : validateSessionId(sessionId)),
    ...lineFaults(line),
  ];
}

function lineFaults(line: CommandLine): string[] {
  if (line.command.length === 0) return ['one of Command and Arguments is required, got neither'];
  const faults = [
    ...validateCommandWords(line.command),
    ...(line.workingDirectory === undefined ? [] : validateWorkingDirectory(line.workingDirectory)),
    ...validateEnvironment(line.environment ?? {}),
  ];
  return faults.length > 0 ? faults : validateCommandText(composeCommandLine(line));
}
