import { Duration } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { measuringScript } from './measuring-script';
import { SessionStorage } from './session-storage';
import { Command } from '../command/command';
import { CommandRunner } from '../command/command-runner';

/** An instance of a capacity provider takes minutes to launch, a microVM seconds. */
const TIMEOUT = { instance: Duration.minutes(13), microVm: Duration.minutes(5) };

/** Part of the logical ids of deployed stacks: must never change. */
const ID = 'VerifySessionStorage';

/** Measures a storage in a session of a runtime at deployment; what was found is the standard output, as JSON. */
export function verifyMount(scope: Construct, runtime: IRuntimeRef, { mountPath, capacityProvider }: SessionStorage): CommandRunner {
  // a mixin may bring several: volumes of a capacity provider
  const before = scope.node.children.filter(({ node }) => node.id.startsWith(ID)).length;
  return new CommandRunner(scope, before === 0 ? ID : `${ID}${before + 1}`, {
    runtime,
    command: Command.shell(measuringScript(mountPath)),
    timeout: capacityProvider ? TIMEOUT.instance : TIMEOUT.microVm,
  });
}
