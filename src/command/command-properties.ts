import { randomUUID } from 'node:crypto';
import { Duration, Stack, Tokenization } from 'aws-cdk-lib';
import { Command } from './command';
import { CommandFailure } from './command-failure';
import { CommandRunnerProps } from './command-runner-props';
import { RunPolicy } from './run-policy';
import { CommandProperties, OnDeleteProperties } from '../provider/contract';
import { versionFor } from '../runtime/runtime-version';

/** What the template says of a command; what is left to its default stands nowhere, so that templates stay as they are. */
export function propertiesOf(stack: Stack, props: CommandRunnerProps, qualifier: string, timeout: Duration): CommandProperties {
  const { runtime, command, environment = {}, idempotent = false, runPolicy, triggers = {}, expectedExitCodes = [0], onFailure } = props;
  return defined({
    AgentRuntimeArn: runtime.runtimeRef.agentRuntimeArn,
    Qualifier: qualifier,
    // what changes with each version would only be looked at to find that nothing is to be run
    AgentRuntimeVersion: runPolicy === RunPolicy.ONCE ? undefined : versionFor(stack, runtime),
    ...wordsOf(command),
    WorkingDirectory: props.workingDirectory,
    Environment: Object.keys(environment).length > 0 ? environment : undefined,
    Timeout: seconds(timeout),
    Idempotent: idempotent ? 'true' : undefined,
    RunPolicy: runPolicy === RunPolicy.ON_CHANGE ? undefined : runPolicy,
    Nonce: runPolicy === RunPolicy.EVERY_DEPLOYMENT ? randomUUID() : undefined,
    Triggers: Object.keys(triggers).length > 0 ? triggers : undefined,
    ExpectedExitCodes: expectedExitCodes.join() === '0' ? undefined : expectedExitCodes.map((code) => Tokenization.stringifyNumber(code)),
    OnFailure: onFailure === CommandFailure.WARN ? onFailure : undefined,
    SessionId: props.sessionId,
    StopSession: props.stopSession === undefined ? undefined : String(props.stopSession),
    OnDelete: onDeleteOf(props, timeout),
  });
}

/** Without what is not there: the CDK would look at each of it, each time that it renders the resource. */
function defined<Properties extends object>(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Properties;
}

function onDeleteOf({ onDelete, onDeleteTimeout, onDeleteFailure }: CommandRunnerProps, timeout: Duration): OnDeleteProperties | undefined {
  if (!onDelete) return undefined;
  return {
    ...wordsOf(onDelete),
    Timeout: seconds(onDeleteTimeout ?? timeout),
    OnFailure: onDeleteFailure === CommandFailure.FAIL ? onDeleteFailure : undefined,
  };
}

function wordsOf({ _command: command }: Command): Pick<CommandProperties, 'Command' | 'Arguments'> {
  return typeof command === 'string' ? { Command: command } : { Arguments: command };
}

function seconds(duration: Duration): string {
  return Tokenization.stringifyNumber(duration.toSeconds());
}
