/** What happens to a deployment where its command fails, times out, cannot be started or loses its result. */
export enum CommandFailure {
  /** The deployment fails, and CloudFormation rolls it back. */
  FAIL = 'FAIL',

  /** The deployment goes on; the log of the provider says why the command failed, in a line whose notice is `warning`. */
  WARN = 'WARN',
}
