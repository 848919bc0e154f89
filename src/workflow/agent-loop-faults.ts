import { Duration, Stack } from 'aws-cdk-lib';
import { AgentLoopProps, LoopBudget, LoopCommand } from './agent-loop-props';
import { durationFaults, placeFaults } from './task-place';
import { lineFaultsOf, secretFaultsOf } from '../command/command-faults';
import { byRule } from '../runtime/rule-id';
import { COMMAND_TIMEOUT_SECONDS } from '../service/command';
import { MAX_AGENT_SECONDS } from '../workflow-handler/contract';

/** How many rounds an execution may have: its history holds 25,000 events. */
export const MAX_ITERATIONS = 100;

const MAX_COMMANDS = 10;
const MAX_SECONDS = Duration.days(7).toSeconds();
const OBSERVATION = { min: 500, max: 100_000 } as const;

/** What is wrong with the properties of a loop. */
export function loopFaults(stack: Stack, props: AgentLoopProps): string[] {
  const { gates, finish = [], budget, agentTimeout, observationCharacters: characters } = props;
  const { min, max } = OBSERVATION;
  return [
    ...placeFaults(props),
    ...byRule('loopGates', gates.length >= 1 && gates.length <= MAX_COMMANDS ? []
      : [`gates has ${gates.length} commands, allowed are 1 to ${MAX_COMMANDS}; without a gate nothing tells when the work is done`]),
    ...byRule('loopFinish', finish.length <= MAX_COMMANDS ? [] : [`finish has ${finish.length} commands, allowed are up to ${MAX_COMMANDS}; put several into one script`]),
    ...gates.flatMap((gate, i) => commandFaults(stack, `gate ${i + 1}`, gate)),
    ...finish.flatMap((command, i) => commandFaults(stack, `finish ${i + 1}`, command)),
    ...byRule('loopNames', doubleNames([...gates, ...finish])),
    ...budgetFaults(budget),
    ...durationFaults('agentTimeout', agentTimeout, MAX_AGENT_SECONDS),
    ...byRule('workflowObservation', characters === undefined || (Number.isInteger(characters) && characters >= min && characters <= max) ? []
      : [`observationCharacters of ${characters} is not a whole number from ${min} to ${max}`]),
  ];
}

function commandFaults(stack: Stack, what: string, { command, name, timeout, ...surroundings }: LoopCommand): string[] {
  return [
    ...lineFaultsOf(command._command, surroundings),
    ...secretFaultsOf(stack, { command: command._command }, surroundings),
    ...durationFaults('timeout', timeout, COMMAND_TIMEOUT_SECONDS.max),
    ...byRule('loopNames', name === undefined || /^[\w .:()/-]{1,60}$/.test(name) ? []
      : [`name ${JSON.stringify(name)} has other characters than letters, digits, spaces and _.:()/-, or more than 60, or none`]),
  ].map((fault) => `${what}: ${fault}`);
}

function doubleNames(commands: readonly LoopCommand[]): string[] {
  const names = commands.flatMap(({ name }) => name ?? []);
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map((name) => `name ${JSON.stringify(name)} is there more than once; states need names of their own`);
}

function budgetFaults({ iterations, duration, tokens }: LoopBudget): string[] {
  const isCount = (value: number, max: number) => Number.isSafeInteger(value) && value >= 1 && value <= max;
  return [
    ...byRule('loopBudget', [
      ...(iterations === undefined && duration === undefined && tokens === undefined
        ? ['budget is empty, so that nothing would end a loop whose gates do not pass; give iterations, a duration or tokens'] : []),
      ...(iterations === undefined || isCount(iterations, MAX_ITERATIONS) ? [] : [`iterations of ${iterations} is not a whole number from 1 to ${MAX_ITERATIONS}`]),
      ...(tokens === undefined || isCount(tokens, Number.MAX_SAFE_INTEGER) ? [] : [`tokens of ${tokens} is not a whole number from 1`]),
    ]),
    ...durationFaults('budget.duration', duration, MAX_SECONDS),
  ];
}
