import { Readable } from 'node:stream';
import { MapEnd, mapEndOf } from './map-end';
import { drawReport } from './report-picture';
import { ResultLine, SessionEnd, sessionEndOf, SUCCEEDED } from './session-end';
import { Spool } from './spool';
import { FleetTally } from './tally';
import { describeError } from '../../client/errors';
import { retry } from '../../client/retry';
import { getObject, linesOfObject } from '../../provider/get-object';
import { putObject } from '../../provider/put-object';
import { FAILED_ITEMS, FleetEnd, FleetSummary, ReportFleetTask } from '../contract';
import { TaskContext } from '../task-context';
import { TaskError } from '../task-error';

/** How often, and for how long, results are looked for that may not be there yet, or whose stream breaks off. */
const READING = { attempts: 6, firstPauseMillis: 1_000, longestPauseMillis: 10_000 } as const;

/** The same if the Map could not read its list: then Step Functions may have written no results at all. */
const READING_UNREAD = { ...READING, attempts: 2 } as const;

const FILES = { picture: 'report.svg', table: 'sessions.csv', summary: 'summary.json', failedItems: FAILED_ITEMS } as const;
const TYPES: Readonly<Record<keyof typeof FILES, string>> = {
  picture: 'image/svg+xml', table: 'text/csv; charset=utf-8', summary: 'application/json', failedItems: 'application/json',
};

/** How much of the cause of the Map's error a summary tells: with it, it is the cause of an error itself, which has its limit. */
const REASON_CHARACTERS = 2_000;

/** What Step Functions writes beside the results, as far as it is read here. */
interface Manifest {
  readonly ResultFiles: Readonly<Record<string, readonly { readonly Key: string }[]>>;
}

/** What was read of all sessions. */
interface Reading {
  readonly tally: FleetTally;
  readonly table: Spool;
  readonly failedItems: Spool;
}

/**
 * Reads what has come of each item, and writes the report beside it.
 *
 * @throws TaskError `ReportNotMade`
 */
export async function reportFleet(task: ReportFleetTask, context: TaskContext): Promise<FleetEnd> {
  const { client, clock, log } = context;
  const end = mapEndOf(task);
  const reading = await retry(() => read(task, context), {
    clock,
    ...(end.isUnread ? READING_UNREAD : READING),
    retryable: () => true,
    onRetry: (error, attempt) => log('reading results again', { attempt, error: describeError(error) }),
  }).catch(async (error) => {
    if (!end.isUnread) throw notMade('read', error);
    log('there are no results, as the list could not be read', { error: describeError(error) });
    return read({ ...task, mapRuns: [] }, context);
  });
  try {
    const summary = summaryOf(task, end, reading.tally, clock.now());
    const { bucket, folder } = task;
    const put = async (file: keyof typeof FILES, length: number, content: () => Readable) =>
      putObject(client, { bucket, key: `${folder}/${FILES[file]}`, length, content, contentType: TYPES[file] });
    const putText = async (file: keyof typeof FILES, text: string) => put(file, Buffer.byteLength(text), () => Readable.from([Buffer.from(text)]));
    for (const file of ['table', 'failedItems'] as const) {
      const content = await reading[file].content();
      await put(file, reading[file].length, content);
    }
    await putText('picture', drawReport(summary, reading.tally.durations));
    await putText('summary', `${JSON.stringify(summary, undefined, 2)}\n`);
    log('reported', { sessions: summary.sessions, succeeded: summary.succeeded, failed: summary.failed, notStarted: summary.notStarted });
    return summary.outcome === SUCCEEDED ? { summary } : { summary, error: summary.outcome, cause: JSON.stringify(summary) };
  } catch (error) {
    throw notMade('stored', error);
  } finally {
    await remove(reading);
  }
}

function notMade(what: string, error: unknown): TaskError {
  return new TaskError('reportNotMade', `the results of the fleet could not be ${what}: ${describeError(error)}`, error);
}

async function read({ mapRuns, bucket, folder }: ReportFleetTask, { client }: TaskContext): Promise<Reading> {
  const reading: Reading = { tally: new FleetTally(), table: await Spool.open(), failedItems: await Spool.open() };
  try {
    await reading.table.add('index,sessionId,outcome,exitCode,durationMillis\n');
    let separator = '[';
    for (const { MapRunArn: arn } of mapRuns) {
      const manifest: Manifest = JSON.parse(await getObject(client, { bucket, key: `${folder}/${arn.split(':').at(-1)!}/manifest.json` }));
      for (const { Key: key } of Object.values(manifest.ResultFiles).flat()) {
        for await (const line of linesOfObject(client, { bucket, key })) {
          const end = sessionEndOf(JSON.parse(line) as ResultLine);
          reading.tally.add(end);
          await reading.table.add(rowOf(end));
          if (end.outcome === SUCCEEDED) continue;
          const { item: { item, index, fleet } } = end;
          await reading.failedItems.add(`${separator}${JSON.stringify({ item, index, fleet })}`);
          separator = ',\n';
        }
      }
    }
    await reading.failedItems.add(separator === '[' ? '[]\n' : ']\n');
    return reading;
  } catch (error) {
    await remove(reading);
    throw error;
  }
}

async function remove({ table, failedItems }: Reading): Promise<void> {
  await Promise.all([table.remove(), failedItems.remove()]);
}

function rowOf({ item, sessionId, outcome, exitCode, durationMillis }: SessionEnd): string {
  return `${[item.index, sessionId, outcome, exitCode, durationMillis].map(cell).join(',')}\n`;
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

function summaryOf(
  { execution, startedAt, bucket, folder }: ReportFleetTask, { error, reason }: MapEnd, tally: FleetTally, now: number,
): FleetSummary {
  return {
    execution,
    outcome: error ?? SUCCEEDED,
    reason: reason.slice(0, REASON_CHARACTERS),
    ...tally.totals,
    elapsedMillis: now - Date.parse(startedAt),
    files: Object.fromEntries(Object.entries(FILES).map(([file, name]) => [file, `s3://${bucket}/${folder}/${name}`])) as Record<keyof typeof FILES, string>,
  };
}
