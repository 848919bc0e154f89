/**
 * Session life times of microVM runtimes, in seconds.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-settings.html
 */
export const LIFECYCLE_SECONDS = { min: 60, max: 28_800, defaultIdle: 900, defaultMax: 28_800 } as const;

/** The life times as sent to the service; both optional. */
export interface Lifecycle {
  readonly idleRuntimeSessionTimeout?: number;
  readonly maxLifetime?: number;
}

/** The life times with the service's defaults filled in: a short maximum alone pulls the idle time down with it. */
export function withLifecycleDefaults(wanted: Lifecycle = {}): Required<Lifecycle> {
  const maxLifetime = wanted.maxLifetime ?? LIFECYCLE_SECONDS.defaultMax;
  return {
    idleRuntimeSessionTimeout: wanted.idleRuntimeSessionTimeout ?? Math.min(LIFECYCLE_SECONDS.defaultIdle, maxLifetime),
    maxLifetime,
  };
}

/** What is wrong with a pair of life times. */
export function validateLifecycle(wanted: Lifecycle): string[] {
  const { idleRuntimeSessionTimeout: idle, maxLifetime: max } = withLifecycleDefaults(wanted);
  if (idle <= max) return [];
  return [`idleRuntimeSessionTimeout of ${idle} s must be less than or equal to maxLifetime of ${max} s`];
}

/** What is wrong with life times on a microVM: the model allows up to 14 days, which only Instances compute has. */
export function validateMicroVmLifecycle(wanted: Lifecycle): string[] {
  const { min, max } = LIFECYCLE_SECONDS;
  return (['idleRuntimeSessionTimeout', 'maxLifetime'] as const)
    .filter((name) => wanted[name] !== undefined && (wanted[name] < min || wanted[name] > max))
    .map((name) => `${name} of ${wanted[name]} s is not between ${min} and ${max} s, which is what a session on a microVM can have`);
}
