/**
 * When a deployment runs a command again that has run before; adding the command always runs it.
 *
 * `triggers` run it again too, with `ON_CHANGE` and `ON_RUNTIME_VERSION`.
 */
export enum RunPolicy {
  /**
   * When the command, its environment, directory, time-out, endpoint, session or expected exit codes change, or the
   * runtime gets a new version, or is another one.
   */
  ON_CHANGE = 'ON_CHANGE',

  /**
   * When the runtime gets a new version or is another one, and not for changes to the command itself.
   *
   * It takes a runtime that tells its version: one that is declared in the same stack.
   */
  ON_RUNTIME_VERSION = 'ON_RUNTIME_VERSION',

  /** Never again: one run in the life of the construct, whatever changes. Another construct id is another construct. */
  ONCE = 'ONCE',

  /**
   * Whatever runs it with `ON_CHANGE`, and every deployment.
   *
   * CloudFormation looks at a resource only when the template differs: each synth writes a random value into it, so that
   * every `cdk diff` shows a change, no deployment is empty, and snapshots of the template never match. To run it once per
   * commit or per release instead, name that in `triggers`.
   */
  EVERY_DEPLOYMENT = 'EVERY_DEPLOYMENT',
}
