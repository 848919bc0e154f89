import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { JsonPath, OutputType, ResultWriterV2, S3JsonItemReader, Transformation, WriterConfig } from 'aws-cdk-lib/aws-stepfunctions';
import { FAILED_ITEMS } from '../workflow-handler/contract';

/** Where the results of fleets are kept: a folder of a bucket, with one for each execution in it. */
export interface FleetFolder {
  readonly bucket: IBucket;
  /** With a slash at its end. */
  readonly prefix: string;
}

/** The folder of an execution whose name is at a path. */
export function folderOf({ prefix }: FleetFolder, execution: string): string {
  return JsonPath.format(`${prefix}{}`, execution);
}

/**
 * Writes what has come of each session, line by line, so that somebody can read it who does not have room for all of it. Unlike
 * the official class, which allows the whole bucket, it allows its own folder.
 */
export class FleetResultWriter extends ResultWriterV2 {
  constructor(private readonly folder: FleetFolder) {
    super({
      bucket: folder.bucket,
      prefix: folderOf(folder, JsonPath.executionName),
      writerConfig: new WriterConfig({ transformation: Transformation.NONE, outputType: OutputType.JSONL }),
    });
  }

  public providePolicyStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
        resources: [objectsOf(this.folder)],
      }),
      ...keyOf(this.folder, ['kms:GenerateDataKey', 'kms:Decrypt']),
    ];
  }
}

/** Reads the items that have failed in the execution that `redrive` in the input names. */
export class FailedItemsReader extends S3JsonItemReader {
  constructor(folder: FleetFolder) {
    super({ bucket: folder.bucket, key: JsonPath.format(`${folder.prefix}{}/${FAILED_ITEMS}`, JsonPath.stringAt('$.redrive')) });
  }

  public providePolicyStatements(): PolicyStatement[] {
    // what the writer of the same state machine is allowed is enough
    return [];
  }
}

/** All objects of the folder, as policies name them. */
export function objectsOf({ bucket, prefix }: FleetFolder): string {
  // not by `arnForObjects`: a bucket that is declared in another stack would need an export for its ARN besides that of its name
  return `arn:${Aws.PARTITION}:s3:::${bucket.bucketName}/${prefix}*`;
}

/** What is needed of the key that the bucket is encrypted with, where it has one of its own. */
export function keyOf({ bucket: { encryptionKey } }: FleetFolder, actions: string[]): PolicyStatement[] {
  return encryptionKey ? [new PolicyStatement({ actions, resources: [encryptionKey.keyArn] })] : [];
}
