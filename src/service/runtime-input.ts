import { FilesystemConfiguration, validateFilesystems } from './filesystems';
import { Lifecycle, validateLifecycle, validateMicroVmLifecycle } from './lifecycle';
import { createAgentRuntimeViolations } from './model/agent-runtime';
import { Violation } from './model/validate';

/** The members of CreateAgentRuntime's input that the rules between fields look at. */
export interface RuntimeInput {
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[];
  readonly networkConfiguration?: { readonly networkMode?: string };
  readonly capacityProviderConfiguration?: object;
  readonly lifecycleConfiguration?: Lifecycle;
}

/**
 * Everything that the service would refuse in the input of CreateAgentRuntime: each field by its shape, then the rules
 * between fields.
 */
export function runtimeInputViolations(input: object): Violation[] {
  const byShape = createAgentRuntimeViolations(input);
  return byShape.length > 0 ? byShape : crossFieldViolations(input as RuntimeInput);
}

/**
 * The rules between fields alone, for an input whose fields are each valid.
 *
 * @param volumes the names of the volumes that the capacity provider defines, where they are known
 */
export function crossFieldViolations(input: RuntimeInput, volumes?: readonly string[]): Violation[] {
  const at = (path: string) => (message: string): Violation => ({ path, message });
  const capacityProvider = input.capacityProviderConfiguration !== undefined;
  const lifeTimes = input.lifecycleConfiguration ?? {};
  return [
    ...validateFilesystems(input.filesystemConfigurations ?? [], {
      vpc: input.networkConfiguration?.networkMode === 'VPC',
      capacityProvider,
      volumes,
    }).map(at('filesystemConfigurations')),
    ...[...(capacityProvider ? [] : validateMicroVmLifecycle(lifeTimes)), ...validateLifecycle(lifeTimes)].map(at('lifecycleConfiguration')),
  ];
}
