import { Command } from 'commander';

/** What can be written after some words of a command line. */
export interface CompletionNode {
  /** The subcommands that lead there: empty for the program itself, `local start` for one of its grandchildren. */
  readonly path: string;
  readonly commands: readonly CompletionWord[];
  readonly options: readonly CompletionOption[];
}

export interface CompletionWord {
  readonly word: string;
  readonly description: string;
}

export interface CompletionOption extends CompletionWord {
  /** All its forms, as `-f` and `--follow`. */
  readonly forms: readonly string[];
  readonly takesValue: boolean;
  /** The values that it can have, where it is one of some words. */
  readonly choices: readonly string[];
}

/** A program and all its subcommands, from what commander knows of them. */
export function completionTree(command: Command, path: readonly string[] = []): CompletionNode[] {
  const commands = command.createHelp().visibleCommands(command).filter((child) => child.name() !== 'help');
  return [
    {
      path: path.join(' '),
      commands: [
        ...commands.map((child) => ({ word: child.name(), description: child.description() })),
        // what an argument can be is completed as subcommands are
        ...(command.registeredArguments[0]?.argChoices ?? []).map((word) => ({ word, description: '' })),
      ],
      options: command.createHelp().visibleOptions(command).map(({ long, short, description, required, argChoices }) => ({
        word: long ?? short!,
        description,
        forms: [short, long].filter((form): form is string => form !== undefined),
        // one that may be left out is not waited for
        takesValue: required,
        choices: argChoices ?? [],
      })),
    },
    ...commands.flatMap((child) => completionTree(child, [...path, child.name()])),
  ];
}

/** Each word that leads on to a subcommand, with the path to it before it, and the path after it. */
export function commandsOf(nodes: readonly CompletionNode[]): { readonly at: string; readonly path: string }[] {
  return nodes.flatMap(({ path, commands }) => commands.map(({ word }) => ({ at: `${path} ${word}`, path: [path, word].filter(Boolean).join(' ') })));
}

/** Each form of an option that takes a value, with the path to it before it, and what the value can be. */
export function valuesOf(nodes: readonly CompletionNode[]): { readonly at: string; readonly choices: readonly string[] }[] {
  return nodes.flatMap(({ path, options }) => options.filter(({ takesValue }) => takesValue)
    .flatMap(({ forms, choices }) => forms.map((form) => ({ at: `${path} ${form}`, choices }))));
}

/** A word in single quotes, for a shell. */
export function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}
