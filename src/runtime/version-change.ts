/** What the deployment of a change does that would make a new version of a runtime. */
export enum VersionChange {
  /** The new version is made. */
  ALLOW = 'ALLOW',

  /**
   * The deployment fails with the names of the properties that differ, and the runtime stays as it is.
   *
   * It counts from the deployment after the one that adds it.
   */
  FAIL = 'FAIL',
}
