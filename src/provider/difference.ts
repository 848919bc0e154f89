import { withLifecycleDefaults } from '../service/lifecycle';
import { AGENT_RUNTIME_SHAPES } from '../service/model/agent-runtime';
import { normalizeMountPath } from '../service/mount-path';

/** Lists whose order means something; all others are sets that the service may return in any order. */
const ORDERED_LISTS = new Set(['CodeConfigurationEntryPointList']);

/** Members that no template can set. */
const SET_BY_SERVICE = new Set(['requireServiceS3Endpoint']);

/** Members that every update sends and that make a new version when they change. */
const COMPARED = Object.keys(AGENT_RUNTIME_SHAPES.UpdateAgentRuntimeRequest.members!)
  .filter((name) => !['agentRuntimeId', 'clientToken', 'metadataConfiguration'].includes(name));

type Configuration = Readonly<Record<string, unknown>>;

/**
 * The members in which a live runtime differs from the wanted configuration; an update is needed only if there are any.
 *
 * Both sides are brought into the form in which the service keeps them: defaults filled in, sets sorted, mount paths
 * without a trailing slash.
 */
export function differingMembers(wanted: Configuration, live: Configuration): string[] {
  return COMPARED.filter((name) => {
    // left out, the platform version stays what it is
    if (name === 'platformVersion' && wanted[name] === undefined) return false;
    return canonical(name, wanted[name]) !== canonical(name, live[name]);
  });
}

function canonical(name: string, value: unknown): string {
  const shape = AGENT_RUNTIME_SHAPES.UpdateAgentRuntimeRequest.members![name].shape;
  const form = sorted(shape, withDefaults(name, value));
  return isEmpty(form) ? 'absent' : JSON.stringify(form);
}

/** The service may tell what was never set as nothing, or as something without content. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

function withDefaults(name: string, value: unknown): unknown {
  switch (name) {
    case 'lifecycleConfiguration': return withLifecycleDefaults(value as object | undefined);
    case 'protocolConfiguration': return value ?? { serverProtocol: 'HTTP' };
    case 'networkConfiguration': return value ?? { networkMode: 'PUBLIC' };
    default: return value;
  }
}

function sorted(shapeName: string, value: unknown): unknown {
  const shape = AGENT_RUNTIME_SHAPES[shapeName];
  if (Array.isArray(value)) {
    const items = value.map((item) => sorted(shape.member!.shape, item));
    if (ORDERED_LISTS.has(shapeName)) return items;
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value === 'object' && value !== null) {
    const inner = (key: string) => (shape.type === 'map' ? shape.value!.shape : shape.members?.[key]?.shape);
    return Object.fromEntries(Object.entries(value)
      .filter(([key, item]) => item !== undefined && inner(key) !== undefined && !SET_BY_SERVICE.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(inner(key)!, item)]));
  }
  return shapeName === 'MountPath' ? normalizeMountPath(value as string) : value;
}
