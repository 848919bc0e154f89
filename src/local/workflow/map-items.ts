import { ObjectAccess, StatesError } from './execution';
import { JsonValue } from './interpreter';
import { isObject, JsonObject } from '../deployer/json';

/** Reads the list of items of a Distributed Map: JSON, JSON Lines or CSV with a header. */
export async function readItems(reader: JsonObject, { Bucket: bucket, Key: key }: JsonObject, objects: ObjectAccess): Promise<JsonValue[]> {
  if (typeof bucket !== 'string' || typeof key !== 'string') throw new StatesError('States.ItemReaderFailed', 'the ItemReader names no Bucket and Key');
  const config = isObject(reader.ReaderConfig) ? reader.ReaderConfig : {};
  const text = await objects.read(bucket, key).catch((error) => { throw new StatesError('States.ItemReaderFailed', error.message); });
  const items = parse(text, config, `s3://${bucket}/${key}`);
  return typeof config.MaxItems === 'number' ? items.slice(0, config.MaxItems) : items;
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
    default: throw new StatesError('States.ItemReaderFailed', `InputType ${String(config.InputType)} is not read locally; allowed are JSON, JSONL and CSV`);
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
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replace(/""/g, '"') ?? plain ?? '');
}
