import { gunzipSync } from 'node:zlib';
import { ObjectAccess, StatesError } from './execution';
import { JsonValue } from './interpreter';
import { isObject, JsonObject } from '../deployer/json';

/** Reads the list of items of a Distributed Map: JSON, JSON Lines, CSV, or an inventory of S3 that is CSV. */
export async function readItems(reader: JsonObject, { Bucket: bucket, Key: key }: JsonObject, objects: ObjectAccess): Promise<JsonValue[]> {
  if (typeof bucket !== 'string' || typeof key !== 'string') throw new StatesError('States.ItemReaderFailed', 'the ItemReader names no Bucket and Key');
  const config = isObject(reader.ReaderConfig) ? reader.ReaderConfig : {};
  const text = await readText(bucket, key, objects);
  const place = `s3://${bucket}/${key}`;
  const items = config.InputType === 'MANIFEST' ? await inventory(json(text, place), place, objects) : parse(text, config, place);
  return typeof config.MaxItems === 'number' ? items.slice(0, config.MaxItems) : items;
}

/** An object as text, which may be compressed. */
async function readText(bucket: string, key: string, objects: ObjectAccess): Promise<string> {
  const content = await objects.read(bucket, key).catch((error) => { throw new StatesError('States.ItemReaderFailed', error.message); });
  const isCompressed = content[0] === 0x1f && content[1] === 0x8b;
  return (isCompressed ? gunzipSync(content) : content).toString('utf8');
}

/**
 * The objects that an inventory lists, by the columns of its schema.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
 */
async function inventory(manifest: JsonValue, place: string, objects: ObjectAccess): Promise<JsonValue[]> {
  const { files, fileFormat: format, fileSchema: schema, destinationBucket: destination } = isObject(manifest) ? manifest : {};
  if (format !== 'CSV' || typeof schema !== 'string' || typeof destination !== 'string' || !Array.isArray(files)) {
    throw new StatesError('States.ItemReaderFailed', `${place} is no manifest of an inventory in CSV, with files, fileFormat, fileSchema and destinationBucket`);
  }
  const header = schema.split(',').map((name) => name.trim());
  const bucket = destination.split(':').at(-1)!;
  const keys = files.map((file) => String(isObject(file) ? file.key : undefined));
  const parts = await Promise.all(keys.map(async (key) => rows(await readText(bucket, key, objects), { CSVHeaders: header })));
  return parts.flat();
}

function parse(text: string, config: JsonObject, place: string): JsonValue[] {
  switch (config.InputType) {
    case 'JSON': {
      const value = json(text, place);
      if (Array.isArray(value)) return value;
      throw new StatesError('States.ItemReaderFailed', `${place} holds no list of JSON`);
    }
    case 'JSONL': return text.split('\n').filter((line) => line.trim() !== '').map((line) => json(line, place));
    case 'CSV': return rows(text, config);
    default: throw new StatesError('States.ItemReaderFailed', `InputType ${String(config.InputType)} is not read locally; allowed are JSON, JSONL, CSV and MANIFEST`);
  }
}

function json(text: string, place: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StatesError('States.ItemReaderFailed', `${place} is not JSON: ${(error as Error).message}`);
  }
}

function rows(text: string, config: JsonObject): JsonValue[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '').map(cells);
  const header = Array.isArray(config.CSVHeaders) ? config.CSVHeaders.map(String) : lines.shift() ?? [];
  return lines.map((line) => Object.fromEntries(header.map((name, i) => [name, line[i] ?? ''])));
}

/** The cells of a line; those in quotes may hold commas. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^,]*))(?=,|$)/g)].map(([, quoted, plain]) => quoted?.replace(/""/g, '"') ?? plain ?? '');
}
