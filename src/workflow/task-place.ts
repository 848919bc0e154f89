import { Duration, Stack, Token } from 'aws-cdk-lib';
import { IRuntimeEndpointRef, IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { JsonPath, QueryLanguage } from 'aws-cdk-lib/aws-stepfunctions';
import { IConstruct } from 'constructs';
import { validateAuthorizer } from '../command/authorizer';
import { endpointNameOf } from '../command/endpoint-name';
import { byRule } from '../runtime/rule-id';
import { DEFAULT_ENDPOINT, validateEndpointName } from '../service/names';
import { validateSessionId } from '../service/session-id';

/** Where a task does something; what is not said is the same for all tasks. */
export interface TaskPlace {
  readonly runtime: IRuntimeRef;
  readonly endpoint?: IRuntimeEndpointRef;
  readonly qualifier?: string;
  readonly sessionId?: string;
}

/** The name of the endpoint that is meant. */
export function qualifierOf({ endpoint, qualifier }: TaskPlace): string {
  return qualifier ?? (endpoint && endpointNameOf(endpoint)) ?? DEFAULT_ENDPOINT;
}

/** Whether a text is known only when a state runs, or only at deployment. */
export function isExpression(text: string): boolean {
  return Token.isUnresolved(text) || /^\s*\{%.*%\}\s*$/s.test(text);
}

/** What is wrong with where a task does something. */
export function placeFaults({ runtime, endpoint, qualifier, sessionId }: TaskPlace): string[] {
  return [
    ...byRule('endpointName', qualifier === undefined || Token.isUnresolved(qualifier) ? [] : validateEndpointName(qualifier)),
    ...byRule('commandEndpoint', [
      ...(endpoint && qualifier !== undefined ? ['endpoint and qualifier both say where to run; leave one of them out'] : []),
      ...(endpoint && endpointNameOf(endpoint) === undefined ? ['endpoint does not tell its name; give the name as qualifier'] : []),
    ]),
    ...byRule('commandSession', sessionId === undefined || isExpression(sessionId) ? [] : validateSessionId(sessionId)),
    ...byRule('commandAuthorizer', validateAuthorizer(runtime)),
  ];
}

/** What is wrong with a time that something may take. */
export function durationFaults(name: string, duration: Duration | undefined, maxSeconds: number): string[] {
  if (!duration || duration.isUnresolved()) return [];
  const seconds = duration.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= maxSeconds) return [];
  return byRule('workflowTimeout', [`${name} of ${seconds} s is not a whole number from 1 to ${maxSeconds} s`]);
}

/** The place as the function takes it. */
export function renderPlace(place: TaskPlace): Record<string, unknown> {
  return { runtimeArn: place.runtime.runtimeRef.agentRuntimeArn, qualifier: qualifierOf(place), sessionId: place.sessionId };
}

/** Which visit of which state asks, as the context object tells it. */
export function renderVisit(queryLanguage: QueryLanguage): Record<string, unknown> {
  if (queryLanguage === QueryLanguage.JSONATA) {
    const context = (path: string) => `{% $states.context.${path} %}`;
    return {
      execution: context('Execution.Id'),
      state: context('State.Name'),
      enteredTime: context('State.EnteredTime'),
      retryCount: context('State.RetryCount'),
    };
  }
  return {
    execution: JsonPath.stringAt('$$.Execution.Id'),
    state: JsonPath.stringAt('$$.State.Name'),
    enteredTime: JsonPath.stringAt('$$.State.EnteredTime'),
    retryCount: JsonPath.numberAt('$$.State.RetryCount'),
  };
}

/** The words of a command as a state hands them on: a list of which some are known only when the state runs takes a function. */
export function renderCommand(scope: IConstruct, command: string | readonly string[], queryLanguage: QueryLanguage): unknown {
  if (typeof command === 'string' || queryLanguage === QueryLanguage.JSONATA) return command;
  const holdsPath = command.some((word) => Token.isUnresolved(word) && String(Stack.of(scope).resolve(word)).startsWith('$'));
  return holdsPath ? JsonPath.array(...command) : command;
}
