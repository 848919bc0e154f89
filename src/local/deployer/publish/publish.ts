import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Publication } from '../assembly/locations';
import { DeployerError, networkReason } from '../errors';
import { zipDirectory } from './zip';

/**
 * Uploads a file asset to the local AgentCore's objects, which stand in for S3.
 *
 * @throws DeployerError naming the asset
 */
export async function publish(endpoint: string, { asset, location }: Publication): Promise<void> {
  const path = [location.bucket, ...location.key.split('/')].map(encodeURIComponent).join('/');
  let response: Response;
  try {
    const isDirectory = (await stat(asset.path)).isDirectory();
    const content = isDirectory ? await zipDirectory(asset.path) : createReadStream(asset.path);
    response = await fetch(new URL(`_local/objects/${path}`, `${endpoint}/`), { method: 'PUT', body: Readable.toWeb(content), duplex: 'half' });
  } catch (error) {
    throw failure(asset.displayName, asset.path, networkReason(error));
  }
  const text = await response.text();
  if (!response.ok) throw failure(asset.displayName, asset.path, `the local AgentCore answered ${response.status} ${text.slice(0, 300)}`);
}

function failure(name: string, path: string, why: string): DeployerError {
  return new DeployerError(`asset ${name} (${path}) could not be uploaded: ${why}`);
}
