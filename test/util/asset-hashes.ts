/** Keeps snapshots the same when the content of an asset changes. */
export const ASSET_HASH_MASK: Parameters<typeof expect.addSnapshotSerializer>[0] = {
  test: (value) => typeof value === 'string' && /[0-9a-f]{64}/.test(value),
  serialize: (value: string) => JSON.stringify(value.replace(/[0-9a-f]{64}/g, '<asset hash>')),
};
