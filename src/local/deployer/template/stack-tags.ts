import { isObject, JsonObject } from '../json';

/** The types among those deployed here whose resources CloudFormation tags with the tags of their stack. */
const TAGGED_TYPES = ['AWS::CloudFormation::Stack', ...['Runtime', 'RuntimeEndpoint', 'CapacityProvider'].map((name) => `AWS::BedrockAgentCore::${name}`)];

/** The properties of a resource with the tags of its stack; its own tags win. */
export function withStackTags(type: string, properties: JsonObject, stackTags: Readonly<Record<string, string>>): JsonObject {
  if (!TAGGED_TYPES.includes(type) || Object.keys(stackTags).length === 0) return properties;
  return { ...properties, Tags: { ...stackTags, ...tagsOf(properties) } };
}

/** The tags of a template, which has them as a map or as a list of keys and values. */
export function tagsOf({ Tags: tags }: JsonObject): Record<string, string> {
  if (Array.isArray(tags)) return Object.fromEntries(tags.filter(isObject).map(({ Key, Value }) => [String(Key), String(Value)]));
  return isObject(tags) ? Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])) : {};
}
