import { Duration, Stack, Token } from 'aws-cdk-lib';
import { validateAuthorizer } from './authorizer';
import { Command } from './command';
import { CommandRunnerProps } from './command-runner-props';
import { endpointNameOf } from './endpoint-name';
import { RunPolicy } from './run-policy';
import { validateNoSecret } from './secrets';
import { byRule } from '../runtime/rule-id';
import { versionFor } from '../runtime/runtime-version';
import { validateCommandText, validateCommandTimeout, validateCommandWords, validateExitCodes } from '../service/command';
import { composeCommandLine, validateEnvironment, validateWorkingDirectory } from '../service/command-line';
import { validateEndpointName } from '../service/names';
import { validateSessionId } from '../service/session-id';

/** What is wrong with the properties of a runner; what is a token is checked by the provider. */
export function faultsOf(stack: Stack, props: CommandRunnerProps): string[] {
  const { command, timeout, endpoint, qualifier, sessionId, expectedExitCodes = [0] } = props;
  return [
    ...lineFaultsOf(command._command, props),
    ...timeoutFaults(timeout),
    ...(known(qualifier) ? byRule('endpointName', validateEndpointName(qualifier)) : []),
    ...byRule('commandEndpoint', [
      ...(endpoint && qualifier !== undefined ? ['endpoint and qualifier both say where to run; leave one of them out'] : []),
      ...(endpoint && endpointNameOf(endpoint) === undefined ? ['endpoint does not tell its name; give the name as qualifier, and the endpoint to executeAfter'] : []),
    ]),
    ...(known(sessionId) ? byRule('commandSession', validateSessionId(sessionId)) : []),
    ...(Token.isUnresolved(expectedExitCodes) ? []
      : byRule('commandExitCodes', validateExitCodes(expectedExitCodes.map((code) => (Token.isUnresolved(code) ? 0 : code))))),
    ...byRule('runPolicy', policyFaults(stack, props)),
    ...onDeleteFaults(props),
  ];
}

/** What a command is given besides its words. */
export type CommandSurroundings = Pick<CommandRunnerProps, 'workingDirectory' | 'environment'>;

/** What is wrong with a command, its directory and its environment, as far as they are no tokens. */
export function lineFaultsOf(command: Command['_command'], surroundings: CommandSurroundings): string[] {
  const { workingDirectory, environment = {} } = surroundings;
  return [
    ...commandFaults(command, surroundings),
    ...(known(workingDirectory) ? byRule('commandWorkingDirectory', validateWorkingDirectory(workingDirectory)) : []),
    ...byRule('commandEnvironment', validateEnvironment(
      Object.fromEntries(Object.entries(environment).filter(([name]) => known(name)).map(([name, value]) => [name, known(value) ? value : ''])),
    )),
  ];
}

/** What is wrong, and can become wrong after the command is declared. */
export function lateFaultsOf(stack: Stack, props: CommandRunnerProps): string[] {
  const { runtime, command, onDelete } = props;
  return [
    ...secretFaultsOf(stack, { command: wordsOf(command._command), ...(onDelete ? { onDelete: wordsOf(onDelete._command) } : {}) }, props),
    ...byRule('commandAuthorizer', validateAuthorizer(runtime)),
  ];
}

/**
 * Secrets that would be written to a log.
 *
 * @param words by what they are called in messages
 */
export function secretFaultsOf(
  stack: Stack, words: Readonly<Record<string, string | readonly string[]>>, { workingDirectory, environment = {} }: CommandSurroundings,
): string[] {
  return byRule('commandSecret', [
    ...Object.entries(words).flatMap(([what, texts]) => wordsOf(texts).flatMap((word) => validateNoSecret(stack, what, word)).slice(0, 1)),
    ...(workingDirectory === undefined ? [] : validateNoSecret(stack, 'working directory', workingDirectory)),
    ...Object.entries(environment).flatMap(([name, value]) => validateNoSecret(stack, `environment variable ${name}`, value)),
  ]);
}

/** With directory and environment, since all of it is sent as one text. */
function commandFaults(command: Command['_command'], { workingDirectory, environment = {} }: CommandSurroundings): string[] {
  const words = wordsOf(command);
  const faults = byRule('commandText', validateCommandWords(words));
  const texts = [...words, ...workingDirectory === undefined ? [] : [workingDirectory], ...Object.values(environment)];
  // how long a command is cannot be told while parts of it are tokens
  if (faults.length > 0 || !texts.every(known)) return faults;
  return byRule('commandText', validateCommandText(composeCommandLine({ command, workingDirectory, environment })));
}

export function timeoutFaults(timeout?: Duration): string[] {
  return timeout && !timeout.isUnresolved() ? byRule('commandTimeout', validateCommandTimeout(timeout.toSeconds({ integral: false }))) : [];
}

function policyFaults(stack: Stack, { runtime, runPolicy = RunPolicy.ON_CHANGE, triggers = {} }: CommandRunnerProps): string[] {
  const inVain = runPolicy === RunPolicy.ONCE || runPolicy === RunPolicy.EVERY_DEPLOYMENT;
  return [
    ...(inVain && Object.keys(triggers).length > 0 ? [`triggers have no effect with run policy ${runPolicy}; leave them out, or use RunPolicy.ON_CHANGE`] : []),
    ...(runPolicy === RunPolicy.ON_RUNTIME_VERSION && versionFor(stack, runtime) === undefined
      ? [`run policy is ${runPolicy}, but runtime ${runtime.node.path} tells no version to this stack: it is imported, or of another stack; use RunPolicy.ON_CHANGE with triggers`]
      : []),
  ];
}

function onDeleteFaults(props: CommandRunnerProps): string[] {
  const { onDelete, onDeleteTimeout, onDeleteFailure } = props;
  if (onDelete) return [...commandFaults(onDelete._command, props), ...timeoutFaults(onDeleteTimeout)].map((fault) => `onDelete: ${fault}`);
  return byRule('commandOnDelete', Object.entries({ onDeleteTimeout, onDeleteFailure })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `${name} is about onDelete, which is not there; leave it out, or say what to run on deletion`));
}

function wordsOf(command: Command['_command']): readonly string[] {
  return typeof command === 'string' ? [command] : command;
}

/** Whether a text is there and is no token. */
function known(text: string | undefined): text is string {
  return text !== undefined && !Token.isUnresolved(text);
}
