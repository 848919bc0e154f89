import { ObjectLocation } from './assets';
import { AssetLookup } from './locations';
import { readJson } from './manifest';
import { Template } from '../template/template';

/** The object of S3 that an HTTPS URL names, in path style or with the bucket in the host; undefined for other URLs. */
export function objectOf(url: string): ObjectLocation | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  if (/^s3[.-]/.test(hostname)) {
    const slash = path.indexOf('/');
    return slash > 0 ? { bucket: path.slice(0, slash), key: path.slice(slash + 1) } : undefined;
  }
  const bucket = /^(.+)\.s3[.-]/.exec(hostname)?.[1];
  return bucket === undefined ? undefined : { bucket, key: path };
}

/** What is said of a URL for which there is no template. */
export function noTemplate(url: string): string {
  return `the assembly has no template for ${url}; only nested templates that come with the assembly can be deployed locally`;
}

/** A template among the file assets of an assembly. */
export interface TemplateFile {
  readonly path: string;
  readonly template: Template;
}

/**
 * The template that a file asset holds; undefined if no asset belongs at the URL.
 *
 * @param find the asset of a place of a bucket
 */
export function templateAt(url: string, find: AssetLookup): TemplateFile | undefined {
  const location = objectOf(url);
  const asset = location && find(location);
  if (!asset) return undefined;
  return { path: asset.path, template: readJson(asset.path, `the template ${asset.displayName} is missing; run \`cdk synth\` again`) as Template };
}
