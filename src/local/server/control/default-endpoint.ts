import { ControlPlaneContext, transition } from './context';
import { newId } from './ids';
import { EndpointRecord, RuntimeRecord, VersionRecord } from './records';
import { liveVersionAt } from './transition';
import { DEFAULT_ENDPOINT } from '../../../service/names';

/** The endpoint that a runtime has from the start; it is the first in the runtime's list. */
export function newDefaultEndpoint(context: ControlPlaneContext, now: number, { version, failed }: VersionRecord): EndpointRecord {
  return {
    name: DEFAULT_ENDPOINT,
    id: newId(DEFAULT_ENDPOINT),
    createdAt: now,
    lastUpdatedAt: now,
    state: transition(context, now, 'CREATING', failed?.reason),
    targetVersion: version,
    tags: {},
  };
}

/** Lets DEFAULT follow a runtime's new version; it stays where it was if that version could not be made. */
export function moveDefaultEndpoint(context: ControlPlaneContext, now: number, runtime: RuntimeRecord, { version, failed }: VersionRecord): void {
  const [endpoint] = runtime.endpoints;
  endpoint.liveVersion = liveVersionAt(endpoint, now);
  endpoint.targetVersion = version;
  endpoint.lastUpdatedAt = now;
  endpoint.state = transition(context, now, 'UPDATING', failed?.reason);
}
