import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { textsIn } from './intrinsics';
import { Template } from './template';
import { acknowledges } from '../runtime/warning';

/** A template of a synthesized app, with what the assembly knows of its constructs. */
export interface SynthesizedTemplate {
  readonly file: string;
  readonly template: Template;
  /** The path of the construct that a resource comes from; its logical id where the assembly does not tell. */
  pathOf(logicalId: string): string;
  /** Whether a rule is acknowledged on the construct at a path, or on one that it is in. */
  isAcknowledged(constructPath: string, ruleId: string): boolean;
}

interface MetadataEntry {
  readonly type: string;
  readonly data?: unknown;
}

/** An entry, and the path of the construct that it is about. */
interface LocatedEntry extends MetadataEntry {
  readonly at: string;
}

/** What the files beside the template of a stack tell. */
interface StackFiles {
  readonly entries: readonly LocatedEntry[];
  readonly region?: string;
  /** Files by asset hash; the templates of nested stacks are among them. */
  readonly assets: Readonly<Record<string, string>>;
}

interface StackArtifact {
  readonly environment?: string;
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  readonly properties?: { readonly templateFile?: string };
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { readonly source?: { readonly path?: string } }>>;
}

type Metadata = Readonly<Record<string, readonly MetadataEntry[]>>;

/** Reads the templates of stacks, and those of the stacks nested in them. */
export function readTemplates(files: readonly string[]): SynthesizedTemplate[] {
  return files.flatMap((file) => withNested(file, '', stackFiles(file)));
}

/** @param scope the path of the nested stack that the template is of; empty for a stack of the app */
function withNested(file: string, scope: string, beside: StackFiles): SynthesizedTemplate[] {
  const template = new Template(readJson(file), beside.region);
  const own = beside.entries.filter(({ at }) => at.startsWith(scope));
  const pathsOf = (logicalId: string) => own.filter(({ type, data }) => type === 'aws:cdk:logicalId' && data === logicalId).map(({ at }) => at);

  const nested = template.resources.filter(({ type }) => type === 'AWS::CloudFormation::Stack').flatMap(({ logicalId, properties }) => {
    const url = textsIn(properties.TemplateURL).join('');
    const hash = Object.keys(beside.assets).find((candidate) => url.includes(candidate));
    // the resource of a nested stack lies beside its scope: `Parent/Name.NestedStack/Name.NestedStackResource`
    const at = path.posix.dirname(pathsOf(logicalId)[0] ?? '').replace(/\.NestedStack$/, '');
    return hash ? [{ file: path.join(path.dirname(file), beside.assets[hash]), scope: `${at}/` }] : [];
  });
  return [
    {
      file,
      template,
      pathOf: (logicalId) => pathsOf(logicalId).find((at) => !nested.some((inner) => at.startsWith(inner.scope))) ?? logicalId,
      isAcknowledged: (constructPath, id) => beside.entries.some(({ type, data, at }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY
        && (constructPath === at || constructPath.startsWith(`${at}/`)) && typeof data === 'object' && data !== null && acknowledges(data, id)),
    },
    ...nested.filter((inner) => existsSync(inner.file)).flatMap((inner) => withNested(inner.file, inner.scope, beside)),
  ];
}

function stackFiles(templateFile: string): StackFiles {
  const directory = path.dirname(templateFile);
  const { artifacts = {} } = readIfThere(path.join(directory, 'manifest.json')) as { readonly artifacts?: Record<string, StackArtifact> };
  const [id, stack] = Object.entries(artifacts).find(([, { properties }]) => properties?.templateFile === path.basename(templateFile)) ?? [];
  const metadata = stack?.metadata
    ?? (stack?.additionalMetadataFile ? readIfThere(path.join(directory, stack.additionalMetadataFile)) as Metadata : {});
  const { files = {} } = readIfThere(path.join(directory, `${id}.assets.json`)) as AssetManifest;
  const region = stack?.environment?.split('/').pop();
  return {
    entries: Object.entries(metadata).flatMap(([at, entries]) => entries.map((entry) => ({ ...entry, at: at.replace(/^\//, '') }))),
    region: region === 'unknown-region' ? undefined : region,
    assets: Object.fromEntries(Object.entries(files).map(([hash, { source }]) => [hash, source?.path ?? ''])),
  };
}

function readIfThere(file: string): object {
  return existsSync(file) ? readJson(file) as object : {};
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
