import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { AssetHashType } from 'aws-cdk-lib';
import { AssetCode, Code } from 'aws-cdk-lib/aws-lambda';

/** Bundles do not change while an app is synthesized, and each stack has them. */
const hashes = new Map<string, string>();

/** A shipped bundle, hashed by its content alone, so that templates are the same on every machine. */
export function bundledCode(directory: string): AssetCode {
  const assetHash = hashes.get(directory) ?? hashOf(directory);
  hashes.set(directory, assetHash);
  return Code.fromAsset(directory, { assetHash, assetHashType: AssetHashType.CUSTOM });
}

function hashOf(directory: string): string {
  const file = path.join(directory, 'index.js');
  if (!existsSync(file)) throw new Error(`the bundle of a function is missing at ${file}; build it with \`npx projen bundle\``);
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
