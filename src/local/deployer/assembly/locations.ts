import { AssemblyStack } from './assembly';
import { FileAsset, ObjectLocation } from './assets';
import { resolvePlaceholders, StackIdentity } from '../template/pseudo';

/** Where a stack is deployed to. */
export type Environment = Pick<StackIdentity, 'account' | 'region'>;

/** The file asset for a place of a bucket; undefined if the assembly has none for it. */
export type AssetLookup = (location: ObjectLocation) => FileAsset | undefined;

/** A file asset and one of the places where it belongs. */
export interface Publication {
  readonly asset: FileAsset;
  readonly location: ObjectLocation;
}

/** All places of a stack's file assets, with the placeholders filled in. */
export function locationsOf(stack: AssemblyStack, environment: Environment): Publication[] {
  return stack.assets.files.flatMap((asset) => asset.destinations.map(({ bucket, key }) => ({
    asset, location: { bucket: resolvePlaceholders(bucket, environment), key: resolvePlaceholders(key, environment) },
  })));
}

/** Finds the file assets of a stack. */
export function assetLookup(stack: AssemblyStack, environment: Environment): AssetLookup {
  const assets = new Map(locationsOf(stack, environment).map(({ asset, location }) => [`${location.bucket}/${location.key}`, asset]));
  return ({ bucket, key }) => assets.get(`${bucket}/${key}`);
}
