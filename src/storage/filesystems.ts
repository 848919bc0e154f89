import { Token } from 'aws-cdk-lib';
import { CapacityProvider } from './capacity-provider';
import { ICapacityProvider } from './capacity-provider-base';
import { Mount } from './mount';
import { SessionStorage } from './session-storage';
import { byRule } from '../runtime/rule-id';
import {
  FilesystemSketch, mountPathOf, validateFilesystemCompute, validateFilesystemCounts, validateFilesystemNetwork, validateMountPaths,
  validateVolumeNames,
} from '../service/filesystems';
import { AGENT_RUNTIME_SHAPES } from '../service/model/agent-runtime';
import { violations } from '../service/model/validate';

/** What the sessions of a runtime are to find under `/mnt`. */
export interface Filesystems {
  readonly sessionStorage?: SessionStorage;
  readonly mounts?: readonly Mount[];
  readonly capacityProvider?: ICapacityProvider;
}

/** All mounts, the session storage first. */
export function mountsOf({ sessionStorage, mounts = [] }: Filesystems): Mount[] {
  return [...sessionStorage ? [sessionStorage._mount] : [], ...mounts];
}

/** The capacity provider that the runtime is to run on: that of its session storage, unless it names one itself. */
export function capacityProviderOf({ sessionStorage, capacityProvider }: Filesystems): ICapacityProvider | undefined {
  return capacityProvider ?? sessionStorage?.capacityProvider;
}

/** What is wrong with filesystems by themselves, whatever else the runtime has. */
export function validateOwn(filesystems: Filesystems): string[] {
  const { sessionStorage, capacityProvider } = filesystems;
  const wanted = sessionStorage?.capacityProvider;
  const runsOn = capacityProviderOf(filesystems);
  const mounts = mountsOf(filesystems);
  return [
    ...byRule('capacityProvider', wanted && capacityProvider && wanted !== capacityProvider
      ? [`sessionStorage is on capacity provider ${wanted.node.path}, but capacityProvider is ${capacityProvider.node.path}; a runtime runs on one of them`]
      : []),
    ...byRule('serviceModel', mounts.flatMap(validateShape)),
    ...byRule('volume', validateVolumeNames(mounts.map(sketch), runsOn instanceof CapacityProvider ? runsOn.volumeNames : undefined)),
  ];
}

/** What is wrong with filesystems that are all that a runtime mounts; rules that look at more than one of them, or at the runtime. */
export function validateTogether(filesystems: Filesystems, { vpc }: { readonly vpc: boolean }): string[] {
  const sketches = mountsOf(filesystems).map(sketch);
  const capacityProvider = capacityProviderOf(filesystems) !== undefined;
  return [
    ...byRule('filesystemCount', validateFilesystemCounts(sketches)),
    ...byRule('filesystemCompute', validateFilesystemCompute(sketches, capacityProvider)),
    ...byRule('filesystemNetwork', validateFilesystemNetwork(sketches, { vpc, capacityProvider })),
    ...byRule('mountPath', validateMountPaths(sketches.map(mountPathOf))),
  ];
}

/** Only what is known: no tokens. */
function sketch({ mountPath, _source: { kind, members } }: Mount): FilesystemSketch {
  const known = (value: string | undefined) => (Token.isUnresolved(value) ? undefined : value);
  return { [kind]: { mountPath: known(mountPath), volumeName: known(members.volumeName) } };
}

/** Each member by the service's model; mount paths are checked by the rules for all mounts together. */
function validateShape({ _source: { kind, members } }: Mount): string[] {
  const shape = AGENT_RUNTIME_SHAPES[AGENT_RUNTIME_SHAPES.FilesystemConfiguration.members![kind].shape];
  return Object.entries(members).flatMap(([name, value]) => {
    if (Token.isUnresolved(value)) return [];
    return violations(AGENT_RUNTIME_SHAPES, shape.members![name].shape, value).map(({ message }) => `${kind}.${name}: ${message}`);
  });
}
