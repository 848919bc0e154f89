/** What is masked in a snapshot besides what changes with the version of this library. */
export interface SnapshotOptions {
  /**
   * Whether the hashes of all assets are masked: also those of one's own code, which change with that code.
   *
   * @default false
   */
  readonly allAssets?: boolean;
}
