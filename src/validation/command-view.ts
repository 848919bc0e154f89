import { knownPart } from './intrinsics';
import { TemplateResource } from './template';
import { CommandLine } from '../service/command-line';

/** A part of a command that the service writes to a log. */
export interface LoggedText {
  /** Names it in a message. */
  readonly what: string;
  /** As the template has it. */
  readonly value: unknown;
  /** The name of the variable that it is the value of. */
  readonly variable?: string;
}

/** The command of a resource, and the one that runs before the resource goes, as far as the template tells all of their text. */
export function commandsIn({ properties }: TemplateResource): CommandLine[] {
  const { Command, Arguments, OnDelete, Environment, WorkingDirectory } = properties;
  const onDelete = (OnDelete ?? {}) as { readonly Command?: unknown; readonly Arguments?: unknown };
  const environment = knownPart(Environment);
  const workingDirectory = knownPart(WorkingDirectory);
  const texts = [...Object.values(isRecord(environment) ? environment : {}), workingDirectory].filter((text) => text !== undefined);
  if (!texts.every((text) => typeof text === 'string')) return [];
  return [Command ?? Arguments, onDelete.Command ?? onDelete.Arguments]
    .map(knownPart)
    .filter((command): command is CommandLine['command'] => typeof command === 'string' || (isTexts(command) && command.length > 0))
    .map((command) => ({
      command,
      environment: isRecord(environment) ? environment as Record<string, string> : undefined,
      workingDirectory: workingDirectory as string | undefined,
    }));
}

/** All parts of a command that end in its text. */
export function loggedTexts({ properties }: TemplateResource): LoggedText[] {
  const { Command, Arguments, WorkingDirectory, Environment, OnDelete } = properties;
  const onDelete = (OnDelete ?? {}) as { readonly Command?: unknown; readonly Arguments?: unknown };
  return [
    { what: 'command', value: Command ?? Arguments },
    { what: 'command on delete', value: onDelete.Command ?? onDelete.Arguments },
    { what: 'working directory', value: WorkingDirectory },
    ...(isRecord(Environment) ? Object.entries(Environment) : [])
      .map(([variable, value]) => ({ what: `environment variable ${variable}`, value, variable })),
  ].filter(({ value }) => value !== undefined);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
