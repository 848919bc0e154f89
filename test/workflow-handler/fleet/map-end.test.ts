import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { MemoryLedger } from '../../../src/provider/ledger';
import { FleetEnd, ReportFleetTask } from '../../../src/workflow-handler/contract';
import { mapEndOf } from '../../../src/workflow-handler/fleet/map-end';
import { reportFleet } from '../../../src/workflow-handler/fleet/report-fleet';
import { FakeClock } from '../../util/fake-clock';

const DENIED = 'User is not authorized to perform: s3:GetObject (Status Code: 403)';
const READER_FAILED = { Error: 'States.ItemReaderFailed', Cause: DENIED };
const task = (ended: ReportFleetTask['ended']): ReportFleetTask => ({
  action: 'reportFleet',
  execution: 'arn:aws:states:us-east-1:123456789012:execution:Fleet:tonight',
  startedAt: '1970-01-01T00:00:00Z',
  mapRuns: [{ MapRunArn: 'arn:aws:states:us-east-1:123456789012:mapRun:Fleet/FailedSessions:run' }],
  bucket: 'results',
  folder: 'fleets/tonight',
  ended,
});

describe('how the Map has ended', () => {
  test.each<[string, ReportFleetTask['ended'], object]>([
    ['well', {}, { reason: '', isUnread: false }],
    ['by failures', { Error: 'States.ExceedToleratedFailureThreshold', Cause: 'too many' }, { error: 'States.ExceedToleratedFailureThreshold', reason: 'too many', isUnread: false }],
    ['without a cause', { Error: 'States.Runtime' }, { error: 'States.Runtime', reason: '', isUnread: false }],
    ['without its own list', READER_FAILED, { error: 'States.ItemReaderFailed', reason: DENIED, isUnread: true }],
  ])('%s', (_, ended, end) => {
    expect(mapEndOf(task(ended))).toEqual(end);
  });

  test('without the items that failed in another execution: a denial may only mean that there is none of that name', () => {
    expect(mapEndOf(task({ redrive: 'last-nigth', ended: READER_FAILED }))).toEqual({
      error: 'States.ItemReaderFailed',
      reason: 's3://results/fleets/last-nigth/failed.json is not there, or this state machine is not allowed to read it; '
        + `give as redrive the name of an execution of this fleet that has ended, which is the last part of its ARN (${DENIED})`,
      isUnread: true,
    });
  });
});

describe('the report', () => {
  let s3: Server;
  let stored: Map<string, string>;
  let client: BedrockAgentCoreClient;
  const before = process.env.AWS_ENDPOINT_URL_S3;

  beforeEach(async () => {
    stored = new Map();
    s3 = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        if (request.method === 'GET') return void response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
        stored.set(request.url!, Buffer.concat(chunks).toString());
        response.end();
      });
    });
    await new Promise<void>((resolve) => s3.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${(s3.address() as AddressInfo).port}`;
    client = new BedrockAgentCoreClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  });

  afterEach(async () => {
    if (before === undefined) delete process.env.AWS_ENDPOINT_URL_S3;
    else process.env.AWS_ENDPOINT_URL_S3 = before;
    client.destroy();
    s3.closeAllConnections();
    await new Promise((resolve) => s3.close(resolve));
  });

  const report = async (ended: ReportFleetTask['ended']): Promise<FleetEnd> => {
    const clock = new FakeClock(0);
    return reportFleet(task(ended), { client, clock, ledger: new MemoryLedger(clock), log: () => {}, deadline: 900_000 });
  };

  test('is made without results if the list could not be read', async () => {
    const { error, summary } = await report({ redrive: 'never', ended: READER_FAILED });
    expect([error, summary]).toEqual(['States.ItemReaderFailed', expect.objectContaining({ sessions: 0, reason: expect.stringMatching(/fleets\/never\/failed\.json is not there, or/) })]);
    expect([...stored.keys()].sort()).toEqual(['failed.json', 'report.svg', 'sessions.csv', 'summary.json'].map((file) => `/results/fleets/tonight/${file}`));
  });

  test('is not made without results of a Map that has read its list', async () => {
    await expect(report({ Error: 'States.ExceedToleratedFailureThreshold', Cause: 'too many' })).rejects.toThrow(/the results of the fleet could not be read: .*Access Denied/);
  });
});
