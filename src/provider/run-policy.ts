import { fingerprint } from './fingerprint';
import { LifecycleRequest } from './lifecycle';

/** What says which runtime in which state the command is run on; a command that is bound to versions runs for these only. */
const ABOUT_THE_RUNTIME = ['AgentRuntimeArn', 'AgentRuntimeVersion', 'Triggers'];

/** What says nothing about the run that a change of it could ask for. */
const NOT_ABOUT_THE_RUN = ['ServiceToken', 'ServiceTimeout', 'RunPolicy', 'OnDelete'];

/** Whether an update is to run the command. */
export function isDue({ properties, oldProperties }: LifecycleRequest): boolean {
  const differs = (counts: (name: string) => boolean) => chosen(properties, counts) !== chosen(oldProperties, counts);
  switch (properties.RunPolicy) {
    case 'ONCE': return false;
    case 'ON_RUNTIME_VERSION': return differs((name) => ABOUT_THE_RUNTIME.includes(name));
    default: return differs((name) => !NOT_ABOUT_THE_RUN.includes(name));
  }
}

/** Whether an update that is not to run the command may do so where it could not tell the last result otherwise. */
export function runsInDoubt({ properties: { RunPolicy } }: LifecycleRequest): boolean {
  return RunPolicy !== 'ONCE' && RunPolicy !== 'ON_RUNTIME_VERSION';
}

function chosen(properties: Readonly<Record<string, unknown>>, counts: (name: string) => boolean): string {
  return fingerprint(Object.fromEntries(Object.entries(properties).filter(([name]) => counts(name))));
}
