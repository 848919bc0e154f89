import { FAILED_ITEMS, ReportFleetTask } from '../contract';

/** The error of a Map whose list could not be read. */
const READER_FAILED = 'States.ItemReaderFailed';

/** How the Map of a fleet has ended. */
export interface MapEnd {
  /** The name of its error; undefined if it has succeeded. */
  readonly error?: string;
  /** In words; empty if it has succeeded. */
  readonly reason: string;
  /** Whether it failed since its list could not be read, so that there may be no results. */
  readonly isUnread: boolean;
}

/** What the Map has handed on, and in words for a list of failed items that could not be read. */
export function mapEndOf({ ended, execution, bucket, folder }: ReportFleetTask): MapEnd {
  const { Error: error, Cause: cause = '' } = ended.ended ?? ended;
  if (error === undefined) return { reason: '', isUnread: false };
  if (error !== READER_FAILED || ended.redrive === undefined) return { error, reason: cause, isUnread: error === READER_FAILED };
  const fleets = folder.slice(0, folder.length - execution.split(':').at(-1)!.length);
  // S3 answers 403 for an object that is not there to those who may not list the bucket: it does not say which of the two it is
  const reason = `s3://${bucket}/${fleets}${ended.redrive}/${FAILED_ITEMS} is not there, or this state machine is not allowed to read it; `
    + `give as redrive the name of an execution of this fleet that has ended, which is the last part of its ARN (${cause})`;
  return { error, reason, isUnread: true };
}
