import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { AssetHashType } from 'aws-cdk-lib';
import { AssetCode, Code } from 'aws-cdk-lib/aws-lambda';

/** A shipped bundle, hashed by its content alone, so that templates are the same on every machine. */
export function bundledCode(directory: string): AssetCode {
  const file = path.join(directory, 'index.js');
  if (!existsSync(file)) throw new Error(`the bundle of a function is missing at ${file}; build it with \`npx projen bundle\``);
  const assetHash = createHash('sha256').update(readFileSync(file)).digest('hex');
  return Code.fromAsset(directory, { assetHash, assetHashType: AssetHashType.CUSTOM });
}
