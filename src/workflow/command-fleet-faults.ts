import { Stack, Token } from 'aws-cdk-lib';
import { CommandFleetProps, FleetQuotas } from './command-fleet-props';
import { byRule } from '../runtime/rule-id';
import { FLEET_QUOTAS, quotaIn } from '../service/quotas';

/** The longest prefix of keys, in characters: the name of an execution and of a map run, and of a file come after it. */
const PREFIX_CHARACTERS = 500;

/** How many sessions a fleet begins in a second. */
export function startsPerSecondOf({ startsPerSecond, quotas = {} }: Pick<CommandFleetProps, 'startsPerSecond' | 'quotas'>): number {
  return startsPerSecond ?? quotas.newSessionsPerSecond ?? quotaIn(FLEET_QUOTAS.newSessions);
}

/** What is wrong with the properties of a fleet. */
export function fleetFaults(stack: Stack, props: CommandFleetProps): string[] {
  const { work, maxConcurrency, startsPerSecond, quotas = {}, resultsPrefix: prefix } = props;
  const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = props;
  return [
    ...work._work.faults(),
    ...byRule('fleetQuotas', quotaFaults(quotas)),
    ...byRule('fleetConcurrency', [
      ...(maxConcurrency === undefined || Token.isUnresolved(maxConcurrency) ? [] : concurrencyFaults(maxConcurrency, stack, quotas)),
      ...(startsPerSecond === undefined || Token.isUnresolved(startsPerSecond) ? [] : startFaults(startsPerSecond, quotas)),
    ]),
    ...byRule('fleetTolerance', [
      ...(count === undefined || Token.isUnresolved(count) || (Number.isSafeInteger(count) && count >= 0) ? []
        : [`toleratedFailureCount of ${count} is not a whole number from 0`]),
      ...(percentage === undefined || Token.isUnresolved(percentage) || (percentage >= 0 && percentage <= 100) ? []
        : [`toleratedFailurePercentage of ${percentage} is not from 0 to 100`]),
    ]),
    ...byRule('fleetResults', prefix === undefined || Token.isUnresolved(prefix) || /^[\w!.*()/-]*\/$/.test(prefix) && prefix.length <= PREFIX_CHARACTERS && !/^\/|\/\//.test(prefix) ? []
      : [`resultsPrefix ${JSON.stringify(prefix)} is no folder of S3; allowed are up to ${PREFIX_CHARACTERS} letters, digits and _-.!*()/, with a slash at the end and none at the beginning`]),
  ];
}

function quotaFaults(quotas: FleetQuotas): string[] {
  return Object.entries(quotas).flatMap(([name, value]) => (value === undefined || Token.isUnresolved(value) || value > 0 ? []
    : [`quotas.${name} of ${value} is not above 0`]));
}

function concurrencyFaults(maxConcurrency: number, stack: Stack, { activeSessions }: FleetQuotas): string[] {
  if (!Number.isSafeInteger(maxConcurrency) || maxConcurrency < 1) return [`maxConcurrency of ${maxConcurrency} is not a whole number from 1`];
  const ofMap = quotaIn(FLEET_QUOTAS.mapConcurrency);
  if (maxConcurrency > ofMap) return [`maxConcurrency of ${maxConcurrency} is above ${ofMap}, the most of one Distributed Map; declare several fleets`];
  if (Token.isUnresolved(activeSessions)) return [];
  const region = Token.isUnresolved(stack.region) ? undefined : stack.region;
  const allowed = activeSessions ?? quotaIn(FLEET_QUOTAS.activeSessions, region);
  if (maxConcurrency <= allowed) return [];
  return [`maxConcurrency of ${maxConcurrency} is above the quota of ${allowed} active sessions${region ? ` in ${region}` : ''}; allowed are 1 to ${allowed}. Where AWS has raised the quota, give it as quotas.activeSessions`];
}

function startFaults(startsPerSecond: number, quotas: FleetQuotas): string[] {
  if (Token.isUnresolved(quotas.newSessionsPerSecond)) return [];
  const allowed = startsPerSecondOf({ quotas });
  if (startsPerSecond > 0 && startsPerSecond <= allowed) return [];
  return [`startsPerSecond of ${startsPerSecond} is not above 0 and up to the quota of ${allowed} new sessions a second; where AWS has raised the quota, give it as quotas.newSessionsPerSecond`];
}
