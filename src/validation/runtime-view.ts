import { knownPart } from './intrinsics';
import { TemplateResource } from './template';
import { readRuntimeProperties } from '../provider/contract/properties';
import { FilesystemConfiguration, mountPathOf } from '../service/filesystems';
import { Lifecycle } from '../service/lifecycle';
import { createAgentRuntimeViolations } from '../service/model/agent-runtime';
import { UNKNOWN, Violation } from '../service/model/validate';

/** The properties of a runtime in the shape of the API, as far as the template tells them. */
export interface RuntimeView {
  readonly filesystems: readonly FilesystemConfiguration[];
  readonly mountPaths: readonly string[];
  /** Undefined where only the deployment tells. */
  readonly vpc?: boolean;
  /** Undefined where only the deployment tells. */
  readonly capacityProvider?: boolean;
  /** Without what only the deployment tells. */
  readonly lifecycle: Lifecycle;
  /** Whether the deployment tells a life time. */
  readonly lifecycleUnknown: boolean;
  readonly tagKeys: readonly string[];
  /** What the service's model refuses, shape by shape. */
  readonly violations: readonly Violation[];
  /** Properties that the service's model does not know. */
  readonly unknownProperties: readonly string[];
}

const views = new WeakMap<TemplateResource, RuntimeView>();

/** What rules look at in a runtime; read once per resource. */
export function runtimeView(resource: TemplateResource): RuntimeView {
  const view = views.get(resource) ?? readRuntime(resource);
  views.set(resource, view);
  return view;
}

function readRuntime({ properties }: TemplateResource): RuntimeView {
  const { input, unknown, mistyped } = readRuntimeProperties(knownPart(properties) as Record<string, unknown>);
  const filesystems = (Array.isArray(input.filesystemConfigurations) ? input.filesystemConfigurations as unknown[] : [])
    .filter((item): item is FilesystemConfiguration => isRecord(item));
  const { networkConfiguration: network, capacityProviderConfiguration: provider } = input;
  const lifecycle = isRecord(input.lifecycleConfiguration) ? Object.entries(input.lifecycleConfiguration) : [];
  return {
    filesystems,
    mountPaths: filesystems.map(mountPathOf).filter((path) => typeof path === 'string'),
    vpc: network === UNKNOWN || (isRecord(network) && network.networkMode === UNKNOWN) ? undefined : isRecord(network) && network.networkMode === 'VPC',
    capacityProvider: provider === UNKNOWN ? undefined : provider !== undefined,
    lifecycle: Object.fromEntries(lifecycle.filter(([, value]) => typeof value === 'number')),
    lifecycleUnknown: (input.lifecycleConfiguration as unknown) === UNKNOWN || lifecycle.some(([, value]) => value === UNKNOWN),
    tagKeys: isRecord(input.tags) ? Object.keys(input.tags) : [],
    violations: [...mistyped.map((message) => ({ path: '', message })), ...createAgentRuntimeViolations(input)],
    unknownProperties: unknown,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
