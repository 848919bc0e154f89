import { join } from 'node:path';
import { isObject, JsonObject } from '../json';
import { readJson } from './manifest';

/** A place of a bucket. */
export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

/** A file or directory that the assembly wants to see in a bucket. */
export interface FileAsset {
  readonly id: string;
  readonly displayName: string;
  /** Absolute. */
  readonly path: string;
  /** `zip`: a directory (or file) that is to be packed; `file`: goes up as it is. */
  readonly packaging: 'zip' | 'file';
  /** May hold `${AWS::AccountId}`, `${AWS::Region}` and `${AWS::Partition}`. */
  readonly destinations: readonly ObjectLocation[];
}

export interface Assets {
  readonly files: readonly FileAsset[];
  /** What images are called in the assembly. */
  readonly images: readonly string[];
}

/** The assets that one `*.assets.json` lists. */
export function readAssets(directory: string, file: string): Assets {
  const manifest = readJson(join(directory, file), 'an asset manifest is missing; run `cdk synth` again') as JsonObject;
  return {
    files: Object.entries(entriesOf(manifest.files)).flatMap(([id, asset]) => fileAsset(directory, id, asset)),
    images: Object.entries(entriesOf(manifest.dockerImages)).map(([id, image]) => String(image.displayName ?? id)),
  };
}

function fileAsset(directory: string, id: string, asset: JsonObject): FileAsset[] {
  const source = entriesOf({ source: asset.source }).source;
  // an asset that a command would make (`executable`) has no path: it is told when something needs it
  if (typeof source?.path !== 'string') return [];
  return [{
    id,
    displayName: String(asset.displayName ?? id),
    path: join(directory, source.path),
    packaging: source.packaging === 'zip' ? 'zip' : 'file',
    destinations: Object.values(entriesOf(asset.destinations)).map(({ bucketName, objectKey }) => ({
      bucket: String(bucketName), key: String(objectKey),
    })),
  }];
}

function entriesOf(value: unknown): Record<string, JsonObject> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, JsonObject] => isObject(entry[1])));
}
