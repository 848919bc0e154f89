import { MangleFault } from './deployment-faults';
import { isObject } from '../deployer/json';
import { CustomResourceEvent } from '../deployer/protocol/event';

type Container = Record<string, unknown>;

/**
 * Gives the properties of an event another shape.
 *
 * @returns the event, and what was done to it, in words; nothing was where that is empty
 */
export function mangle(event: CustomResourceEvent, fault: MangleFault): { event: CustomResourceEvent; done: readonly string[] } {
  const done: string[] = [];
  const mangled: Container = structuredClone({ ...event });
  for (const key of fault.in) {
    const properties = mangled[key];
    if (isObject(properties)) done.push(...reshape(properties as Container, fault).map((what) => `${what} in ${key}`));
  }
  if (fault.physicalId !== undefined && 'PhysicalResourceId' in mangled) {
    mangled.PhysicalResourceId = fault.physicalId;
    done.push(`PhysicalResourceId ${fault.physicalId}`);
  }
  return { event: mangled as unknown as CustomResourceEvent, done };
}

function reshape(properties: Container, { drop, rename, add, stringify }: MangleFault): string[] {
  const done: string[] = [];
  /** Does something to what stands at a path, if there is something. */
  const at = (path: string, what: string, change: (container: Container, key: string) => void) => {
    const place = find(properties, path);
    if (!place || !Object.hasOwn(place.container, place.key)) return;
    change(place.container, place.key);
    done.push(`${what} ${path}`);
  };
  stringify.forEach((path) => at(path, 'stringified', (container, key) => {
    if (typeof container[key] !== 'string') container[key] = JSON.stringify(container[key]);
  }));
  Object.entries(rename).forEach(([path, name]) => at(path, `renamed to ${name}:`, (container, key) => {
    container[name] = container[key];
    delete container[key];
  }));
  drop.forEach((path) => at(path, 'dropped', (container, key) => { delete container[key]; }));
  for (const [path, value] of Object.entries(add)) {
    const place = find(properties, path, true);
    if (!place) continue;
    place.container[place.key] = structuredClone(value);
    done.push(`added ${path}`);
  }
  return done;
}

/** What holds the last key of a path with dots; lists count from 0. */
function find(properties: Container, path: string, makeWay = false): { container: Container; key: string } | undefined {
  const keys = path.split('.');
  const key = keys.pop()!;
  let container = properties;
  for (const step of keys) {
    if (makeWay && container[step] === undefined) container[step] = {};
    const next = container[step];
    if (typeof next !== 'object' || next === null) return undefined;
    container = next as Container;
  }
  return { container, key };
}
